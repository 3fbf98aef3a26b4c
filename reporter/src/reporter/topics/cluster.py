"""Clusters of texts, and of the wordings that the texts are of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from reporter.topics.topic import Topic


@dataclass(slots=True)
class Cluster:
    """Wordings that are one topic.

    Attributes:
        members: their numbers, in ascending order.
        topic: the living topic that they belong to; None for a new one.
        vectors: the members' sentence vectors before the site's mean is taken off; None where the
            cluster was made of shared words.
        central: the members by how near they are to the middle, the nearest first.
        cohesion: see `Topic`.
        middle: the mean of the members' unit vectors around the site's mean, where there are vectors.

    """

    members: list[int]
    topic: Topic | None
    vectors: NDArray[np.float32] | None
    central: list[int]
    cohesion: float
    middle: NDArray[np.float32] | None = None


def by_majority(clusters: Sequence[Cluster], owners: Sequence[int]) -> list[Cluster]:
    """Return clusters of owners instead of texts: each owner goes where most of its texts are.

    Args:
        clusters: clusters of texts.
        owners: the owner of each text.

    """
    votes: dict[int, Counter[int]] = {}
    for place, cluster in enumerate(clusters):
        for number in cluster.members:
            votes.setdefault(owners[number], Counter())[place] += 1
    home = {owner: min(counts, key=lambda place: (-counts[place], place)) for owner, counts in votes.items()}
    kept = []
    for place, cluster in enumerate(clusters):
        central = [owners[number] for number in cluster.central if home[owners[number]] == place]
        if central:
            cluster.central = list(dict.fromkeys(central))
            cluster.members = sorted(cluster.central)
            kept.append(cluster)
    return kept
