"""How many questions were asked again in entirely other words, by meaning, from a sample of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.languages import understood
from reporter.topics.text import tidied
from reporter.topics.vectors import neutral_mean, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.rollups.pairs import Pair, Pairs
    from reporter.rollups.rephrasing import Rephrasing
    from reporter.topics.encoder import SentenceEncoder

# Cosine around the neutral mean. Of the pairs of one meaning in half of tools/benchmarks' labelled
# questions, 0.30 finds 69 % and 0.35 59 %, 0.40 51 % and 0.45 42 %, all at 96 to 99 % precision where
# as many pairs have another meaning. After a good answer, most questions that follow are other ones.
_LIKE_AFTER_FAILURE: Final = 0.33
_LIKE_AFTER_ANSWER: Final = 0.42


@dataclass(frozen=True, slots=True)
class Rephrased:
    """What was found by meaning besides what was found by words.

    Attributes:
        count: about how many, from the sample's share and how many pairs there were.
        judged: how many pairs the sample has.
        pairs: those that mean the same, the ones that worked first.

    """

    count: int = 0
    judged: int = 0
    pairs: list[Pair] = field(default_factory=list)


def by_meaning(rephrasing: Rephrasing, encoder: SentenceEncoder) -> Rephrased:
    """Judge the pairs that share too few words."""
    found: list[Pair] = []
    count = judged = 0
    for pairs, least in (
        (rephrasing.after_failure, _LIKE_AFTER_FAILURE),
        (rephrasing.after_answer, _LIKE_AFTER_ANSWER),
    ):
        alike = _alike(pairs, least, encoder)
        found += alike
        judged += len(pairs.sample)
        count += round(len(alike) / len(pairs.sample) * pairs.count) if pairs.sample else 0
    return Rephrased(count, judged, sorted(found, key=lambda pair: (not pair.worked, -pair.moment_ms, pair.second)))


def _alike(pairs: Pairs, least: float, encoder: SentenceEncoder) -> Sequence[Pair]:
    if not pairs.sample:
        return []
    texts = [tidied(text) for pair in pairs.sample for text in (pair.first, pair.second)]
    vectors = encoder.encode(texts)
    known = understood(texts, vectors)
    centred = normalised(vectors - neutral_mean())
    cosines = np.einsum("ij,ij->i", centred[::2], centred[1::2])
    return [
        pair
        for number, pair in enumerate(pairs.sample)
        if cosines[number] >= least and known[2 * number] and known[2 * number + 1]
    ]
