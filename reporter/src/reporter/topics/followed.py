"""What a weekly run made of the topics, and what can be asked about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.encoder import sentence_encoder
from reporter.topics.grouping import by_majority, grouped
from reporter.topics.vectors import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from reporter.topics.topic import Topic
    from reporter.topics.wordings import Wording

# Below this cosine, what is nearest is not near.
_NEAR: Final = 0.35


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
        mean: the site's mean.

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

    def alike(self, wordings: Sequence[Wording]) -> list[list[int]]:
        """Return ids of topics in groups that mean the same among these wordings, the first the most asked.

        What fails is a small part of what is asked, so that less likeness is telling there
        (`sizes.least_likeness`): one matter that fails is one line, whatever it is called.
        """
        owners = [self.topic_of[wording.key] for wording in wordings]
        encoder = sentence_encoder() if self.by_meaning else None
        texts = [wording.text for wording in wordings]
        keys = [wording.key for wording in wordings]
        clusters = by_majority(
            grouped(texts, encoder, stems=keys, mean=self.mean, size=len(set(owners))).clusters, owners
        )
        return [cluster.central for cluster in clusters]

    def nearest(self, topic: int, candidates: Iterable[int]) -> int | None:
        """Return the candidate that is nearest to a topic in meaning, if any is near."""
        ours = self.middles.get(topic)
        others = [other for other in candidates if other != topic and other in self.middles]
        if ours is None or not others:
            return None
        cosines = normalised(np.stack([self.middles[other] for other in others])) @ normalised(ours)
        best = int(cosines.argmax())
        return others[best] if cosines[best] >= _NEAR else None
