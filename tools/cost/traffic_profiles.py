"""When exchanges come: made-up days, each of one shape. The same seed gives the same day."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

DAY = 86_400
_STEP = 60
"""Seconds for which the rate is taken as constant."""


@dataclass(frozen=True)
class Profile:
    """A shape of traffic."""

    name: str
    description: str
    exchanges: int
    """How many there are unless somebody asks for another number."""
    seconds: int
    weight: Callable[[float], float]
    """The rate at a time, in seconds from the beginning, in any unit."""

    def arrivals(self, exchanges: int, seed: int) -> list[float]:
        """Return when exchanges come, in seconds from the beginning, sorted."""
        chance = random.Random(seed)  # noqa: S311 - chance need not be secret
        steps = range(0, self.seconds, _STEP)
        weights = list(accumulate(self.weight(step + _STEP / 2) for step in steps))
        chosen = chance.choices(steps, cum_weights=weights, k=exchanges)
        return sorted(step + chance.random() * min(_STEP, self.seconds - step) for step in chosen)


def _business_hours(second: float) -> float:
    """Return the rate of a day from nine to five: a dip at noon, little in the evening, hardly anything at night."""
    hour = second / 3600
    if 12 <= hour < 13:  # noqa: PLR2004 - a status
        return 6
    if 9 <= hour < 17:  # noqa: PLR2004 - a status
        return 10
    return 2 if 7 <= hour < 22 else 0.3  # noqa: PLR2004 - a status


def _front_page(second: float) -> float:
    """Return the rate of a quiet night, half an hour's rise to thirty times as much, halved every three hours."""
    begin, rise, half_life = 8 * 3600, 1800, 3 * 3600
    if second < begin:
        return 1
    if second < begin + rise:
        return 1 + 29 * (second - begin) / rise
    return max(1.0, 30 * math.exp2(-(second - begin - rise) / half_life))


PROFILES: Sequence[Profile] = (
    Profile("steady", "evenly through a day", 33_333, DAY, lambda _: 1),
    Profile(
        "business-hours",
        "most of a day's within its office hours",
        33_333,
        DAY,
        _business_hours,
    ),
    Profile("burst", "all within ten minutes", 100_000, 600, lambda _: 1),
    Profile("front-page", "one day, most of it within hours", 1_000_000, DAY, _front_page),
)
