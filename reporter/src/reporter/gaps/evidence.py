"""Whether one period answers better than another, beyond chance.

Fisher's exact test, one-sided (Fisher 1935): the chance of so few failures in the later period, or fewer, if nothing
had changed. Exact, so that it holds for the few questions of one topic. What is counted should be independent:
sessions, where they are known, rather than the questions of one session.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

# The chance of a wrong claim in one comparison.
LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """How often a topic was asked in a period, and how often it was answered well."""

    asked: int = 0
    answered: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that cannot be.

        Raises:
            ValueError: more was answered than asked, or less than nothing.

        """
        if not 0 <= self.answered <= self.asked:
            raise ValueError(f"{self.answered} of {self.asked} cannot be answered")

    @property
    def failed(self) -> int:
        """How often it was not answered well."""
        return self.asked - self.answered

    def __add__(self, other: Evidence) -> Evidence:
        """Add two periods, or two topics that are the same."""
        return Evidence(self.asked + other.asked, self.answered + other.answered)

    def __str__(self) -> str:
        """Write "31 of 33"."""
        return f"{self.answered} of {self.asked}"


NOTHING: Final = Evidence()


def is_better(before: Evidence, since: Evidence, comparisons: int = 1) -> bool:
    """Tell whether failures became rarer, at `LEVEL` over as many comparisons as are made (Bonferroni)."""
    return chance_of_fewer_failures(before, since) < LEVEL / max(comparisons, 1)


def is_worse(before: Evidence, since: Evidence, comparisons: int = 1) -> bool:
    """Tell whether failures became more frequent, in the same way."""
    return is_better(since, before, comparisons)


def chance_of_fewer_failures(before: Evidence, since: Evidence) -> float:
    """Return the probability of at most `since.failed` failures in `since`, given all failures of both periods."""
    asked = before.asked + since.asked
    failed = before.failed + since.failed
    if not before.asked or not since.asked or not failed:
        return 1.0
    least = max(0, failed - before.asked)
    terms = (
        _log_choose(since.asked, count) + _log_choose(before.asked, failed - count)
        for count in range(least, since.failed + 1)
    )
    return min(math.fsum(math.exp(term - _log_choose(asked, failed)) for term in terms), 1.0)


def _log_choose(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)
