"""What a weekly report is made from: the rollups of five weeks and what is known besides them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from reporter.rollups.rollup import Rollup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from reporter.gaps.following import FollowedGaps
    from reporter.period import Week
    from reporter.report.act_links import ActLinks
    from reporter.report.asked import AskedOverWeeks
    from reporter.report.deployments import Deployments
    from reporter.report.usage import Reading
    from reporter.rollups.rephrasing import Rephrasing
    from reporter.topics.followed import Followed
    from reporter.topics.rephrasing import Rephrased
    from reporter.topics.wordings import Wording

WEEKS_BEFORE: Final = 4


@dataclass(frozen=True, slots=True)
class Reported:
    """A week's numbers in a report; ratings are None in reports from before they were kept."""

    questions: int
    up: int | None = None
    down: int | None = None

    def differs(self, other: Reported) -> bool:
        """Whether any number that both know is another."""
        pairs = ((self.questions, other.questions), (self.up, other.up), (self.down, other.down))
        return any(ours != theirs for ours, theirs in pairs if ours is not None and theirs is not None)


@dataclass(frozen=True, slots=True)
class Correction:
    """An earlier report's numbers that have changed since, because events arrived after it."""

    week: Week
    reported: Reported
    now: Reported


@dataclass(frozen=True, slots=True)
class Source:
    """A source of answers and how they were received."""

    name: str
    used: int
    up: int
    down: int
    failed: int


@dataclass(frozen=True, slots=True)
class Model:
    """A model and what it took."""

    name: str
    exchanges: int
    input_tokens: int
    output_tokens: int
    dollars: float


@dataclass(frozen=True, slots=True)
class ReportData:
    """All that a report is made from.

    Attributes:
        weeks: this week's rollup, then those of the weeks before, the latest first.
        later: what is known of the days after the week; only its ledger is used.
        dead_letters: messages in the dead-letter queue now, or None where that is not known.
        known_sources: all sources the owner has, where they are registered.
        follow: finds the topic of each wording; None leaves each wording its own.
        rephrased: finds by meaning which questions were asked again in other words.
        days: the rollups of the days of all weeks.
        follow_gaps: finds what became of the gaps, once the topics are known.
        links: signs links to decide on gaps, where there is a Worker to lead to.
        cold_starts: how often the functions started in the week, or None where that is not known.
        deployments: of the functions in the last 30 days, or None where they are not known.

    """

    site: str
    week: Week
    zone: ZoneInfo
    now: datetime
    weeks: Sequence[Rollup]
    later: Rollup = field(default_factory=Rollup)
    dead_letters: int | None = None
    usage: Sequence[Reading] = ()
    corrections: Sequence[Correction] = ()
    known_sources: frozenset[str] | None = None
    follow: Callable[[Sequence[Wording]], Followed | None] | None = None
    rephrased: Callable[[Rephrasing, Followed | None], Rephrased | None] | None = None
    days: Mapping[date, Rollup] = field(default_factory=dict)
    follow_gaps: Callable[[AskedOverWeeks, Mapping[date, Rollup]], FollowedGaps] | None = None
    links: ActLinks | None = None
    cold_starts: int | None = None
    deployments: Deployments | None = None
