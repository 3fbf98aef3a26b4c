"""Whether a day is worse than the same weekdays before it, beyond chance and by enough to matter.

A share is compared by a score test whose variance takes the session as the unit (cluster-robust, Liang and Zeger 1986),
and is widened by how much the days before differ among themselves (Cochran's Q). An alert
interrupts somebody: the level is far below that of a report, and small numbers never give one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

# Standard errors. One-sided, 3.2 are 7 in 10,000: with the minimum rises below, simulated quiet sites of five kinds
# gave fewer than one false alarm in a quarter (tests/test_alert_comparison.py).
THRESHOLD: Final = 3.2
MIN_SESSIONS: Final = 12
MIN_SESSIONS_BEFORE: Final = 40
MIN_EVENTS: Final = 6
# How much worse is worth interrupting somebody for: in percentage points, and as a factor.
MIN_RISE: Final = 0.10
MIN_FACTOR: Final = 1.5
MIN_DAYS_BEFORE: Final = 3
# Four days tell little of how much days differ: they count beside so many that would differ as sessions let expect.
_PRIOR_DAYS: Final = 4

# A usual day has so many sessions before none at all means something.
SILENCE_FROM: Final = 20
COST_FACTOR: Final = 3.0
MIN_DOLLARS: Final = 1.0


class Moments(Protocol):
    """Sums over sessions of a figure's part and whole: see `rollups.clusters`."""

    @property
    def sessions(self) -> int:
        """How many sessions contributed."""

    @property
    def part(self) -> float:
        """The sum of the parts."""

    @property
    def whole(self) -> float:
        """The sum of the wholes."""

    @property
    def part_squared(self) -> float:
        """The sum of the parts' squares."""

    @property
    def product(self) -> float:
        """The sum of part times whole."""

    @property
    def whole_squared(self) -> float:
        """The sum of the wholes' squares."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure that is worse: what it was, and what it usually is. Shares are 0 to 1."""

    figure: str
    now: float
    before: float
    score: float


def worse_share(figure: str, day: Moments, before: Sequence[Moments]) -> Finding | None:
    """Return a finding if a share of bad events is higher than on the days before; None otherwise."""
    known = [each for each in before if each.whole > 0]
    sessions_before = sum(each.sessions for each in known)
    if len(known) < MIN_DAYS_BEFORE or day.sessions < MIN_SESSIONS or sessions_before < MIN_SESSIONS_BEFORE:
        return None
    whole_before, part_before = sum(each.whole for each in known), sum(each.part for each in known)
    now, usual = day.part / day.whole, part_before / whole_before
    if day.part < MIN_EVENTS or now - usual < MIN_RISE or now < MIN_FACTOR * usual:
        return None
    pooled = (day.part + part_before) / (day.whole + whole_before)
    variance_before = sum(_residual(each, pooled) for each in known) / whole_before**2
    variance = _variance(day, pooled) + variance_before
    error = math.sqrt(variance * _heterogeneity(known, usual))
    score = (now - usual) / error if error else 0.0
    return Finding(figure, now, usual, score) if score >= THRESHOLD else None


def silent(sessions: int, before: Sequence[int]) -> Finding | None:
    """Return a finding if nobody asked anything, where on every such weekday before many did."""
    if sessions or len(before) < MIN_DAYS_BEFORE or min(before) < SILENCE_FROM:
        return None
    return Finding("silence", 0.0, sum(before) / len(before), math.inf)


def dearer(dollars: float, before: Sequence[float]) -> Finding | None:
    """Return a finding if the models cost a multiple of the dearest such weekday before."""
    if len(before) < MIN_DAYS_BEFORE or dollars < max(MIN_DOLLARS, COST_FACTOR * max(before)):
        return None
    return Finding("cost", dollars, sum(before) / len(before), math.inf)


def _variance(moments: Moments, rate: float) -> float:
    """Return the variance of a day's rate around a common one."""
    # The few sessions of one day understate it: the usual correction for a mean that is estimated.
    correction = moments.sessions / (moments.sessions - 1)
    return correction * _residual(moments, rate) / moments.whole**2


def _residual(moments: Moments, rate: float) -> float:
    squares = moments.part_squared - 2 * rate * moments.product + rate * rate * moments.whole_squared
    # No fewer than if every session had asked once: sums of one kind of session would make it zero.
    return max(squares, rate * (1 - rate) * moments.whole)


def _heterogeneity(days: Sequence[Moments], rate: float) -> float:
    """Return by how much the days differ more than their sessions explain, at least 1."""
    rate = min(max(rate, 1e-6), 1 - 1e-6)
    deviations = [(each.part / each.whole - rate) ** 2 * each.whole**2 / _residual(each, rate) for each in days]
    return max(1.0, (sum(deviations) + _PRIOR_DAYS) / (len(days) - 1 + _PRIOR_DAYS))
