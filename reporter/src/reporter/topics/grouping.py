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
    damping,
    hub_weight,
    least_likeness,
    least_mixed,
    neighbourhood,
    neighbours,
    neighbours_share,
    words_share,
)
from reporter.topics.text import within_bounds
from reporter.topics.vectors import damped, neutral_mean, normalised, site_mean
from reporter.topics.words import word_vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from reporter.topics.encoder import SentenceEncoder
    from reporter.topics.topic import Topic

# Wordings that are compared with each other: 5,000 take 100 MB and a few seconds. Of more, those
# asked less join what the others have made, and what is beyond the bounds of `text` stands alone.
COMPARED: Final = 5_000

# How near a question must be to a topic that lives, in parts of how near its members are to each other,
# and at least, however few questions there are: its members are not at hand to tell a question that is
# near to everything.
_LIKE_ITS_MEMBERS: Final = 0.6
_LIKE_TO_JOIN: Final = 0.28
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
) -> Grouping:
    """Return the clusters of some wordings.

    Args:
        texts: the wordings, those that matter most first.
        encoder: None to go by shared words alone.
        living: the topics that there are.
        keys: for each text the key by which a living topic may know it.
        stems: for each text what it is about, to compare it by words; the text itself if not given.

    """
    short = within_bounds(texts)
    told = [number for number, text in enumerate(short) if text]
    owners = _owners(living, keys)
    clusters: list[Cluster] = []
    meant, worded = list[int](), told
    mean = neutral_mean()
    around = np.zeros((len(short), DIMENSIONS), np.float32)
    if encoder and told:
        vectors = encoder.encode([short[number] for number in told])
        known = np.array(understood([short[number] for number in told], vectors))
        meant = [number for number, is_known in zip(told, known, strict=True) if is_known]
        worded = [number for number, is_known in zip(told, known, strict=True) if not is_known]
        mean = site_mean(vectors[known])
        around[meant] = normalised(damped(vectors[known] - mean, damping(len(meant))))
        words = word_vectors([short[number] for number in meant])
        clusters = _by_meaning(meant, vectors[known], words, mean, living=living, owners=owners)
    compared = worded[:COMPARED]
    words = word_vectors([(stems or short)[number] for number in compared])
    around[compared] = normalised(words.reshape(len(words), words.shape[1] // DIMENSIONS, DIMENSIONS).sum(axis=1))
    clusters += _by_words(words, compared, owners, least_likeness(len(worded), by_meaning=False))
    left = set(range(len(texts))).difference(*(cluster.members for cluster in clusters))
    clusters += [Cluster([number], owners.get(number), None, [number], 1.0) for number in sorted(left)]
    return Grouping(clusters, mean, around, len(meant))


def _owners(living: Sequence[Topic], keys: Sequence[str]) -> dict[int, Topic]:
    """Return the living topic of each wording that one knows by its key; of several, the oldest."""
    by_key = {key: topic for topic in sorted(living, key=lambda topic: -topic.id) for key in topic.keys}
    return {number: by_key[key] for number, key in enumerate(keys) if key in by_key}


def _by_meaning(
    numbers: Sequence[int],
    vectors: NDArray[np.float32],
    words: NDArray[np.float32],
    mean: NDArray[np.float32],
    *,
    living: Sequence[Topic],
    owners: dict[int, Topic],
) -> list[Cluster]:
    size = len(numbers)
    centred = normalised(damped(vectors - mean, damping(size)))
    topics = [topic for topic in living if topic.centre]
    nearest = _nearest_topics(centred, topics, mean, size)
    taken: dict[int, tuple[Topic, list[int]]] = {}
    for row, number in enumerate(numbers):
        topic = owners.get(number) or nearest[row]
        if topic is not None:
            taken.setdefault(topic.id, (topic, []))[1].append(row)
    free = sorted(set(range(len(numbers))).difference(*(rows for _, rows in taken.values())))
    parts = [*taken.values(), *((None, rows) for rows in _founded(centred, words, free, size))]
    return [_cluster(rows, topic, numbers, vectors, centred) for topic, rows in parts]


def _nearest_topics(
    centred: NDArray[np.float32], topics: Sequence[Topic], mean: NDArray[np.float32], size: int
) -> list[Topic | None]:
    if not topics:
        return [None] * len(centred)
    cohesion = np.array([topic.cohesion for topic in topics], np.float32)
    least = np.clip(_LIKE_ITS_MEMBERS * cohesion**2, _LIKE_TO_JOIN, least_likeness(size, by_meaning=True))
    centres = normalised(damped(np.stack([topic.mean for topic in topics]) - mean, damping(size)))
    alike = centred @ (centres * cohesion[:, None]).T
    best = np.where(alike >= least, alike, -1.0).argmax(axis=1)
    return [topics[column] if alike[row, column] >= least[column] else None for row, column in enumerate(best)]


def _founded(
    centred: NDArray[np.float32], words: NDArray[np.float32], free: Sequence[int], size: int
) -> list[list[int]]:
    """Return clusters of the rows that no topic has taken."""
    compared, late = free[:COMPARED], free[COMPARED:]
    alike = likenesses(centred[compared], hub_weight(size), neighbours(size))
    share = words_share(size)
    alike *= np.float32(1 - share)
    shared = words[compared] * np.float32(share**0.5)
    for start in range(0, len(compared), _BLOCK):
        alike[start : start + _BLOCK] += shared[start : start + _BLOCK] @ shared.T
    by_neighbours = neighbours_share(len(compared))
    mix_in_neighbours(alike, by_neighbours, neighbourhood(len(compared)))
    clusters = [[compared[row] for row in rows] for rows in average_linkage(alike, least_mixed(size, by_neighbours))]
    least = least_likeness(size, by_meaning=True)
    means = np.stack([centred[rows].mean(axis=0) for rows in clusters]) if late else np.zeros((0, 0))
    founded = len(clusters)
    for start in range(0, len(late), _BLOCK):
        rows = late[start : start + _BLOCK]
        nearness = centred[rows] @ means.T
        for row, column in enumerate(nearness.argmax(axis=1)):
            if nearness[row, column] >= least:
                clusters[column].append(rows[row])
            else:
                clusters.append([rows[row]])
    return [*map(sorted, clusters[:founded]), *clusters[founded:]]


def _cluster(
    rows: list[int],
    topic: Topic | None,
    numbers: Sequence[int],
    vectors: NDArray[np.float32],
    centred: NDArray[np.float32],
) -> Cluster:
    middle = centred[rows].mean(axis=0)
    nearness = centred[rows] @ middle
    central = [numbers[rows[place]] for place in _nearest_first(nearness)]
    members = [numbers[row] for row in rows]
    return Cluster(members, topic, vectors[rows], central, float(np.linalg.norm(middle)), middle)


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
    counts: Counter[int] = Counter()
    by_id: dict[int, Topic] = {}
    for topic in topics:
        counts[topic.id] += 1
        by_id[topic.id] = topic
    best = min(counts, key=lambda name: (-counts[name], name), default=None)
    return None if best is None else by_id[best]
