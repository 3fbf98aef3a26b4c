"""Numbers as a reader meets them: beside last week, with their history, as bars, as durations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from reporter.report.change import Change, Share, count_change, share_change
from reporter.report.significance import count_p_value, day_dispersion, real_changes, share_p_value
from reporter.rollups.clusters import Moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reporter.rollups.distinct import Distinct
    from reporter.rollups.rollup import Rollup
    from reporter.rollups.tally import Tally

_SECOND_MS: Final = 1000
_TEN_SECONDS_MS: Final = 10_000
_DAYS_IN_WEEK: Final = 7
_SAME_RATE: Final = 1.1

# The standard error of an estimated number of sessions or visitors (reporter.rollups.distinct).
_ERROR_OF_ESTIMATE: Final = 0.022

# The figures that a mail compares with last week's, and so may call changed by mistake. "Without a
# good answer" is every outcome but answered, so answered is not compared once more.
COUNTS: Final = ("questions", "sessions", "visitors")
SHARES: Final = ("not_answered", "useful", "rephrased", "partial", "unanswered", "refused", "error", "abandoned")


@dataclass(frozen=True, slots=True)
class Bar:
    """A count and its share of the largest beside it."""

    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what became of it since last week, and the weeks up to now as bars."""

    label: str
    value: str
    change: Change
    history: tuple[Bar, ...]
    good_when: int = 0
    note: str = ""

    @property
    def tone(self) -> str:
        """good, bad, or neutral: whether the change is welcome."""
        return {1: "good", -1: "bad"}.get(self.change.direction * self.good_when, "neutral")


class Comparison:
    """A week beside the weeks before it."""

    def __init__(self, weeks: Sequence[Rollup], labels: Sequence[str], *, is_over: bool) -> None:
        """Take the rollups and their names, both with the latest week first."""
        self._weeks = weeks
        self._labels = labels
        self._is_over = is_over
        self.this = weeks[0]
        self.is_first = not any(week.exchanges or week.bots for week in weeks[1:])
        self.last = None if self.is_first else weeks[1]

    @cached_property
    def real(self) -> frozenset[str]:
        """The names of the figures that differ from last week's by more than chance."""
        if self.last is None or not self._is_over:
            return frozenset()
        dispersion = self._dispersion(self.last)
        p_values = {name: share_p_value(_moments(self.this, name), _moments(self.last, name)) for name in SHARES}
        for name in COUNTS if _same_rate(self.this, self.last) else COUNTS[:1]:
            scale = dispersion if name == "questions" else dispersion / self._session_scale(self.last)
            p_values[name] = count_p_value(_moments(self.this, name), _moments(self.last, name), scale)
        return real_changes(p_values)

    def count(
        self, label: str, name: str, count: Callable[[Rollup], float], *, good_when: int = 0, note: str = ""
    ) -> Figure:
        """Return a count; that of a week that is not over is not compared with a whole week's."""
        value, last = count(self.this), None if self.last is None else count(self.last)
        change = count_change(value, last, is_real=name in self.real)
        if last is not None and not self._is_over:
            change = Change(f"all of last week {last:,.0f}")
        return Figure(label, f"{value:,.0f}", change, self._history(count), good_when, note)

    def share(
        self, label: str, name: str, share: Callable[[Rollup], Share], *, good_when: int = 0, note: str = ""
    ) -> Figure:
        """Return a share of something."""
        value = share(self.this)
        last = None if self.last is None else share(self.last)
        history = self._history(lambda week: round(share(week).rate * 1000))
        change = share_change(value, last, is_real=name in self.real)
        return Figure(label, str(value) if value.whole else "–", change, history, good_when, note)

    def _dispersion(self, last: Rollup) -> float:
        """Return the variance of a day's questions over their mean, from sessions and from the days."""
        if max(self.this.represented - self.this.exchanges, last.represented - last.exchanges) > 0:
            return self._session_scale(last)  # what days vary by is not known of a sample
        days = [
            [sum(counts.values()) for _, counts in sorted(week.by_day.items())][:_DAYS_IN_WEEK]
            for week in self._weeks
            if len(week.by_day) == _DAYS_IN_WEEK
        ]
        return max(day_dispersion(days), self._session_scale(last))

    def _session_scale(self, last: Rollup) -> float:
        both = (self.this.clusters.of("questions"), last.clusters.of("questions"))
        whole = sum(moments.whole for moments in both)
        return max(1.0, sum(moments.whole_squared for moments in both) / whole) if whole else 1.0

    def _history(self, value: Callable[[Rollup], float]) -> tuple[Bar, ...]:
        if self.is_first:
            return ()
        pairs = zip(self._labels, (round(value(week)) for week in self._weeks), strict=True)
        return tuple(reversed(bars(pairs)))


def bars(counts: Iterable[tuple[str, int]]) -> list[Bar]:
    """Return counts with their share of the largest."""
    pairs = list(counts)
    largest = max((count for _, count in pairs), default=0) or 1
    return [Bar(label, count, count / largest) for label, count in pairs]


def top(tally: Tally, limit: int) -> list[Bar]:
    """Return the most frequent names with their share of everything counted."""
    return [Bar(name, count, count / tally.total) for name, count in tally.top(limit)]


def duration(milliseconds: float | None) -> str:
    """Write a duration with two or three figures: 340 ms, 1.2 s, 14 s."""
    if milliseconds is None:
        return "–"
    if round(milliseconds) < _SECOND_MS:
        return f"{milliseconds:.0f} ms"
    if milliseconds < _TEN_SECONDS_MS:
        return f"{milliseconds / _SECOND_MS:.1f} s"
    return f"{milliseconds / _SECOND_MS:,.0f} s"


def samples_needed(quantile: float) -> int:
    """Return how many values a quantile takes: one beyond it on average, so 100 for p99."""
    return round(1 / (1 - quantile))


def _moments(week: Rollup, name: str) -> Moments:
    if name == "not_answered":
        return week.clusters.complement("answered")
    if name in {"sessions", "visitors"}:
        return _moments_of_distinct(week.sessions if name == "sessions" else week.visitors)
    return week.clusters.of(name)


def _same_rate(this: Rollup, last: Rollup) -> bool:
    """Whether as large a part of the questions was recorded in both weeks."""
    ratios = [week.represented / week.exchanges for week in (this, last) if week.exchanges]
    return not ratios or max(ratios) < _SAME_RATE * min(ratios)


def _moments_of_distinct(distinct: Distinct) -> Moments:
    error = 0.0 if distinct.is_exact else (_ERROR_OF_ESTIMATE * distinct.count) ** 2
    return Moments(distinct.count, 0, distinct.count, 0, 0, distinct.count + error)
