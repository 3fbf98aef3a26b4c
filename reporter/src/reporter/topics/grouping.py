"""Wordings into topics: those that live take what is theirs, the rest founds new ones.

Average similarity decides everything: two groups are one when their members are, on average over
all pairs, as near as `sizes` asks for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.cluster import Cluster
from reporter.topics.clustering import average_linkage, likenesses, mix_in_neighbours
from reporter.topics.encoder import DIMENSIONS
from reporter.topics.languages import understood
from reporter.topics.sizes import (
    HUB_WEIGHT,
    least_likeness,
    least_mixed,
    less_like_in_pairs,
    neighbourhood,
    neighbours,
    neighbours_share,
    words_share,
)
from reporter.topics.text import ENCODED, within_bounds
from reporter.topics.vectors import around, neutral_mean, normalised, site_mean
from reporter.topics.words import word_vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from reporter.topics.encoder import SentenceEncoder
    from reporter.topics.topic import Topic

# Wordings that are compared with each other: 5,000 take 100 MB and a few seconds. Of more, those asked
# less join what these make, or are compared among themselves; beyond the bounds of `text` each stands alone.
COMPARED: Final = 5_000

# How near a question must be to a topic that lives, in parts of how near its members are to each other,
# and at least, however few questions there are: its members are not at hand to tell a question that is
# near to everything.
_LIKE_ITS_MEMBERS: Final = 0.6
_LIKE_TO_JOIN: Final = 0.28

# The same for questions of one week that are beyond those compared: as near as members of a topic are.
_LIKE_MEMBERS_WHEN_LATE: Final = 0.8
_BLOCK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Grouping:
    """All clusters, each wording in exactly one.

    Attributes:
        mean: the site's mean they were made around.
        around: the first texts' vectors of length 1 around that mean, or of their words where the
            encoder does not know them; zeros where a text has neither.
        understood: how many texts the mean is of.

    """

    clusters: list[Cluster]
    mean: NDArray[np.float32]
    around: NDArray[np.float32]
    understood: int


def grouped(
    texts: Sequence[str],
    encoder: SentenceEncoder | None,
    *,
    living: Sequence[Topic] = (),
    keys: Sequence[str] = (),
    stems: Sequence[str] = (),
    most: int = ENCODED,
) -> Grouping:
    """Return the clusters of some wordings.

    Args:
        texts: the wordings, those that matter most first.
        encoder: None to go by shared words alone.
        living: the topics that there are.
        keys: for each text the key by which a living topic may know it.
        stems: for each text what it is about, to compare it by words; the text itself if not given.
        most: texts that may have a vector.

    """
    short = within_bounds(texts, most)
    told = [number for number, text in enumerate(short) if text]
    owners = _owners(living, keys)
    clusters: list[Cluster] = []
    meant, worded = list[int](), told
    mean = neutral_mean()
    rows = np.zeros((len(short), DIMENSIONS), np.float32)
    if encoder and told:
        vectors = encoder.encode([short[number] for number in told])
        known = np.array(understood([short[number] for number in told], vectors))
        meant = [number for number, is_known in zip(told, known, strict=True) if is_known]
        worded = [number for number, is_known in zip(told, known, strict=True) if not is_known]
        mean = site_mean(vectors[known])
        rows[meant] = around(vectors[known], mean, len(meant))
        meanings = _Meanings(meant, [short[number] for number in meant], vectors[known], rows[meant], mean)
        clusters = meanings.clusters(living, owners)
    compared = worded[:COMPARED]
    words = word_vectors([(stems or short)[number] for number in compared])
    rows[compared] = normalised(words.reshape(len(words), words.shape[1] // DIMENSIONS, DIMENSIONS).sum(axis=1))
    clusters += _by_words(words, compared, owners, least_likeness(len(worded), by_meaning=False))
    left = set(range(len(texts))).difference(*(cluster.members for cluster in clusters))
    clusters += [Cluster([number], owners.get(number), None, [number], 1.0) for number in sorted(left)]
    return Grouping(clusters, mean, rows, len(meant))


def _owners(living: Sequence[Topic], keys: Sequence[str]) -> dict[int, Topic]:
    """Return the living topic of each wording that one knows by its key; of several, the oldest."""
    by_key = {key: topic for topic in sorted(living, key=lambda topic: -topic.id) for key in topic.keys}
    return {number: by_key[key] for number, key in enumerate(keys) if key in by_key}


@dataclass(frozen=True, slots=True)
class _Meanings:
    """Wordings whose language the encoder knows.

    Attributes:
        numbers: of the wordings, a row each.
        texts: theirs.
        vectors: as the encoder gives them.
        centred: as they are compared with each other (`vectors.around`).
        mean: the site's.

    """

    numbers: Sequence[int]
    texts: Sequence[str]
    vectors: NDArray[np.float32]
    centred: NDArray[np.float32]
    mean: NDArray[np.float32]

    def clusters(self, living: Sequence[Topic], owners: dict[int, Topic]) -> list[Cluster]:
        """Return what living topics take, and what the rest founds."""
        nearest = self._nearest_topics([topic for topic in living if topic.centre])
        taken: dict[int, tuple[Topic, list[int]]] = {}
        for row, number in enumerate(self.numbers):
            topic = owners.get(number) or nearest[row]
            if topic is not None:
                taken.setdefault(topic.id, (topic, []))[1].append(row)
        free = sorted(set(range(len(self.numbers))).difference(*(rows for _, rows in taken.values())))
        parts = [*taken.values(), *((None, rows) for rows in self._founded(free))]
        return [self._cluster(rows, topic) for topic, rows in parts]

    def _nearest_topics(self, topics: Sequence[Topic]) -> list[Topic | None]:
        size = len(self.numbers)
        if not topics:
            return [None] * size
        cohesion = np.array([topic.cohesion for topic in topics], np.float32)
        least = _least_to_join(cohesion, size, _LIKE_ITS_MEMBERS)
        centres = around(np.stack([topic.mean for topic in topics]), self.mean, size) * cohesion[:, None]
        alike = self.centred @ centres.T
        best = np.where(alike >= least, alike, -1.0).argmax(axis=1)
        return [topics[column] if alike[row, column] >= least[column] else None for row, column in enumerate(best)]

    def _founded(self, free: Sequence[int]) -> list[list[int]]:
        """Return clusters of the rows that no topic has taken."""
        clusters: list[list[int]] = []
        while free:
            found = self._compared(free[:COMPARED])
            free = self._with_late(found, free[COMPARED:])
            clusters += map(sorted, found)
        return clusters

    def _compared(self, rows: Sequence[int]) -> list[list[int]]:
        size = len(self.numbers)
        alike = likenesses(self.centred[rows], HUB_WEIGHT, neighbours(size))
        share = words_share(size)
        alike *= np.float32(1 - share)
        shared = word_vectors([self.texts[row] for row in rows]) * np.float32(share**0.5)
        for start in range(0, len(rows), _BLOCK):
            alike[start : start + _BLOCK] += shared[start : start + _BLOCK] @ shared.T
        by_neighbours = neighbours_share(len(rows))
        mix_in_neighbours(alike, by_neighbours, neighbourhood(len(rows)))
        least = least_mixed(size, by_neighbours)
        clusters = average_linkage(alike, least, least_of_pairs=least - less_like_in_pairs(size))
        return [[rows[place] for place in places] for places in clusters]

    def _with_late(self, clusters: list[list[int]], late: Sequence[int]) -> list[int]:
        """Put the rows beyond those compared where they are near; return those that are near nowhere."""
        means = np.stack([self.centred[rows].mean(axis=0) for rows in clusters])
        least = _least_to_join(np.linalg.norm(means, axis=1), len(self.numbers), _LIKE_MEMBERS_WHEN_LATE)
        left = []
        for start in range(0, len(late), _BLOCK):
            rows = late[start : start + _BLOCK]
            alike = self.centred[rows] @ means.T
            best = np.where(alike >= least, alike, -1.0).argmax(axis=1)
            for place, column in enumerate(best):
                if alike[place, column] >= least[column]:
                    clusters[column].append(rows[place])
                else:
                    left.append(rows[place])
        return left

    def _cluster(self, rows: list[int], topic: Topic | None) -> Cluster:
        middle = self.centred[rows].mean(axis=0)
        central = [self.numbers[rows[place]] for place in _nearest_first(self.centred[rows] @ middle)]
        members = [self.numbers[row] for row in rows]
        return Cluster(members, topic, self.vectors[rows], central, float(np.linalg.norm(middle)), middle)


def _least_to_join(cohesion: NDArray[np.float32], questions: int, share: float) -> NDArray[np.float32]:
    """Return how near a question must be to topics whose members it is not compared with, by their cohesion."""
    least: NDArray[np.float32] = np.clip(share * cohesion**2, _LIKE_TO_JOIN, least_likeness(questions, by_meaning=True))
    return least


def _nearest_first(nearness: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the order of nearness; of equals, as the two of a pair are, the one asked more comes first."""
    return np.argsort(-nearness.round(3), kind="stable")


def _by_words(
    vectors: NDArray[np.float32], numbers: Sequence[int], owners: dict[int, Topic], least: float
) -> list[Cluster]:
    clusters: list[Cluster] = []
    at: dict[int, Cluster] = {}
    for rows in average_linkage(vectors @ vectors.T, least):
        nearness = vectors[rows] @ vectors[rows].mean(axis=0)
        central = [numbers[rows[place]] for place in _nearest_first(nearness)]
        members = [numbers[row] for row in rows]
        topic = _owner(owners[number] for number in members if number in owners)
        if topic is not None and topic.id in at:
            at[topic.id].members = sorted(at[topic.id].members + members)
            at[topic.id].central += central
            continue
        clusters.append(Cluster(members, topic, None, central, 1.0))
        if topic is not None:
            at[topic.id] = clusters[-1]
    return clusters


def _owner(topics: Iterable[Topic]) -> Topic | None:
    every = list(topics)
    by_id = {topic.id: topic for topic in every}
    counts = Counter(topic.id for topic in every)
    best = min(counts, key=lambda name: (-counts[name], name), default=None)
    return None if best is None else by_id[best]
