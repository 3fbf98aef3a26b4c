"""What a question is before it becomes a vector: short, valid Unicode, without what carries no meaning."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# Rollups keep as much of a question (rollups.questions); the longest a vector is computed for.
LONGEST: Final = 160

# As many questions have a vector in a weekly run at most, and as many bytes of them in UTF-8 on average:
# 6,000 of a usual length in any script, or half a minute of anybody's gibberish.
ENCODED: Final = 6_000
_BYTES_OF_A_TEXT: Final = 100

_PUNCTUATION: Final = re.compile(r"[!?¿¡.,;:…()\"“”«»。、，！？；：؟،؛।]+")


def tidied(text: str) -> str:
    """Return the text without punctuation, marks of direction and lone surrogates, in at most `LONGEST` characters.

    Capitals stay, as German nouns depend on them, unless there is nothing else.
    """
    cut = text[: 2 * LONGEST].encode("utf-8", "ignore").decode()
    visible = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in cut)
    words = _PUNCTUATION.sub(" ", unicodedata.normalize("NFKC", visible)).split()
    plain = " ".join(words)[:LONGEST].strip()
    return plain.lower() if plain.isupper() else plain


def within_bounds(texts: Sequence[str], most: int = ENCODED) -> list[str]:
    """Return the first of the texts, tidied, as many as may have a vector."""
    result: list[str] = []
    left = most * _BYTES_OF_A_TEXT
    for text in texts[:most]:
        short = tidied(text)
        left -= len(short.encode())
        if left < 0:
            break
        result.append(short)
    return result
