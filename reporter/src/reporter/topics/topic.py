"""A topic: what is kept of a matter that visitors ask about, so that it is the same one next week."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

from reporter.topics.vectors import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

# Wordings that a topic knows again by word, whatever the encoder makes of them.
KEYS: Final = 8

# Wordings that a centre rests on at most, so that it follows what is asked now.
_WEIGHT: Final = 40


@dataclass(frozen=True, slots=True)
class Topic:
    """One matter.

    Attributes:
        id: stays as long as the topic; the topics of a site are numbered from 1.
        name: a question as a visitor asked it.
        named_at_ms: when that visitor asked, Unix epoch milliseconds.
        centre: the mean of its wordings' vectors, one byte a dimension; empty where the topic was
            made of shared words.
        cohesion: the length of that mean once the site's own is taken off and each wording
            normalised: the nearer its wordings are to each other, the nearer to 1.
        wordings: how many wordings the centre is the mean of.
        keys: short hashes of its latest wordings.
        count: how often it was asked since it was founded.
        week: the last week it was asked in and counted for, as 2026-W47.
        last_asked_ms: when it was asked last.

    """

    id: int
    name: str
    named_at_ms: int
    centre: bytes = b""
    cohesion: float = 1.0
    wordings: int = 0
    keys: tuple[str, ...] = field(default=())
    count: int = 0
    week: str = ""
    last_asked_ms: int = 0

    @property
    def mean(self) -> NDArray[np.float32]:
        """The centre as a vector, before the site's mean is taken off."""
        return unpacked(self.centre)

    def seen(self, vectors: NDArray[np.float32] | None, keys: Iterable[str], cohesion: float) -> Self:
        """Return the topic with this week's wordings in its centre and among its keys."""
        topic = replace(self, keys=tuple(dict.fromkeys([*keys, *self.keys]))[:KEYS])
        if vectors is None or not len(vectors):
            return topic
        before = self.wordings if self.centre else 0
        total = before + len(vectors)
        mean = (vectors.sum(axis=0) + (before * self.mean if before else 0)) / total
        nearness = (before * self.cohesion + len(vectors) * cohesion) / total
        return replace(topic, centre=packed(mean), cohesion=round(nearness, 4), wordings=min(total, _WEIGHT))


def joined(first: Topic, second: Topic) -> Topic:
    """Return two topics that have grown together as one: the id and the name of the one asked more."""
    kept, gone = sorted((first, second), key=lambda topic: (-topic.count, topic.id))
    if kept.centre and gone.centre:
        kept = kept.seen(gone.mean[None, :], gone.keys, gone.cohesion)
    return replace(
        kept,
        keys=tuple(dict.fromkeys([*kept.keys, *gone.keys]))[:KEYS],
        count=kept.count + gone.count,
        week=max(kept.week, gone.week),
        last_asked_ms=max(kept.last_asked_ms, gone.last_asked_ms),
    )
