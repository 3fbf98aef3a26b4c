"""What a question is before it becomes a vector: short, valid Unicode, without what carries no meaning."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Rollups keep as much of a question (rollups.questions); the longest a vector is computed for.
LONGEST: Final = 160

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
