"""Which figures of a mail differ from last week's by more than chance, all of them taken together.

Sessions are the unit: under the hypothesis that nothing changed, each session might as well have
come in the other week. The variance of a sum over sessions is then the sum of squares of what
each contributed, whatever their sizes (cluster-robust; the score test that swaps sessions between
the weeks). Counts may vary more than sessions explain; how much, their days show (Pearson's
statistic of weekday by week). Holm (1979) corrects for the number of figures, so that one mail in
twenty-five, at most, says of a quiet week that something changed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reporter.rollups.clusters import Moments

# Of the 5% of mails that may be wrong; the rest is left to the topics that are called fixed.
FIGURES_LEVEL: Final = 0.04
TOPICS_LEVEL: Final = 0.01

_FEWEST_SESSIONS: Final = 10
_FEWEST_EVENTS: Final = 5
_DAYS_IN_WEEK: Final = 7
_FEWEST_A_DAY: Final = 1


def count_p_value(this: Moments, last: Moments, dispersion: float = 1.0) -> float:
    """Return the chance of two sums at least so different in weeks of equal expectation.

    Args:
        this: the sums of the one week; `whole` is compared.
        last: those of the other.
        dispersion: variance of a day's sum in units of its mean, where that is known.

    """
    total, squares = this.whole + last.whole, this.whole_squared + last.whole_squared
    sessions = this.sessions + last.sessions
    if not sessions or not total:
        return 1.0
    variance = max(squares, dispersion * total)
    return _two_sided(abs(this.whole - last.whole) - total / sessions, variance)


def share_p_value(this: Moments, last: Moments) -> float:
    """Return the chance of two shares at least so different where the true share is the same."""
    part, whole = this.part + last.part, this.whole + last.whole
    if not whole or min(this.sessions, last.sessions) < _FEWEST_SESSIONS:
        return 1.0
    squares = this.part_squared + last.part_squared
    others = (this.whole_squared - 2 * this.product + this.part_squared) + (
        last.whole_squared - 2 * last.product + last.part_squared
    )
    if min(_effective(part, squares), _effective(whole - part, others)) < _FEWEST_EVENTS:
        return 1.0
    rate, weight = part / whole, this.whole / whole
    variance = (1 - weight) ** 2 * this.residual(rate) + weight**2 * last.residual(rate)
    correction = whole / (this.sessions + last.sessions) / 2
    return _two_sided(abs(this.part - rate * this.whole) - correction, variance)


def day_dispersion(weeks: Sequence[Sequence[int]]) -> float:
    """Return how much days vary around weekday and week, as variance over mean; 1 where that is unknown.

    Args:
        weeks: seven daily counts each; weeks without any count are left out.

    """
    table = [week for week in weeks if sum(week)]
    rows, columns = [sum(week) for week in table], [sum(days) for days in zip(*table, strict=True)]
    total, freedom = sum(rows), (len(table) - 1) * (_DAYS_IN_WEEK - 1)
    if freedom < _DAYS_IN_WEEK or total < _FEWEST_A_DAY * len(table) * _DAYS_IN_WEEK:
        return 1.0
    statistic = 0.0
    for week, row in zip(table, rows, strict=True):
        for count, column in zip(week, columns, strict=True):
            if column:
                statistic += (count - row * column / total) ** 2 / (row * column / total)
    return max(1.0, statistic / freedom)


def real_changes(p_values: Mapping[str, float], level: float = FIGURES_LEVEL) -> frozenset[str]:
    """Return the figures whose change is real, by Holm's procedure."""
    ranked = sorted(p_values.items(), key=lambda pair: pair[1])
    found = []
    for rank, (name, p_value) in enumerate(ranked):
        if p_value > level / (len(ranked) - rank):
            break
        found.append(name)
    return frozenset(found)


def _effective(total: float, squares: float) -> float:
    """Return how many sessions of one size would say as much."""
    return total * total / squares if squares > 0 else 0.0


def _two_sided(difference: float, variance: float) -> float:
    if variance <= 0 or difference <= 0:
        return 1.0
    return math.erfc(difference / math.sqrt(2 * variance))
