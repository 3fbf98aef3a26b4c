"""Numbers as a reader meets them: beside last week, with their history, as bars, as durations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reporter.report.change import Change, Share, count_change, share_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reporter.rollups.rollup import Rollup
    from reporter.rollups.tally import Tally

_SECOND_MS: Final = 1000
_TEN_SECONDS_MS: Final = 10_000


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

    def count(self, label: str, count: Callable[[Rollup], int], *, good_when: int = 0, note: str = "") -> Figure:
        """Return a count; that of a week that is not over is not compared with a whole week's."""
        value = count(self.this)
        last = None if self.last is None else count(self.last)
        change = count_change(value, last)
        if last is not None and not self._is_over:
            change = Change(f"all of last week {last:,}")
        return Figure(label, f"{value:,}", change, self._history(count), good_when, note)

    def share(self, label: str, share: Callable[[Rollup], Share], *, good_when: int = 0, note: str = "") -> Figure:
        """Return a share of something."""
        value = share(self.this)
        change = share_change(value, None if self.last is None else share(self.last))
        history = self._history(lambda week: round(share(week).rate * 100))
        return Figure(label, str(value) if value.whole else "–", change, history, good_when, note)

    def quantile(self, name: str, quantile: float) -> Figure:
        """Return a quantile of a duration; none where there are too few for it to mean anything."""
        last = "" if self.last is None else f"last week {_quantile(self.last, name, quantile)}"
        label = f"p{quantile * 100:.0f}"
        return Figure(label, _quantile(self.this, name, quantile), Change(last), ())

    def _history(self, value: Callable[[Rollup], int]) -> tuple[Bar, ...]:
        if self.is_first:
            return ()
        pairs = zip(self._labels, map(value, self._weeks), strict=True)
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


def _quantile(week: Rollup, name: str, quantile: float) -> str:
    durations = week.latencies[name]
    if durations.count == 0:
        return "–"
    if durations.count < samples_needed(quantile):
        return f"– ({durations.count} of {samples_needed(quantile)} needed)"
    return duration(durations.at(quantile))
