"""The weekly report of a site: made once, written down, sent once to every address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reporter.gathering import gather
from reporter.rendering import render
from reporter.report import WEEKS_BEFORE, Report

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from reporter.daily import DailyRollups
    from reporter.delivery import Mailer, Message
    from reporter.gathering import Surroundings
    from reporter.period import Week
    from reporter.snapshots import Claim, Snapshots


class WeeklyReports:
    """Makes and sends the reports of one site."""

    def __init__(
        self,
        *,
        site: str,
        zone: ZoneInfo,
        days: DailyRollups,
        snapshots: Snapshots,
        mailer: Mailer,
        around: Surroundings,
    ) -> None:
        self._site = site
        self._zone = zone
        self._days = days
        self._snapshots = snapshots
        self._mailer = mailer
        self._around = around

    def make(self, week: Week, now: datetime, *, anew: bool) -> Report:
        """Return the report of a week; see `gather` for the arguments."""
        told = self._snapshots.reported(week.before(WEEKS_BEFORE), week.before())
        material = gather(
            site=self._site,
            week=week,
            zone=self._zone,
            now=now,
            days=self._days,
            told=told,
            around=self._around,
            anew=anew,
        )
        return Report(material)

    def send(
        self, week: Week, now: datetime, claim: Claim, *, anew: bool = False, force: bool = False
    ) -> dict[str, Any]:
        """Send the report of a week, unless that was done.

        A week that is not over is sent at every call and not written down: its report comes when
        it is over.

        Returns:
            What happened: `status` is sent, sent again, resumed or already sent.

        Raises:
            ReportInProgressError: another run is sending it at this moment.

        """
        snapshot = self._snapshots.find(week)
        if snapshot is not None and not force:
            if snapshot.is_sent:
                return self._result(week, "already sent", dict(snapshot.delivered))
            self._snapshots.take_over(snapshot, claim)
            delivered = self._deliver(week, snapshot.message, dict(snapshot.delivered))
            return self._result(week, "resumed", delivered)
        report = self.make(week, now, anew=anew or force)
        again = snapshot is not None and bool(snapshot.delivered)
        message = render(report, again=again)
        numbers = {
            "exchanges": report.this.exchanges,
            "unanswered": report.this.outcomes["unanswered"],
        }
        if not report.is_over:
            return self._result(week, "sent so far", self._send_to_all(message)) | numbers
        self._snapshots.begin(week, message, _told_by(report), claim, replace=snapshot is not None)
        delivered = self._deliver(week, message, {})
        return self._result(week, "sent again" if again else "sent", delivered) | numbers

    def resume(self, week: Week, claim: Claim) -> dict[str, Any] | None:
        """Finish sending a report that an earlier run has begun and must have left; else None."""
        snapshot = self._snapshots.find(week)
        if snapshot is None or snapshot.is_sent or snapshot.claimed_until_ms > claim.now_ms:
            return None
        self._snapshots.take_over(snapshot, claim)
        delivered = self._deliver(week, snapshot.message, dict(snapshot.delivered))
        return self._result(week, "resumed", delivered)

    def _deliver(self, week: Week, message: Message, delivered: dict[str, str]) -> dict[str, str]:
        try:
            for address in self._mailer.addresses():
                if address not in delivered:
                    delivered[address] = self._mailer.send(message, address)
                    self._snapshots.tick(week, address, delivered[address])
        except Exception:
            self._snapshots.give_back(week)
            raise
        self._snapshots.finish(week)
        return delivered

    def _send_to_all(self, message: Message) -> dict[str, str]:
        return {address: self._mailer.send(message, address) for address in self._mailer.addresses()}

    def _result(self, week: Week, status: str, delivered: dict[str, str]) -> dict[str, Any]:
        messages = sorted(delivered.values())
        return {"site": self._site, "week": str(week), "status": status, "messages": messages}


def _told_by(report: Report) -> dict[str, int]:
    corrected = {str(each.week): each.now for each in report.material.corrections}
    return corrected | {str(report.week): report.this.exchanges}
