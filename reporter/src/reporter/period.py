"""Days and weeks as the owner lives them: local days, ISO weeks, clock changes included."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAYS_IN_WEEK = 7
_WEEK_PATTERN = re.compile(r"(\d{4})-W(\d{2})")


class InvalidPeriodError(ValueError):
    """The text is not a day or an ISO week that exists."""


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """An ISO 8601 week: Monday to Sunday, in the year that holds its Thursday."""

    monday: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2026-W47``.

        Raises:
            InvalidPeriodError: the text has another form, or the year has no such week.

        """
        match = _WEEK_PATTERN.fullmatch(text)
        with suppress(ValueError):
            if match is not None:
                return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))
        raise InvalidPeriodError(f"{text!r} is not an ISO week; write it as 2026-W47 (some years end with W52)")

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the week that holds a day."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def number(self) -> int:
        """The week's number in its ISO year, 1 to 53."""
        return self.monday.isocalendar().week

    @property
    def days(self) -> tuple[date, ...]:
        """Monday to Sunday."""
        return tuple(self.monday + timedelta(days=offset) for offset in range(_DAYS_IN_WEEK))

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.days[-1]

    def before(self, weeks: int = 1) -> Week:
        """Return the week so many weeks earlier."""
        return Week(self.monday - timedelta(weeks=weeks))

    def __str__(self) -> str:
        """Write the week as ISO 8601 does: 2026-W47."""
        year, number, _ = self.monday.isocalendar()
        return f"{year:04d}-W{number:02d}"


def parse_day(text: str) -> date:
    """Read ``2026-11-21``.

    Raises:
        InvalidPeriodError: the text has another form, or there is no such day.

    """
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise InvalidPeriodError(f"{text!r} is not a day; write it as 2026-11-21") from None


def milliseconds(moment: datetime) -> int:
    """Return the Unix epoch milliseconds of an aware moment."""
    return int(moment.timestamp() * 1000)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return when a local day begins and when the next one does, in Unix epoch milliseconds.

    A day with a clock change has 23 or 25 hours. Where a zone skips midnight, the day begins at
    the moment of the change.
    """
    begin, end = (datetime.combine(each, time.min, tzinfo=zone) for each in (day, day + timedelta(days=1)))
    return milliseconds(begin), milliseconds(end)


def local_hour(moment_ms: int, zone: ZoneInfo) -> int:
    """Return the hour (0 to 23) on the owner's clock."""
    return datetime.fromtimestamp(moment_ms / 1000, tz=zone).hour


def last_complete_week(now: datetime, zone: ZoneInfo) -> Week:
    """Return the latest ISO week that is over in the owner's zone."""
    return Week.of(now.astimezone(zone).date()).before()


def yesterday(now: datetime, zone: ZoneInfo) -> date:
    """Return the latest day that is over in the owner's zone."""
    return now.astimezone(zone).date() - timedelta(days=1)


def local_time(now: datetime, zone: ZoneInfo) -> str:
    """Write a moment on the owner's clock: 23 November 2026, 08:00."""
    local = now.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M}"
