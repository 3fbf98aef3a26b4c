"""Where on a site failures gather, beyond chance: a scan statistic over meaning.

What fails is looked for among the failures themselves, near in meaning or of one topic, and is compared
with what was answered around it (Kulldorff, "A spatial scan statistic", 1997). So many places are looked
at that some stand out on any site: the same scan of failures dealt out at random tells how many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.rollups.group import visitors_of
from reporter.topics.clustering import average_linkage, likenesses_of_some
from reporter.topics.sizes import neighbourhood, neighbours_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Mean cosines around the site's mean. Failures are few, and what was answered near them speaks against
# a wrong join, so that less likeness is telling than among all questions (`sizes`).
_ALIKE: Final = 0.30
_AROUND: Final = 0.45
_ALIKE_BEYOND_CHANCE: Final = 0.28
_NEIGHBOURS_SHARE: Final = 0.7
_LESS_ALIKE_BY_NEIGHBOURS: Final = 0.26

# Of sites whose failures are chance, one in so many has a gap; of what is listed, at most so much is chance.
_SITES_BY_CHANCE: Final = 0.05
_SHARE_BY_CHANCE: Final = 0.2
_SURELY_SOME: Final = 5
_ROUNDS: Final = 2

# How often failures are dealt out; the fewer wordings, the cheaper.
_DEALS: Final = 20
_MOST_DEALS: Final = 200
_WORDINGS_DEALT: Final = 12_000
_SEED: Final = 16
_MOST_EXPECTED: Final = 0.5

# Wordings that are compared with each other, those that failed most first.
_COMPARED: Final = 400


@dataclass(frozen=True, slots=True)
class Matter:
    """Wordings that fail and belong together.

    Attributes:
        members: the numbers of those that failed, the most typical first.
        asked: how often they and what was answered around them were asked.
        failed: how often these failed.
        strength: the log-likelihood ratio of that rate against the rest's.

    """

    members: tuple[int, ...]
    asked: float
    failed: float
    strength: float

    @property
    def severity(self) -> float:
        """How many people times how badly."""
        return self.failed * self.failed / self.asked


@dataclass(frozen=True, slots=True)
class Site:
    """What was asked, a row for each wording.

    Attributes:
        vectors: of length 1 around the site's mean; zeros where there is none.
        topics: the topic of each, numbered from 0.
        asked: by how many people.
        visitors: who they were, as `visitors_of` counts them; 0 where that is not known.

    """

    vectors: NDArray[np.float32]
    topics: NDArray[np.int64]
    asked: NDArray[np.float64]
    visitors: Sequence[int] = ()

    def repeated(self, members: Sequence[int] | NDArray[np.int64]) -> float:
        """Return the share of those who asked some wordings that are the same person again, in other words."""
        marks = [self.visitors[number] for number in members] if self.visitors else [0]
        if not all(marks):
            return 0.0
        return max(0.0, 1 - visitors_of(reduce(or_, marks)) / float(self.asked[np.asarray(members)].sum()))


def failing(site: Site, failed: NDArray[np.float64]) -> list[Matter]:
    """Return what fails more than the rest of the site does, beyond chance; disjoint, the strongest first.

    Args:
        site: what was asked.
        failed: how often each wording failed.

    """
    found = _candidates(site, failed)
    if not found:
        return []
    kept: list[Matter] = []
    # What surely fails is no part of what fails by chance: each time the rest is compared.
    for _ in range(_ROUNDS):
        rest = np.ones(len(failed), bool)
        rest[[number for matter in kept for number in matter.members]] = False
        again = _beyond_chance(found, site, failed[rest].sum() / max(site.asked[rest].sum(), 1.0))
        if len(again) <= len(kept):
            break
        kept = again
    return _joined(kept, site)


def _beyond_chance(found: Sequence[Matter], site: Site, rate: float) -> list[Matter]:
    """Return as many of the strongest as keep the false discovery rate; none where the strongest may be chance.

    That is a Monte Carlo test (Dwass, 1957), so that few sites without a gap have one; five are no chance.
    """
    dice = np.random.default_rng(_SEED)
    asked = np.maximum(np.rint(site.asked), 1).astype(np.int64)
    dealt = min(rate, _MOST_EXPECTED)
    times = min(max(_WORDINGS_DEALT // len(asked), _DEALS), _MOST_DEALS)
    deals = [
        [matter.strength for matter in _candidates(site, dice.binomial(asked, dealt).astype(np.float64))]
        for _ in range(times)
    ]
    by_chance = np.sort(np.concatenate(deals))
    kept = 0
    for place, matter in enumerate(found, 1):
        expected = (len(by_chance) - np.searchsorted(by_chance, matter.strength)) / times
        if expected <= _SHARE_BY_CHANCE * place:
            kept = place
    stronger = sum(max(deal, default=0.0) >= found[0].strength for deal in deals)
    # Where more fails than may be expected anywhere, it is for no chance.
    if dealt == rate and kept < _SURELY_SOME and (stronger + 1) / (times + 1) > _SITES_BY_CHANCE:
        return []
    return list(found[:kept])


def _candidates(site: Site, failed: NDArray[np.float64]) -> list[Matter]:
    """Return where failures gather, disjoint, the strongest first; of those that overlap by half, the stronger."""
    every = sorted(
        (matter for matter in [*_near(site, failed), *_topics(site, failed)] if matter.strength > 0),
        key=lambda matter: (-matter.strength, matter.members),
    )
    taken = np.zeros(len(failed), bool)
    result = []
    for matter in every:
        members = np.array(matter.members)
        weights = failed[members]
        shared = taken[members]
        if weights[shared].sum() < weights.sum() / 2:
            taken[members] = True
            result.append(_without(matter, shared, site, failed) if shared.any() else matter)
    return result


def _without(matter: Matter, shared: NDArray[np.bool_], site: Site, failed: NDArray[np.float64]) -> Matter:
    """Return a matter without those of its members that are a stronger one's."""
    members = np.array(matter.members)
    theirs = members[shared]
    return replace(
        matter,
        members=tuple(map(int, members[~shared])),
        # What one visitor has repeated is off already: a person is left.
        asked=max(matter.asked - float(site.asked[theirs].sum()), 1.0),
        failed=max(matter.failed - float(failed[theirs].sum()), 0.5),
    )


