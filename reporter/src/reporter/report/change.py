"""Says what changed since last week, and only what is more than chance.

Counts are compared as two Poisson counts (conditional test, normal approximation; Przyborowski
and Wilenski 1940), shares by Wilson score intervals (Wilson 1927) and Newcombe's interval for the
difference (Newcombe 1998, method 10). All at 95 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.959964  # the 97.5 % quantile of the normal distribution

# Below these, a percentage says more about chance than about the site.
FEW: Final = 20
FEW_OF_SHARE: Final = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A comparison in words, and whether it is good or bad news, if it is news."""

    text: str
    direction: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def rate(self) -> float:
        """The share, 0 to 1; 0 of nothing."""
        return self.part / self.whole if self.whole else 0.0

    @property
    def is_telling(self) -> bool:
        """Whether there are enough cases to give a percentage."""
        return self.whole >= FEW_OF_SHARE

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson score interval: where the true share lies with 95 % confidence."""
        if not self.whole:
            return (0.0, 1.0)
        spread = _Z * _Z / self.whole
        centre = (self.rate + spread / 2) / (1 + spread)
        half = _Z / (1 + spread) * math.sqrt(self.rate * (1 - self.rate) / self.whole + spread / (4 * self.whole))
        return (max(0.0, centre - half), min(1.0, centre + half))

    def __str__(self) -> str:
        """Write "81 %", or "3 of 5" where a percentage would mislead."""
        return percent(self.rate) if self.is_telling else f"{self.part:,} of {self.whole:,}"


def percent(rate: float) -> str:
    """Write a share between 0 and 1 as a percentage without false precision."""
    value = rate * 100
    if 0 < value < 1:
        return "under 1 %"
    if 99 < value < 100:  # noqa: PLR2004
        return "over 99 %"
    return f"{value:.0f} %"


def count_change(this: int, last: int | None) -> Change:
    """Compare two counts; `last` is None where there is no week before."""
    if last is None:
        return Change("first week")
    if max(this, last) < FEW:
        return Change(f"last week {last:,}")
    if abs(this - last) < _Z * math.sqrt(this + last):
        return Change(f"no real change, last week {last:,}")
    direction = 1 if this > last else -1
    if last < FEW:
        return Change(f"{'up' if direction > 0 else 'down'}, last week {last:,}", direction)
    return Change(f"{(this - last) / last:+.0%}".replace("%", " %") + f", last week {last:,}", direction)


def share_change(this: Share, last: Share | None) -> Change:
    """Compare two shares; `last` is None where there is no week before."""
    if last is None or (not last.whole and not this.whole):
        return Change("first week" if last is None else "")
    if not last.whole:
        return Change("none last week")
    if not (this.is_telling and last.is_telling):
        return Change(f"last week {last.part:,} of {last.whole:,}")
    if not _differ(this, last):
        return Change(f"no real change, last week {last}")
    direction = 1 if this.rate > last.rate else -1
    return Change(f"{'up' if direction > 0 else 'down'} from {last}", direction)


def _differ(first: Share, second: Share) -> bool:
    difference = first.rate - second.rate
    (first_low, first_high), (second_low, second_high) = first.interval, second.interval
    low = difference - math.hypot(first.rate - first_low, second_high - second.rate)
    high = difference + math.hypot(first_high - first.rate, second.rate - second_low)
    return low > 0 or high < 0
