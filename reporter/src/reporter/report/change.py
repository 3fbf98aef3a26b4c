"""A figure beside last week's, in words. Whether the change is real, `significance` decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Below these, a percentage says more about chance than about the site.
FEW: Final = 20
FEW_OF_SHARE: Final = 10

_ONE_DECIMAL_BELOW: Final = 9.95
_SMALLEST: Final = 0.1
_LEAST_POINTS: Final = 0.05


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

    def __str__(self) -> str:
        """Write "81%", or "3 of 5" where a percentage would mislead."""
        return percent(self.rate) if self.is_telling else f"{self.part:,} of {self.whole:,}"


def percent(rate: float) -> str:
    """Write a share as a percentage, with a decimal where it is near none or all: 4.2%, 47%, 99.6%."""
    value = rate * 100
    if 0 < value < _SMALLEST:
        return "under 0.1%"
    if 100 - _SMALLEST < value < 100:  # noqa: PLR2004 - all of it
        return "over 99.9%"
    if 0 < value < _ONE_DECIMAL_BELOW or 99 <= value < 100:  # noqa: PLR2004 - as above
        return f"{value:.1f}%".replace(".0%", "%")
    return f"{value:.0f}%"


def count_change(this: float, last: float | None, *, is_real: bool) -> Change:
    """Compare two counts; `last` is None where there is no week before."""
    if last is None:
        return Change("first week")
    if max(this, last) < FEW:
        return Change(f"last week {last:,.0f}")
    if last < FEW:
        difference = ("up" if this > last else "down") if is_real else f"{this - last:+,.0f}"
        return _told(difference, last, this - last, is_real=is_real)
    relative = (this - last) / last
    difference = f"{relative:+.0%}" if round(relative, 2) else f"{this - last:+,.0f}"
    return _told(difference, last, this - last, is_real=is_real)


def share_change(this: Share, last: Share | None, *, is_real: bool) -> Change:
    """Compare two shares; `last` is None where there is no week before."""
    if last is None or (not last.whole and not this.whole):
        return Change("first week" if last is None else "")
    if not last.whole:
        return Change("none last week")
    if not (this.is_telling and last.is_telling):
        return Change(f"last week {last.part:,} of {last.whole:,}")
    if is_real:
        return Change(f"{'up' if this.rate > last.rate else 'down'} from {last}", 1 if this.rate > last.rate else -1)
    points = (this.rate - last.rate) * 100
    difference = f"{points:+.1f} points, within chance" if abs(points) >= _LEAST_POINTS else "as before"
    return Change(f"last week {last} ({difference})")


def _told(difference: str, last: float, sign: float, *, is_real: bool) -> Change:
    if is_real:
        return Change(f"{difference}, last week {last:,.0f}", (sign > 0) - (sign < 0))
    return Change(f"last week {last:,.0f} ({difference}, within chance)" if sign else f"last week {last:,.0f}")
