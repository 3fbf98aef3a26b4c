"""Likeness by words: for languages that the sentence encoder does not know, and where it is missing.

Every text is a vector of its pieces of words, weighted by how rare they are on the site (TF-IDF;
Spärck Jones, 1972), folded into a fixed length (feature hashing; Weinberger et al., ICML 2009).
"""

from __future__ import annotations

import unicodedata
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.vectors import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_DIMENSIONS: Final = 2048
_LONGEST_PIECE: Final = 5
_SHORTEST_PIECE: Final = 3
_LONGEST_WORD: Final = 40
_FIRST_UNSPACED: Final = "\u0e00"


def word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return one row of length 1 for each text; texts without a letter or digit in common are at right angles."""
    counts = [Counter(_pieces(text)) for text in texts]
    occurs = Counter(piece for count in counts for piece in count)
    vectors = np.zeros((len(texts), _DIMENSIONS), np.float32)
    for row, count in zip(vectors, counts, strict=True):
        for piece, times in count.items():
            rarity = np.log((len(texts) + 1) / occurs[piece])
            place = zlib.crc32(piece.encode("utf-8", "ignore"))
            row[place % _DIMENSIONS] += (1 + np.log(times)) * rarity * (1 if place & 0x80000000 else -1)
    return normalised(vectors)


def _pieces(text: str) -> Iterator[str]:
    for word in "".join(_letters(text)).split()[:_LONGEST_WORD]:
        bounded = f"^{word[:_LONGEST_WORD]}$"
        shortest = 1 if word[0] >= _FIRST_UNSPACED else _SHORTEST_PIECE
        for length in range(shortest, _LONGEST_PIECE + 1):
            for start in range(len(bounded) - length + 1):
                yield bounded[start : start + length]


def _letters(text: str) -> Iterator[str]:
    for char in unicodedata.normalize("NFKC", text.casefold()):
        yield char if unicodedata.category(char)[0] in "LNM" else " "
