"""Questions that followed each other in a session and share no words: an even sample, to be judged by meaning later.

A daily run has no sentence encoder. It counts such pairs and keeps those with the smallest hashes,
which is a sample that merges over days (bottom-k; Cohen and Kaplan, PODC 2007).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

from reporter.rollups import checked

_LIVE: Final = 200


class Pair(NamedTuple):
    """Two questions in a row, and whether the second was answered well."""

    moment_ms: int
    first: str
    second: str
    worked: bool

    @property
    def rank(self) -> tuple[int, int, str]:
        """Sort key: by chance, and always the same."""
        named = f"{self.moment_ms} {self.second}".encode("utf-8", "replace")
        return zlib.crc32(named), self.moment_ms, self.second

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Restore a row."""
        moment_ms, first, second, worked = checked.row(data, 4)
        return cls(checked.count(moment_ms), checked.text(first), checked.text(second), checked.flag(worked))


@dataclass(slots=True)
class Pairs:
    """How many pairs there were, and a sample of them."""

    count: int = 0
    sample: list[Pair] = field(default_factory=list)

    def add(self, pair: Pair) -> None:
        """Count a pair."""
        self.count += 1
        self.sample.append(pair)
        if len(self.sample) > 2 * _LIVE:
            self.shrink(_LIVE)

    def merge(self, other: Pairs) -> None:
        """Count all that another has counted."""
        self.count += other.count
        self.sample = sorted(self.sample + other.sample, key=lambda pair: pair.rank)

    def shrink(self, limit: int) -> None:
        """Keep so many pairs at most."""
        self.sample = sorted(self.sample, key=lambda pair: pair.rank)[:limit]

    def to_json(self) -> list[Any]:
        """Return a row."""
        return [self.count, [[pair.moment_ms, pair.first, pair.second, pair.worked] for pair in self.sample]]

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Restore what `to_json` returned."""
        count, sample = checked.row(data, 2)
        return cls(checked.count(count), list(map(Pair.from_json, checked.rows(sample))))