def _near(site: Site, failed: NDArray[np.float64]) -> list[Matter]:
    """Return failing wordings in clusters by meaning, each with what was answered around it."""
    bad = np.flatnonzero((failed > 0) & (failed >= site.asked / 2) & site.vectors.any(axis=1))
    bad = bad[np.argsort(-failed[bad], kind="stable")[:_COMPARED]]
    if not len(bad):
        return []
    clusters = [bad[rows] for rows in average_linkage(site.vectors[bad] @ site.vectors[bad].T, _ALIKE)]
    middles = np.stack([site.vectors[members].mean(axis=0) for members in clusters])
    others = np.setdiff1d(np.arange(len(failed)), bad)
    around = (site.vectors @ middles.T >= _AROUND)[others].astype(np.float32)
    again = np.array([site.repeated(members) * failed[members].sum() for members in clusters])
    asked = np.array([site.asked[members].sum() for members in clusters]) + site.asked[others] @ around - again
    troubled = np.array([failed[members].sum() for members in clusters]) + failed[others] @ around - again
    strengths = _strengths(troubled, asked, site, failed)
    return [
        _matter(members, site, asked[place], troubled[place], strengths[place])
        for place, members in enumerate(clusters)
    ]


def _topics(site: Site, failed: NDArray[np.float64]) -> list[Matter]:
    """Return the topics that failed at all."""
    troubled = np.bincount(site.topics, failed).astype(np.float64)
    topics = np.flatnonzero(troubled > 0)
    members = [np.flatnonzero((site.topics == topic) & (failed > 0)) for topic in topics]
    again = np.array([site.repeated(rows) * failed[rows].sum() for rows in members])
    asked = np.bincount(site.topics, site.asked).astype(np.float64)[topics] - again
    troubled = troubled[topics] - again
    strengths = _strengths(troubled, asked, site, failed)
    return [_matter(rows, site, asked[place], troubled[place], strengths[place]) for place, rows in enumerate(members)]


def _strengths(
    troubled: NDArray[np.float64], asked: NDArray[np.float64], site: Site, failed: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the log-likelihood ratio of each rate against that of the rest; 0 where it is no higher."""
    others = site.asked.sum() - asked
    rest = np.clip((failed.sum() - troubled) / np.maximum(others, 1), 0.5 / (others + 1), _MOST_EXPECTED)
    rate = np.minimum(troubled / asked, 1.0)
    ratio = troubled * np.log(np.maximum(rate, 1e-9) / rest)
    ratio += (asked - troubled) * np.log(np.maximum(1 - rate, 1e-9) / (1 - rest))
    strengths: NDArray[np.float64] = np.where(rate > rest, ratio, 0.0)
    return strengths


def _matter(members: NDArray[np.int64], site: Site, asked: float, failed: float, strength: float) -> Matter:
    rows = site.vectors[members]
    nearest_first = members[np.argsort(-(rows @ rows.mean(axis=0)).round(3), kind="stable")]
    return Matter(tuple(map(int, nearest_first)), float(asked), float(failed), float(strength))


def _joined(matters: Sequence[Matter], site: Site) -> list[Matter]:
    """Join those that are near in meaning: they are few, and each is there for a reason."""
    if not matters:
        return []
    sizes = [len(matter.members) for matter in matters]
    rows = np.unique([number for matter in matters for number in matter.members])
    share = neighbours_share(len(site.asked), _NEIGHBOURS_SHARE)
    alike = likenesses_of_some(site.vectors, rows, share, neighbourhood(len(site.asked)))
    within = np.zeros((len(matters), len(rows)), np.float32)
    for place, matter in enumerate(matters):
        within[place, np.searchsorted(rows, matter.members)] = 1 / sizes[place]
    least = _ALIKE_BEYOND_CHANCE - _LESS_ALIKE_BY_NEIGHBOURS * share
    result = []
    for places in average_linkage((within @ alike @ within.T).astype(np.float32), least, sizes):
        ours = [matters[place] for place in places]
        if len(ours) == 1:
            result.append(ours[0])
            continue
        members = np.unique([number for matter in ours for number in matter.members])
        asked, failed = sum(matter.asked for matter in ours), sum(matter.failed for matter in ours)
        result.append(_matter(members, site, asked, failed, max(matter.strength for matter in ours)))
    return sorted(result, key=lambda matter: (-matter.strength, matter.members))
