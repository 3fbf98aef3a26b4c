"""What a weekly run made of the topics, and what can be asked about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.encoder import DIMENSIONS
from reporter.topics.failing import Site, failing
from reporter.topics.vectors import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from reporter.topics.failing import Matter
    from reporter.topics.topic import Topic

# Below this cosine, what is nearest is not near.
_NEAR: Final = 0.35


@dataclass(frozen=True, slots=True)
class Failing:
    """A matter that fails.

    Attributes:
        topics: their ids, the one that fails most first.
        keys: of its failing wordings, the most typical first.

    """

    topics: list[int]
    keys: list[str]


@dataclass(slots=True)
class Followed:
    """What a week made of the topics.

    Attributes:
        topics: the topics asked about in the weeks of the report, by id; ids below zero are of
            those that are not kept.
        topic_of: the topic's id by the wording's key.
        keys: the keys of a topic's wordings, the most typical first, by the topic's id.
        kept: what the table should hold; `gone` what it should no longer hold.
        merged: pairs of names: the topic that stays, and the one that has become part of it.
        by_meaning: whether the sentence encoder was at hand.
        middles: where the topics lie around the site's mean, by id; not of those made of words.
        mean: the site's mean, and `understood` of how many questions; none without the encoder.
        around: vectors of the first wordings (`grouping.Grouping`).
        rows: the row of each wording, by its key.

    """

    topics: dict[int, Topic] = field(default_factory=dict)
    topic_of: dict[str, int] = field(default_factory=dict)
    keys: dict[int, list[str]] = field(default_factory=dict)
    kept: list[Topic] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)
    by_meaning: bool = False
    middles: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    mean: NDArray[np.float32] | None = None
    understood: int = 0
    around: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, DIMENSIONS), np.float32))
    rows: dict[str, int] = field(default_factory=dict)

    def failing(
        self, keys: Sequence[str], asked: Sequence[float], failed: Sequence[float], visitors: Sequence[int] = ()
    ) -> list[Failing]:
        """Return what fails more than the rest does, beyond chance, the worst first.

        Args:
            keys: the wordings of a week.
            asked: by how many people each was asked.
            failed: for how many of them it failed.
            visitors: who they were (`failing.Site`).

        """
        vectors = np.zeros((len(keys), DIMENSIONS), np.float32)
        for number, key in enumerate(keys):
            if self.rows.get(key, len(self.around)) < len(self.around):
                vectors[number] = self.around[self.rows[key]]
        owners = [self.topic_of[key] for key in keys]
        topics = np.unique(np.array(owners, np.int64), return_inverse=True)[1]
        site = Site(vectors, topics, np.array(asked, np.float64), visitors)
        matters = failing(site, np.array(failed, np.float64))
        matters.sort(key=lambda matter: (-matter.severity, matter.members))
        weights = _Weights(owners, asked, failed)
        return _apart([Failing(weights.topics_of(each), [keys[row] for row in each.members]) for each in matters])

    def nearest(self, topic: int, candidates: Iterable[int]) -> int | None:
        """Return the candidate that is nearest to a topic in meaning, if any is near."""
        ours = self.middles.get(topic)
        others = [other for other in candidates if other != topic and other in self.middles]
        if ours is None or not others:
            return None
        cosines = normalised(np.stack([self.middles[other] for other in others])) @ normalised(ours)
        best = int(cosines.argmax())
        return others[best] if cosines[best] >= _NEAR else None


@dataclass(frozen=True, slots=True)
class _Weights:
    """The topic of each wording, how often it was asked and how often it failed."""

    owners: Sequence[int]
    asked: Sequence[float]
    failed: Sequence[float]

    def topics_of(self, matter: Matter) -> list[int]:
        """Return the topic that fails most in a matter, then the others that mostly lie in it."""
        failed, within = self._sums(self.failed, matter.members), self._sums(self.asked, matter.members)
        members = [row for row, owner in enumerate(self.owners) if owner in failed]
        whole = self._sums(self.asked, members)
        first, *others = sorted(failed, key=lambda topic: (-failed[topic], topic < 0, topic))
        return [first, *(topic for topic in others if 2 * within[topic] >= whole[topic])]

    def _sums(self, weights: Sequence[float], rows: Sequence[int]) -> dict[int, float]:
        sums: dict[int, float] = {}
        for row in rows:
            sums[self.owners[row]] = sums.get(self.owners[row], 0.0) + weights[row]
        return sums


def _apart(matters: Sequence[Failing]) -> list[Failing]:
    """Return the matters with no topic in two of them: one topic is one gap."""
    result: dict[int, Failing] = {}
    for matter in matters:
        if matter.topics[0] in result:
            result[matter.topics[0]].keys.extend(matter.keys)
            result[matter.topics[0]].topics.extend(matter.topics[1:])
        else:
            result[matter.topics[0]] = matter
    seen = set(result)
    for matter in result.values():
        matter.topics[1:] = dict.fromkeys(topic for topic in matter.topics[1:] if topic not in seen)
        seen.update(matter.topics)
    return list(result.values())
