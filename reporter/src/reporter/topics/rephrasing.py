"""How many questions were asked again in entirely other words, by meaning, from a sample of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.languages import understood
from reporter.topics.text import tidied
from reporter.topics.vectors import normalised, own_share, site_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.rollups.pairs import Pair
    from reporter.rollups.rephrasing import Rephrasing
    from reporter.topics.encoder import SentenceEncoder
    from reporter.topics.followed import Followed

# Cosines around the site's mean, which is drawn towards the neutral one where questions are few
# (`vectors.site_mean`): the first where there are hardly any, the second where there are many. After a
# good answer, most questions that follow are other ones.
_LIKE_AFTER_FAILURE: Final = (0.26, 0.20)
_LIKE_AFTER_ANSWER: Final = (0.31, 0.30)


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


def by_meaning(rephrasing: Rephrasing, encoder: SentenceEncoder, site: Followed | None = None) -> Rephrased:
    """Judge the pairs that share too few words, around the mean of the site's questions, or else of their own."""
    kinds = ((rephrasing.after_failure, _LIKE_AFTER_FAILURE), (rephrasing.after_answer, _LIKE_AFTER_ANSWER))
    sample = [pair for pairs, _ in kinds for pair in pairs.sample]
    if not sample:
        return Rephrased()
    cosines, own = _cosines(sample, encoder, site)
    found: list[Pair] = []
    count = begin = 0
    for pairs, (among_few, among_many) in kinds:
        least = among_few + (among_many - among_few) * own
        likeness = cosines[begin : begin + len(pairs.sample)]
        alike = [pair for pair, cosine in zip(pairs.sample, likeness, strict=True) if cosine >= least]
        begin += len(pairs.sample)
        found += alike
        count += round(len(alike) / len(pairs.sample) * pairs.count) if pairs.sample else 0
    found.sort(key=lambda pair: (not pair.worked, -pair.moment_ms, pair.second))
    return Rephrased(count, len(sample), found)


def _cosines(sample: Sequence[Pair], encoder: SentenceEncoder, site: Followed | None) -> tuple[list[float], float]:
    """Return how like the two of each pair are, -1 where the encoder cannot tell; and the site's share of the mean."""
    texts = [tidied(text) for pair in sample for text in (pair.first, pair.second)]
    vectors = encoder.encode(texts)
    known = np.array(understood(texts, vectors))
    if site is None or site.mean is None:
        # Many may ask the same.
        different = [row for row in {text: row for row, text in enumerate(texts)}.values() if known[row]]
        mean, own = site_mean(vectors[different]), own_share(len(different))
    else:
        mean, own = site.mean, own_share(site.understood)
    centred = normalised(vectors - mean)
    cosines = np.einsum("ij,ij->i", centred[::2], centred[1::2])
    return np.where(known[::2] & known[1::2], cosines, -1.0).tolist(), own
