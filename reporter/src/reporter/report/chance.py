"""Whether something fails more often than the rest does, beyond chance."""

from __future__ import annotations

import math
from typing import Final

_SIGNIFICANT: Final = 0.05

# Beyond this many tries the binomial distribution is a normal one for all that is asked here.
_EXACT_UP_TO: Final = 1_000


def exceeds(failed: float, count: float, expected: float) -> bool:
    """Return whether that many failures or more would come by chance in less than 5 of 100 cases.

    Args:
        failed: how many failed; a part of one is not counted.
        count: of how many.
        expected: how often the rest fails, 0 to 1.

    """
    failures, tries = math.floor(failed), max(1, round(count))
    if failures < 1:
        return False
    expected = min(max(expected, 1e-9), 1 - 1e-9)
    return _tail(min(failures, tries), tries, expected) < _SIGNIFICANT


def _tail(failures: int, tries: int, expected: float) -> float:
    """Return the probability of so many failures or more."""
    if tries > _EXACT_UP_TO:
        deviation = math.sqrt(tries * expected * (1 - expected))
        return math.erfc((failures - 0.5 - tries * expected) / (deviation * math.sqrt(2))) / 2
    return sum(
        math.exp(
            math.lgamma(tries + 1)
            - math.lgamma(number + 1)
            - math.lgamma(tries - number + 1)
            + number * math.log(expected)
            + (tries - number) * math.log1p(-expected)
        )
        for number in range(failures, tries + 1)
    )
