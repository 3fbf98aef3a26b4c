"""The numbers and words of a weekly report, from the sums of this week and the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reporter.period import day_bounds, milliseconds

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from reporter.period import Week
    from reporter.questions import Group
    from reporter.rollup import Rollup


@dataclass(frozen=True, slots=True)
class Report:
    """One site's week beside the week before."""

    site: str
    week: Week
    this: Rollup
    last: Rollup
    zone: ZoneInfo
    now: datetime

    @property
    def is_over(self) -> bool:
        """Whether the week has ended; before that, the report says "so far"."""
        return milliseconds(self.now) >= day_bounds(self.week.sunday, self.zone)[1]

    @property
    def subject(self) -> str:
        """Site, week, and the number that matters."""
        so_far = "" if self.is_over else " so far"
        unanswered = self.this.outcomes["unanswered"]
        return (
            f"{self.site}, week {self.week.number}{so_far}: "
            f"{self.this.exchanges} questions, {unanswered} unanswered"
        )

    @property
    def asked(self) -> list[tuple[Group, int]]:
        """The most asked questions with last week's count."""
        before = {group.stems: group.count for group in self.last.questions.clustered()}
        return [(g, before.get(g.stems, 0)) for g in self.this.questions.clustered()[:10]]

    @property
    def gaps(self) -> list[Group]:
        """The questions that went unanswered most."""
        groups = self.this.questions.clustered()
        failing = [group for group in groups if group.outcomes["unanswered"]]
        return sorted(failing, key=lambda g: (-g.outcomes["unanswered"], g.example))[:10]
