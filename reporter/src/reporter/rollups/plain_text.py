"""Text without what differs between two spellings of the same words: capitals, accents, vowel points."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_APOSTROPHES: Final = str.maketrans(dict.fromkeys("’‘ʼʻ′＇`´ˈ", "'") | {"ı": "i"})

# Accents of Latin, Greek and Cyrillic, vowel points of Hebrew, vowel signs of Arabic with hamza and
# madda on their letters, and the stroke that stretches an Arabic word. The marks of other scripts
# are vowels: without them other words are left.
_ACCENTS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")

# In Cyrillic a mark makes another letter (й, ї, ў), but for stress and the dots of ё.
_CYRILLIC: Final = re.compile("[\u0400-\u052f]")
_STRESS: Final = frozenset("\u0300\u0301\u0308")
_DOTTED: Final = frozenset("іІ")


def plain(text: str) -> str:
    """Return the text in lower case, without accents, vowel points and invisible characters."""
    if text.isascii() and text.isprintable():
        return text.replace("`", "'").lower()
    # Decomposing yields capitals (of U+210D) and folding yields compositions, so each is done
    # until nothing changes: as toNFKC_Casefold in The Unicode Standard, section 3.13.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold())
    decomposed = unicodedata.normalize("NFKD", decomposed.casefold()).translate(_APOSTROPHES)
    return unicodedata.normalize("NFC", "".join(_kept(decomposed)))


def _kept(decomposed: str) -> Iterator[str]:
    base = ""
    for char in decomposed:
        if _ACCENTS.match(char):
            if _CYRILLIC.match(base) and (char not in _STRESS or base in _DOTTED):
                yield char
        elif char.isspace() or unicodedata.category(char) not in {"Cf", "Cc"}:
            base = char
            yield char


@cache
def marks() -> str:
    """Return the combining marks of all scripts, as the inside of a class of a regular expression."""
    spans: list[tuple[int, int]] = []
    for code in chain(range(0x20000), range(0xE0100, 0xE01F0)):
        if unicodedata.category(chr(code)) in {"Mn", "Mc"}:
            if spans and spans[-1][1] == code - 1:
                spans[-1] = (spans[-1][0], code)
            else:
                spans.append((code, code))
    return "".join(f"{chr(first)}-{chr(last)}" if last > first else chr(first) for first, last in spans)
