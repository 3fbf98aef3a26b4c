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
    numbers: dict[str, int] = {}
    rows: list[int] = []
    pieces: list[int] = []
    times: list[int] = []
    for row, text in enumerate(texts):
        for piece, count in Counter(_pieces(text)).items():
            rows.append(row)
            pieces.append(numbers.setdefault(piece, len(numbers)))
            times.append(count)
    vectors = np.zeros((len(texts), _DIMENSIONS), np.float32)
    if not pieces:
        return vectors
    rarity = np.log((len(texts) + 1) / np.bincount(pieces, minlength=len(numbers)))
    hashes = np.array([zlib.crc32(piece.encode("utf-8", "ignore")) for piece in numbers], np.uint32)
    signed = rarity * np.where(hashes & 0x80000000, 1, -1)
    weights = (1 + np.log(np.array(times))) * signed[pieces]
    places = np.array(rows) * _DIMENSIONS + (hashes % _DIMENSIONS)[pieces]
    np.add.at(vectors.reshape(-1), places, weights.astype(np.float32))
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
