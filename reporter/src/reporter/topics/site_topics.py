"""The topics of one site through one weekly run: loaded, followed, and stored once the report is."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reporter.topics.encoder import sentence_encoder
from reporter.topics.following import follow
from reporter.topics.rephrasing import by_meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.rollups.rephrasing import Rephrasing
    from reporter.topics.followed import Followed
    from reporter.topics.rephrasing import Rephrased
    from reporter.topics.topic import Topic
    from reporter.topics.wordings import Wording

logger = logging.getLogger(__name__)


class Store(Protocol):
    """Where topics are kept: `store.TopicStore`."""

    def load(self) -> list[Topic]:
        """Return all topics."""

    def save(self, kept: Sequence[Topic], gone: Sequence[int]) -> None:
        """Write topics that have changed and delete those that are gone."""


@dataclass(frozen=True, slots=True)
class SiteTopics:
    """Finds the topics of a site's wordings. What goes wrong is logged: a report is made without them."""

    store: Store

    def follow(self, wordings: Sequence[Wording], week: str, now_ms: int) -> Followed | None:
        """Return the topics of a report's wordings; None leaves each wording its own."""
        try:
            return follow(wordings, self.store.load(), sentence_encoder(), week, now_ms)
        except Exception:
            logger.exception("the topics of %s were not followed", week)
            return None

    @staticmethod
    def rephrased(rephrasing: Rephrasing, followed: Followed | None) -> Rephrased | None:
        """Return which questions were asked again by meaning; None where only words can tell."""
        encoder = sentence_encoder()
        if encoder is None:
            return None
        try:
            return by_meaning(rephrasing, encoder, followed)
        except Exception:
            logger.exception("rephrased questions were not judged by meaning")
            return None

    def save(self, followed: Followed) -> None:
        """Store what has become of the topics; what is not stored, the next run finds again."""
        try:
            self.store.save(followed.kept, followed.gone)
        except Exception:
            logger.exception("the topics were not stored")
