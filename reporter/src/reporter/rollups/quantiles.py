"""Quantiles of durations in a few kilobytes, mergeable, within one per cent.

DDSketch (Masson, Rim, Lee, VLDB 2019): every returned quantile is within `RELATIVE_ERROR` of the
smallest value that at least the share q of all values does not exceed, whatever their distribution: "19 of 20 within"
is then true of few values as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Self

from ddsketch.ddsketch import BaseDDSketch
from ddsketch.mapping import LogarithmicMapping
from ddsketch.store import DenseStore

from reporter.rollups import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

RELATIVE_ERROR: Final = 0.01

# Beyond every finite duration: log(1.8e308) / log(1.01 / 0.99).
_LARGEST_KEY: Final = 36_000

# 0.95 of 20 is 19, and not a little more.
_ROUNDING: Final = 1e-9


class Quantiles:
    """The distribution of some durations in milliseconds."""

    def __init__(self) -> None:
        self._store = DenseStore()
        self._zeros = 0
        self._mapping = LogarithmicMapping(RELATIVE_ERROR)

    def add(self, duration_ms: float) -> None:
        """Count a duration of zero or more milliseconds."""
        if duration_ms > self._mapping.min_possible:
            self._store.add(self._mapping.key(duration_ms))
        else:
            self._zeros += 1

    def merge(self, other: Quantiles) -> None:
        """Count all that another has counted."""
        self._store.merge(other._store)
        self._zeros += other._zeros

    @property
    def count(self) -> int:
        """How many durations were counted."""
        return int(self._store.count) + self._zeros

    def at(self, quantile: float) -> float | None:
        """Return the duration at a quantile between 0 and 1, or None where nothing was counted."""
        if self.count == 0:
            return None
        sketch = BaseDDSketch(self._mapping, self._store, DenseStore(), self._zeros)
        last = self.count - 1
        index = min(max(math.ceil(quantile * self.count - _ROUNDING) - 1, 0), last)
        # The sketch finds the value at the rank that is this share of the last; half a rank is out of rounding's reach.
        return float(sketch.get_quantile_value(1.0 if index == last else (index + 0.5) / last))

    def to_json(self) -> dict[str, Any]:
        """Return the bins that hold something; keys are positions on the logarithmic scale."""
        first = self._store.offset
        bins = {str(first + index): int(count) for index, count in enumerate(self._store.bins) if count}
        return {"zeros": self._zeros, "bins": bins}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json` returned."""
        quantiles = cls()
        quantiles._zeros = checked.count(data["zeros"])
        for key, count in checked.counts(data["bins"]).items():
            if abs(int(key)) > _LARGEST_KEY:
                raise checked.DamagedRollupError("no duration")
            quantiles._store.add(int(key), count)
        return quantiles
