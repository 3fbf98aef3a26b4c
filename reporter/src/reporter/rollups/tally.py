"""How often each of many names occurred, in bounded memory: the frequent by name, the rest as one.

Names that were dropped at a shrinking and come back count from zero again (as in lossy counting,
Manku and Motwani, VLDB 2002), so a name's number may be too low, by no more than what was dropped
in all; the sum of everything stays exact.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from reporter.rollups import checked

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tally:
    """Counts by name."""

    def __init__(self, counts: Mapping[str, int] | None = None, other: int = 0) -> None:
        self.counts: Counter[str] = Counter(counts or {})
        self.other = other

    def add(self, name: str, times: int = 1) -> None:
        """Count a name."""
        self.counts[name] += times

    def merge(self, other: Tally) -> None:
        """Count all that another has counted."""
        self.counts.update(other.counts)
        self.other += other.other

    def shrink(self, limit: int) -> None:
        """Keep the most frequent names (of equals, the first in the alphabet)."""
        if len(self.counts) == limit + 1:  # one name at a time, as the sources of a question
            rarest = max(self.counts, key=lambda name: (-self.counts[name], name))
            self.other += self.counts.pop(rarest)
        elif len(self.counts) > limit:
            kept = dict(self.top(limit))
            self.other += self.counts.total() - sum(kept.values())
            self.counts = Counter(kept)

    def top(self, limit: int) -> list[tuple[str, int]]:
        """Return the most frequent names, most frequent first, equals in alphabetical order."""
        return sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]

    @property
    def total(self) -> int:
        """How often anything was counted."""
        return self.counts.total() + self.other

    def to_json(self) -> dict[str, Any]:
        """Return the counts, and what was not kept by name."""
        return {"counts": dict(sorted(self.counts.items())), "other": self.other}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json` returned."""
        return cls(checked.counts(data["counts"]), checked.count(data["other"]))
