"""The gaps of one site through one weekly run: loaded, followed, and stored once the report is."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reporter.gaps.following import FollowedGaps, Period, follow_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from reporter.gaps.decision import Decisions
    from reporter.gaps.store import GapStore
    from reporter.report.asked import AskedOverWeeks
    from reporter.rollups.rollup import Rollup

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SiteGaps:
    """Finds what became of a site's gaps. What goes wrong is logged: a report is made without it."""

    store: GapStore
    decisions: Decisions

    def follow(self, asked: AskedOverWeeks, days: Mapping[date, Rollup], period: Period) -> FollowedGaps:
        """Return the gaps in a report; none where topics are not followed, as a gap is one of a topic."""
        if asked.followed is None:
            return FollowedGaps()
        try:
            by_day = {day: asked.evidence(rollup.questions) for day, rollup in days.items()}
            return follow_gaps(self.store.load(), self.decisions.load(), asked.failing, by_day, period)
        except Exception:
            logger.exception("the gaps of the week from %s were not followed", period.monday)
            return FollowedGaps()

    def save(self, followed: FollowedGaps) -> None:
        """Store what has become of the gaps; what is not stored, the next run finds again."""
        try:
            self.store.save(followed.changed)
        except Exception:
            logger.exception("the gaps were not stored")
