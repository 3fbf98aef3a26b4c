"""The weekly report, from the request to the sent message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reporter.period import Week, day_bounds, last_complete_week, milliseconds
from reporter.rendering import render
from reporter.report import Report
from reporter.rolling_up import roll_up
from reporter.rollup import Rollup, merged

if TYPE_CHECKING:
    from datetime import date, datetime

    from reporter.delivery import Mailer
    from reporter.settings import Settings
    from reporter.table import Table


class WeeklyReport:
    """Reads a week, writes the report, sends it."""

    def __init__(self, settings: Settings, table: Table, mailer: Mailer) -> None:
        self._settings = settings
        self._table = table
        self._mailer = mailer

    def run(self, event: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Make the report that an event asks for and return what was sent."""
        if event.get("report") == "daily":
            return {"report": "daily", "reports": []}
        zone = self._settings.zone
        week = Week.parse(event["week"]) if event.get("week") else last_complete_week(now, zone)
        sites = (event["site"],) if event.get("site") else self._settings.sites
        return {
            "report": "weekly",
            "week": str(week),
            "reports": [self._send(site, week, now) for site in sites],
        }

    def _send(self, site: str, week: Week, now: datetime) -> dict[str, Any]:
        weeks = [
            merged(self._roll_up(site, day, now) for day in each.days)
            for each in (week, week.before())
        ]
        report = Report(
            site=site, week=week, this=weeks[0], last=weeks[1], zone=self._settings.zone, now=now
        )
        message = render(report)
        sent = {
            address: self._mailer.send(message, address) for address in self._mailer.addresses()
        }
        return {"site": site, "exchanges": weeks[0].exchanges, "sent": sent}

    def _roll_up(self, site: str, day: date, now: datetime) -> Rollup:
        begin, end = day_bounds(day, self._settings.zone)
        exchanges = self._table.exchanges(site, begin, end, milliseconds(now))
        return roll_up(exchanges, day, self._settings.zone)
