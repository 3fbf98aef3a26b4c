"""The gaps of a site in one report: decisions applied, fixes judged, and what of it the report says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from reporter.gaps.evidence import NOTHING, Evidence
from reporter.gaps.life import Gap, Observation, decided, judged, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from reporter.gaps.decision import Decision

_DAYS_BEFORE: Final = 28
_DAYS_OF_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class FollowedGaps:
    """What became of the gaps; `changed` are those to be stored."""

    gaps: Mapping[str, Gap] = field(default_factory=dict)
    changed: Sequence[Gap] = ()
    now_ms: int = 0

    @property
    def confirmed(self) -> list[Gap]:
        """The fixes that this report confirms."""
        return self._new("confirmed")

    @property
    def back(self) -> list[Gap]:
        """The fixes that did not help, or help no longer."""
        return self._new("back")

    @property
    def waiting(self) -> list[Gap]:
        """The fixes that wait for more questions."""
        return self._in("fixed")

    @property
    def ignored(self) -> int:
        """How many are ignored."""
        return len(self._in("ignored"))

    @property
    def is_news(self) -> bool:
        """Whether there is anything to say of what the owner decided."""
        return bool(self.confirmed or self.back or self.waiting or self.ignored)

    def is_listed(self, topic: str) -> bool:
        """Whether a report lists a failing topic among what to do."""
        gap = self.gaps.get(topic)
        if gap is None:
            return True
        if gap.state == "same":
            other = self.gaps.get(gap.same_as)
            # Its other is listed in its place, if it is; two that name each other would both be gone.
            return other is None or (other.state == "same" and topic < gap.same_as)
        return gap.is_listed

    def _in(self, state: str) -> list[Gap]:
        return [self.gaps[topic] for topic in sorted(self.gaps) if self.gaps[topic].state == state]

    def _new(self, state: str) -> list[Gap]:
        return [gap for gap in self._in(state) if gap.last.at_ms == self.now_ms]


@dataclass(frozen=True, slots=True)
class Period:
    """The report's week and its moment.

    Attributes:
        monday: the first day of the week.
        now_ms: Unix epoch milliseconds; the same for every run of one report.
        zone: where its days are cut.

    """

    monday: date
    now_ms: int
    zone: ZoneInfo


def follow_gaps(
    known: Iterable[Gap],
    decisions: Sequence[Decision],
    failing: Iterable[str],
    by_day: Mapping[date, Mapping[str, Evidence]],
    period: Period,
) -> FollowedGaps:
    """Return what becomes of a site's gaps in the report of a week.

    Args:
        known: the gaps as they are stored.
        decisions: all that the owner has decided.
        failing: the topics that fail in the week.
        by_day: what was asked of each topic on each day of the report's weeks.
        period: the week and the moment.

    """
    failing = frozenset(failing)
    before = {gap.topic: gap for gap in known}
    topics = before.keys() | failing | {each.topic for each in decisions}
    current = {
        topic: decided(before.get(topic) or opened(topic, _first_seen(topic, decisions, period.now_ms)), decisions)
        for topic in sorted(topics)
    }
    judgeable = sum(gap.state in {"fixed", "confirmed"} for gap in current.values())
    partners = _partners(current)
    gaps = {}
    for topic, gap in current.items():
        together = partners.get(topic, (topic,))
        seen = _observed(gap, together, by_day, period)
        is_failing = not failing.isdisjoint(together)
        gaps[topic] = judged(gap, replace(seen, is_failing=is_failing, comparisons=max(judgeable, 1)))
    changed = [gap for topic, gap in gaps.items() if gap != before.get(topic)]
    return FollowedGaps(gaps, changed, period.now_ms)


def _first_seen(topic: str, decisions: Sequence[Decision], now_ms: int) -> int:
    """Return when a gap opened that is not stored: before the first decision on it."""
    return min((each.decided_at_ms - 1 for each in decisions if each.topic == topic), default=now_ms)


def _partners(gaps: Mapping[str, Gap]) -> dict[str, tuple[str, ...]]:
    """Return each topic with those that the owner called the same."""
    same: dict[str, tuple[str, ...]] = {}
    for topic, gap in gaps.items():
        if gap.state == "same":
            same[gap.same_as] = (*same.get(gap.same_as, (gap.same_as,)), topic)
    return same


def _observed(
    gap: Gap, topics: Sequence[str], by_day: Mapping[date, Mapping[str, Evidence]], period: Period
) -> Observation:
    """Return what was asked of a gap's topics before its last change, since then, and in the week."""
    fixed_on = datetime.fromtimestamp(gap.last.at_ms / 1000, UTC).astimezone(period.zone).date()
    # The day of the fix is neither: a part of it was before.
    since = _sum(by_day, topics, fixed_on + timedelta(days=1), date.max)
    before = _sum(by_day, topics, fixed_on - timedelta(days=_DAYS_BEFORE), fixed_on - timedelta(days=1))
    latest = _sum(by_day, topics, period.monday, period.monday + timedelta(days=_DAYS_OF_WEEK - 1))
    return Observation(is_failing=False, now_ms=period.now_ms, before=before, since=since, latest=latest)


def _sum(by_day: Mapping[date, Mapping[str, Evidence]], topics: Sequence[str], first: date, last: date) -> Evidence:
    found = (counts.get(topic, NOTHING) for day, counts in by_day.items() if first <= day <= last for topic in topics)
    return sum(found, NOTHING)
