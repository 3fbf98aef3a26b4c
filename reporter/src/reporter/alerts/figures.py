"""What is compared: the figures of a day, taken from its rollup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reporter.alerts.comparison import Finding, Moments, dearer, silent, worse_share
from reporter.alerts.explanation import Failures
from reporter.rollups.questions import Questions
from reporter.rollups.rollup import merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.rollups.group import Group
    from reporter.rollups.rollup import Rollup

_MICRO: Final = 1_000_000
_SLOW: Final = 0.95
_STEPS: Final = 20
"""Bisections: a share to a millionth."""


@dataclass(frozen=True, slots=True)
class _Sessions:
    """A share of sessions, each of which counts once."""

    sessions: int
    part: float

    @property
    def whole(self) -> float:
        return self.sessions

    @property
    def part_squared(self) -> float:
        return self.part

    @property
    def product(self) -> float:
        return self.part

    @property
    def whole_squared(self) -> float:
        return self.sessions


def findings(day: Rollup, before: Sequence[Rollup]) -> list[Finding]:
    """Return what is worse on a day than on the same weekdays before it, the surest first."""
    found = [
        silent(_asked(day), [_asked(each) for each in before]),
        worse_share("failed", _failed(day), [_failed(each) for each in before]),
        worse_share("errors", day.clusters.of("error"), [each.clusters.of("error") for each in before]),
        _slower(day, before),
        worse_share("ratings", _rated_down(day), [_rated_down(each) for each in before]),
        dearer(_dollars(day), [_dollars(each) for each in before]),
    ]
    return sorted((each for each in found if each is not None), key=lambda each: -each.score)


def slow_from(before: Sequence[Rollup]) -> float | None:
    """Return the duration in milliseconds that one answer of twenty took longer than."""
    return merged(before).latencies["total"].at(_SLOW)


def failures(day: Rollup, before: Sequence[Rollup]) -> tuple[dict[str, Failures], dict[str, Failures]]:
    """Return the failures of each subject, on the day and before it, under the same names."""
    usual = merged(before)
    everything = Questions()
    everything.merge(day.questions)
    everything.merge(usual.questions)
    spellings = everything.spellings()
    first, second = (each.questions.joined(spellings) for each in (day, usual))
    return {name: _failures(group) for name, group in first.items()}, {
        name: _failures(group) for name, group in second.items()
    }


def _failures(group: Group) -> Failures:
    return Failures(group.example.text if group.example else "", group.count, group.trouble)


def _asked(day: Rollup) -> int:
    return day.clusters.of("questions").sessions


def _failed(day: Rollup) -> Moments:
    return day.clusters.complement("answered")


def _rated_down(day: Rollup) -> Moments:
    return day.clusters.complement("useful")


def _dollars(day: Rollup) -> float:
    return day.tallies["micro_dollars"].total / _MICRO


def _slower(day: Rollup, before: Sequence[Rollup]) -> Finding | None:
    """Compare how many sessions had answers slower than nineteen of twenty used to be."""
    limit = slow_from(before)
    if limit is None:
        return None
    return worse_share("latency", _slow(day, limit), [_slow(each, limit) for each in before])


def _slow(day: Rollup, limit_ms: float) -> Moments:
    latencies, sessions = day.latencies["total"], _asked(day)
    if not latencies.count:
        return _Sessions(0, 0.0)
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        value = latencies.at(middle)
        low, high = (middle, high) if value is not None and value <= limit_ms else (low, middle)
    return _Sessions(sessions, (1 - high) * sessions)
