"""The rollups of days: made from exchanges once a day, read by every weekly report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from reporter.period import day_bounds
from reporter.rollups.rollup import Rollup
from reporter.rollups.rollup_builder import roll_up
from reporter.table import DAYS_EXCHANGES_LIVE, MS_PER_DAY, StoredRollup, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

# A day is rolled up after it ends and again when ratings and redriven messages may have come: the
# dead-letter queue keeps them 14 days. Every exchange is read four times in its life.
DAYS_AGO: Final = (1, 2, 8, 15)

# The rollup that a correction is judged by was made this long after its day's end.
_SETTLED_MS: Final = 7 * MS_PER_DAY


class DailyRollups:
    """The rollups of one site, in one time zone."""

    def __init__(self, table: Table, site: str, zone: ZoneInfo, now_ms: int) -> None:
        self._table = table
        self._site = site
        self._zone = zone
        self._now_ms = now_ms

    def refresh(self, day: date) -> Rollup:
        """Roll up a day from its exchanges and store the result, if the day is over.

        Of a day whose exchanges have begun to expire the stored rollup is all that is known, so
        it is returned as it is.
        """
        begin_ms, end_ms = day_bounds(day, self._zone)
        if begin_ms + DAYS_EXCHANGES_LIVE * MS_PER_DAY <= self._now_ms:
            stored = self._stored([day]).get(day)
            return Rollup() if stored is None else stored.rollup
        if begin_ms >= self._now_ms:
            return Rollup()
        exchanges = self._table.exchanges(self._site, begin_ms, end_ms, self._now_ms)
        rollup = roll_up(exchanges, day, self._zone)
        if end_ms <= self._now_ms:
            self._table.put_rollup(self._site, day, self._zone.key, rollup, self._now_ms)
        return rollup

    def of(self, days: Sequence[date], *, settled: bool = False) -> list[Rollup]:
        """Return the rollups of some days that follow each other.

        Stored ones are used where they were made after the day was over or, if `settled`, when
        late messages had had a week to arrive. The others are made again.
        """
        stored = self._stored(days)
        wait_ms = _SETTLED_MS if settled else 0
        return [
            found.rollup
            if (found := stored.get(day)) is not None and self._is_good(found, day, wait_ms)
            else self.refresh(day)
            for day in days
        ]

    def _is_good(self, stored: StoredRollup, day: date, wait_ms: int) -> bool:
        return stored.made_at_ms >= day_bounds(day, self._zone)[1] + wait_ms

    def _stored(self, days: Sequence[date]) -> dict[date, StoredRollup]:
        return self._table.rollups(self._site, days[0], days[-1], self._zone.key)


def days_to_refresh(yesterday: date) -> list[date]:
    """Return the days that are rolled up on the morning after `yesterday`."""
    return [yesterday - timedelta(days=ago - 1) for ago in DAYS_AGO]
