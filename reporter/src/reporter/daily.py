"""The rollups of days: made from exchanges once a day, read by every weekly report."""

from __future__ import annotations

import logging
import time
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from reporter.period import day_bounds
from reporter.rollups.rollup import Rollup
from reporter.rollups.rollup_builder import roll_up
from reporter.table import DAYS_EXCHANGES_LIVE, MS_PER_DAY, StoredRollup, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

logger = logging.getLogger(__name__)

# A day is rolled up after it ends and once more when what was on its way must have come. What
# comes later marks its day (contract/stored-item/changed-day.v1.schema.json), which is then rolled
# up again: an exchange is read twice, and again only where its day has changed.
DAYS_AGO: Final = (1, 2)

# What is stored later than this after it was asked marks its day, as that contract says.
_LATE_MS: Final = 22 * 3_600_000


class DailyRollups:
    """The rollups of one site, in one time zone."""

    def __init__(
        self, table: Table, site: str, zone: ZoneInfo, now_ms: int, names_key: Callable[[], bytes] = bytes
    ) -> None:
        """`names_key()` gives the key by which sessions and visitors are counted; it is asked when a day is read."""
        self._table = table
        self._names_key = names_key
        self._site = site
        self._zone = zone
        self._now_ms = now_ms

    def refresh(self, day: date) -> Rollup:
        """Roll up a day from its exchanges and store the result, if the day is over.

        Of a day whose exchanges have begun to expire the stored rollup is all that is known, so
        it is returned as it is.
        """
        begin_ms, end_ms = day_bounds(day, self._zone)
        if self._has_expired(day):
            return _known(self._stored([day]).get(day))
        if begin_ms >= self._now_ms:
            return Rollup()
        exchanges = self._table.exchanges(self._site, begin_ms, end_ms, self._now_ms)
        rollup = roll_up(exchanges, day, self._zone, self._names_key())
        if end_ms <= self._now_ms:
            self._table.put_rollup(self._site, day, self._zone.key, rollup, self._now_ms)
        return rollup

    def refresh_changed(self, seconds: float) -> list[date]:
        """Roll up again what has changed late, the latest days first, and delete the marks.

        Args:
            seconds: begin with no further day after this time; marks that are left come next time.

        Returns:
            The local days that were rolled up again.

        """
        deadline = time.monotonic() + seconds
        refreshed: dict[date, Rollup] = {}
        for changed in takewhile(lambda _: time.monotonic() < deadline, self._table.changed_days(self._site)):
            # Before the mark was read: whatever comes from now on leaves another one.
            for day in self._local_days(changed.day):
                if day not in refreshed and not self._has_expired(day):
                    refreshed[day] = self.refresh(day)
            self._table.delete_mark(changed)
        if refreshed:
            logger.info("rolled up again, changed late: %s", ", ".join(map(str, sorted(refreshed))))
        return sorted(refreshed)

    def of(self, days: Sequence[date]) -> list[Rollup]:
        """Return the rollups of some days that follow each other.

        Stored ones are used where they were made when all that marks no day must have come. The
        others are made again.
        """
        stored = self._stored(days)
        return [self._good(stored.get(day), day) or self.refresh(day) for day in days]

    def _good(self, stored: StoredRollup | None, day: date) -> Rollup | None:
        if stored is None or not stored.is_current:
            return None
        is_settled = stored.made_at_ms >= day_bounds(day, self._zone)[1] + _LATE_MS
        return stored.rollup if is_settled else None

    def _has_expired(self, day: date) -> bool:
        return day_bounds(day, self._zone)[0] + DAYS_EXCHANGES_LIVE * MS_PER_DAY <= self._now_ms

    def _local_days(self, utc_day: date) -> list[date]:
        """Return the days of the owner that share a moment with a UTC day, clock tolerance included."""
        midnight = datetime.combine(utc_day, datetime.min.time(), UTC)
        ends = (midnight - timedelta(hours=1), midnight + timedelta(hours=25))
        first, last = (end.astimezone(self._zone).date() for end in ends)
        return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

    def _stored(self, days: Sequence[date]) -> dict[date, StoredRollup]:
        return self._table.rollups(self._site, days[0], days[-1], self._zone.key)


def days_to_refresh(yesterday: date) -> list[date]:
    """Return the days that are rolled up on the morning after `yesterday`."""
    return [yesterday - timedelta(days=ago - 1) for ago in DAYS_AGO]


def _known(stored: StoredRollup | None) -> Rollup:
    """Return what is known of a day that cannot be rolled up again."""
    if stored is None:
        return Rollup()
    return stored.rollup or Rollup(lost_days=1)
