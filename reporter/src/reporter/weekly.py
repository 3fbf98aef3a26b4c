"""The weekly report of a site: gathered, stored, sent once to every address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from reporter.report.data import WEEKS_BEFORE, Correction, ReportData
from reporter.report.rendering import render
from reporter.report.weekly_report import Report
from reporter.rollups.rollup import Rollup, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from reporter.daily import DailyRollups
    from reporter.mailer import Mailer, Message
    from reporter.period import Week
    from reporter.report.usage import Reading
    from reporter.snapshots import Claim, Snapshots

_DAYS_AFTER: Final = 7


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """What a report says besides the exchanges; asked when a report is made."""

    dead_letters: Callable[[], int | None]
    usage: Callable[[datetime], Sequence[Reading]]
    known_sources: Callable[[str], frozenset[str] | None]


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
        inputs: ReportInputs,
    ) -> None:
        self._site = site
        self._zone = zone
        self._days = days
        self._snapshots = snapshots
        self._mailer = mailer
        self._inputs = inputs

    def make(self, week: Week, now: datetime, *, refresh: bool) -> Report:
        """Return the report of a week; `refresh` reads its exchanges even where they are rolled up."""
        previously_reported = self._snapshots.reported(week.before(WEEKS_BEFORE), week.before())
        data = _gather(
            site=self._site,
            week=week,
            zone=self._zone,
            now=now,
            days=self._days,
            previously_reported=previously_reported,
            inputs=self._inputs,
            refresh=refresh,
        )
        return Report(data)

    def send(
        self, week: Week, now: datetime, claim: Claim, *, refresh: bool = False, force: bool = False
    ) -> dict[str, Any]:
        """Send the report of a week, unless that was done.

        A week that is not over is sent at every call and not stored: its report comes when
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
        report = self.make(week, now, refresh=refresh or force)
        again = snapshot is not None and bool(snapshot.delivered)
        message = render(report, again=again)
        numbers = {
            "exchanges": report.this.exchanges,
            "unanswered": report.this.outcomes["unanswered"],
        }
        if not report.is_over:
            return self._result(week, "sent so far", self._send_to_all(message)) | numbers
        self._snapshots.begin(week, message, _reported_by(report), claim, replace=snapshot is not None)
        delivered = self._deliver(week, message, {})
        return self._result(week, "sent again" if again else "sent", delivered) | numbers

    def preview(self, week: Week, now: datetime) -> dict[str, Any]:
        """Make and render the report of a week, which shows whether that works, and send it to nobody."""
        message = render(self.make(week, now, refresh=False))
        size = len(message.html.encode()) + len(message.text.encode())
        return self._result(week, "previewed", {}) | {"bytes": size}

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
                    self._snapshots.mark_delivered(week, address, delivered[address])
        except Exception:
            self._snapshots.release_claim(week)
            raise
        self._snapshots.finish(week)
        return delivered

    def _send_to_all(self, message: Message) -> dict[str, str]:
        return {address: self._mailer.send(message, address) for address in self._mailer.addresses()}

    def _result(self, week: Week, status: str, delivered: dict[str, str]) -> dict[str, Any]:
        messages = sorted(delivered.values())
        return {"site": self._site, "week": str(week), "status": status, "messages": messages}


def _reported_by(report: Report) -> dict[str, int]:
    corrected = {str(each.week): each.now for each in report.data.corrections}
    return corrected | {str(report.week): report.this.exchanges}


def _gather(
    *,
    site: str,
    week: Week,
    zone: ZoneInfo,
    now: datetime,
    days: DailyRollups,
    previously_reported: Mapping[str, int],
    inputs: ReportInputs,
    refresh: bool,
) -> ReportData:
    """Return the data of a report.

    Args:
        site: the site to report on.
        week: the week to report on; it need not be over.
        zone: the owner's time zone.
        now: the moment of the report.
        days: the site's daily rollups.
        previously_reported: questions by week, as earlier reports gave them.
        inputs: what the report says besides the exchanges.
        refresh: read the exchanges of the week even where they are rolled up already.

    """
    this = [days.refresh(day) for day in week.days] if refresh else days.of(week.days)
    last = days.of(week.before().days, settled=True)
    earlier = [days.of(week.before(ago).days) for ago in range(2, WEEKS_BEFORE + 1)]
    weeks = [merged(each) for each in (this, last, *earlier)]
    today = now.astimezone(zone).date()
    after = [week.sunday + timedelta(days=offset) for offset in range(1, _DAYS_AFTER + 1)]
    until_today = [day for day in after if day <= today]
    return ReportData(
        site=site,
        week=week,
        zone=zone,
        now=now,
        weeks=weeks,
        later=merged(days.of(until_today)) if until_today else Rollup(),
        dead_letters=inputs.dead_letters(),
        usage=inputs.usage(now),
        corrections=_corrections(week, weeks, previously_reported),
        known_sources=inputs.known_sources(site),
    )


def _corrections(week: Week, weeks: Sequence[Rollup], reported: Mapping[str, int]) -> list[Correction]:
    """Compare what was reported of the weeks before with what is known of them now."""
    befores = [(week.before(ago), rollup.exchanges) for ago, rollup in enumerate(weeks) if ago]
    return [
        Correction(before, reported[str(before)], now)
        for before, now in befores
        if reported.get(str(before), now) != now
    ]
