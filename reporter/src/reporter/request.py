"""What a schedule or a person can ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.period import Week, parse_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

# As contract/stored-item/v1.schema.json has it in the partition key.
_SITE: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")


class InvalidRequestError(ValueError):
    """The payload asks for no report that exists."""


@dataclass(frozen=True, slots=True)
class Request:
    """A payload, read and checked.

    Attributes:
        report: `daily` or `weekly`.
        site: the only site, or None for all.
        week: the week to report, or None for the last complete one.
        day: the day to roll up, or None for yesterday and the days that are due again.
        force: send a report that was sent already.
        preview: render a report and neither store nor send it.
        csv: attach the week as a table to the mail.
        alert: compare a named day too, and tell if it is worse.
        combined: send one mail for all sites, at every call; it is not stored.

    """

    report: str
    site: str | None = None
    week: Week | None = None
    day: date | None = None
    force: bool = False
    preview: bool = False
    csv: bool = False
    alert: bool = False
    combined: bool = False

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        """Read a payload.

        Raises:
            InvalidRequestError: it asks for no report, or for what a report does not know.
            InvalidPeriodError: its week or day does not exist.

        """
        if payload.get("report") not in {"daily", "weekly"}:
            raise InvalidRequestError('say which: {"report": "weekly"} or {"report": "daily"}')
        unknown = payload.keys() - {"report", "site", "week", "day", "force", "preview", "csv", "alert", "combined"}
        if unknown:
            raise InvalidRequestError(f"unknown in the request: {', '.join(sorted(unknown))}")
        site, week, day = payload.get("site"), payload.get("week"), payload.get("day")
        if site is not None and not _SITE.fullmatch(str(site)):
            raise InvalidRequestError(f"{site!r} cannot be a site; write it as demo.example.com")
        return cls(
            report=payload["report"],
            site=site,
            week=None if week is None else Week.parse(str(week)),
            day=None if day is None else parse_day(str(day)),
            force=payload.get("force") is True,
            preview=payload.get("preview") is True,
            csv=payload.get("csv") is True,
            alert=payload.get("alert") is True,
            combined=payload.get("combined") is True,
        )
