"""The weekly report of a site: gathered, stored, sent once to every address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reporter.channels.week_csv import week_csv
from reporter.gaps.following import Period
from reporter.period import day_bounds, milliseconds
from reporter.report.data import WEEKS_BEFORE, Correction, ReportData, Reported
from reporter.report.rendering import render
from reporter.report.weekly_report import Report
from reporter.rollups.rollup import Rollup, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from reporter.daily import DailyRollups
    from reporter.gaps.site_gaps import SiteGaps
    from reporter.mailer import Mailer, Message
    from reporter.period import Week
    from reporter.report.act_links import ActLinks
    from reporter.report.deployments import Deployments
    from reporter.report.usage import Reading
    from reporter.snapshots import Claim, Snapshot, Snapshots
    from reporter.topics.site_topics import SiteTopics

_DAYS_AFTER: Final = 7


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """What a report says besides the exchanges; asked when a report is made."""

    dead_letters: Callable[[], int | None]
    usage: Callable[[datetime], Sequence[Reading]]
    known_sources: Callable[[str], frozenset[str] | None]
    cold_starts: Callable[[int, int], int | None] = lambda _begin_ms, _end_ms: None
    deployments: Callable[[datetime], Deployments | None] = lambda _now: None


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
        topics: Callable[[], SiteTopics] | None = None,
        gaps: SiteGaps | None = None,
        announce: Callable[[Report], None] = lambda _report: None,
        links: Callable[[str, datetime], ActLinks | None] = lambda _week, _now: None,
    ) -> None:
        self._site = site
        self._zone = zone
        self._days = days
        self._snapshots = snapshots
        self._mailer = mailer
        self._inputs = inputs
        self._topics = topics
        self._gaps = gaps
        self._announce = announce
        self._links = links

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
        if self._topics is not None:
            topics = self._topics()
            follow = partial(topics.follow, week=str(week), now_ms=milliseconds(now))
            data = replace(data, follow=follow, rephrased=topics.rephrased)
        if self._gaps is not None:
            period = Period(week.monday, milliseconds(now), self._zone)
            data = replace(data, follow_gaps=partial(self._gaps.follow, period=period))
        return Report(replace(data, links=self._links(str(week), now)))

    def send(
        self,
        week: Week,
        now: datetime,
        claim: Claim,
        *,
        refresh: bool = False,
        force: bool = False,
        csv: bool = False,
    ) -> dict[str, Any]:
        """Send the report of a week, unless that was done.

        A week that is not over is sent at every call and not stored: its report comes when
        it is over. A report that was left half sent is finished, also when `force` asks for
        another: whoever has it does not get it twice.

        Returns:
            What happened: `status` is sent, sent again, resumed or already sent.

        Raises:
            ReportInProgressError: another run is sending it at this moment.
            DeliveryError: not every address got it.

        """
        snapshot = self._snapshots.find(week)
        if snapshot is not None and snapshot.is_sent and not force:
            return self._result(week, "already sent", dict(snapshot.delivered))
        if snapshot is not None and not snapshot.is_sent and snapshot.message and (snapshot.delivered or not force):
            return self._finish(snapshot, snapshot.message, claim)
        report = self.make(week, now, refresh=refresh or force)
        again = snapshot is not None and bool(snapshot.delivered)
        message = render(report, again=again)
        if csv:
            message = replace(message, attachments={f"{self._site}-{week}.csv": week_csv(report)})
        numbers = {"exchanges": report.this.exchanges, "unanswered": report.this.outcomes["unanswered"]}
        if not report.is_over:
            return self._result(week, "sent so far", self._mailer.send_to_all(message)) | numbers
        self._snapshots.begin(week, message, _reported_by(report), report.figures, claim, replace=snapshot is not None)
        if self._topics is not None and report.asked.followed is not None:
            self._topics().save(report.asked.followed)
        if self._gaps is not None:
            self._gaps.save(report.gaps)
        try:
            delivered = self._deliver(week, message, {})
        finally:
            # After the mails, which no channel holds up, and also where one of them was refused.
            self._announce(report)
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
        return self._finish(snapshot, snapshot.message, claim) if snapshot.message else None

    def _finish(self, snapshot: Snapshot, message: Message, claim: Claim) -> dict[str, Any]:
        self._snapshots.take_over(snapshot, claim)
        delivered = self._deliver(snapshot.week, message, dict(snapshot.delivered))
        return self._result(snapshot.week, "resumed", delivered)

    def _deliver(self, week: Week, message: Message, delivered: dict[str, str]) -> dict[str, str]:
        try:
            sent = self._mailer.send_to_all(
                message, except_to=delivered, on_delivered=partial(self._snapshots.mark_delivered, week)
            )
        except Exception:
            self._snapshots.release_claim(week)
            raise
        self._snapshots.finish(week)
        return delivered | sent

    def _result(self, week: Week, status: str, delivered: dict[str, str]) -> dict[str, Any]:
        messages = sorted(delivered.values())
        return {"site": self._site, "week": str(week), "status": status, "messages": messages}


def _reported_by(report: Report) -> dict[str, Reported]:
    corrected = {str(each.week): each.now for each in report.data.corrections}
    return corrected | {str(report.week): _reported(report.this)}


def _reported(rollup: Rollup) -> Reported:
    return Reported(rollup.exchanges, rollup.ratings["up"], rollup.ratings["down"])


def _gather(
    *,
    site: str,
    week: Week,
    zone: ZoneInfo,
    now: datetime,
    days: DailyRollups,
    previously_reported: Mapping[str, Reported],
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
    earlier = [days.of(week.before(ago).days) for ago in range(1, WEEKS_BEFORE + 1)]
    weeks = [merged(each) for each in (this, *earlier)]
    today = now.astimezone(zone).date()
    after = [week.sunday + timedelta(days=offset) for offset in range(1, _DAYS_AFTER + 1)]
    until_today = [day for day in after if day <= today]
    return ReportData(
        site=site,
        week=week,
        zone=zone,
        now=now,
        weeks=weeks,
        days={
            day: rollup
            for ago, rollups in enumerate((this, *earlier))
            for day, rollup in zip(week.before(ago).days, rollups, strict=True)
        },
        later=merged(days.of(until_today)) if until_today else Rollup(),
        dead_letters=inputs.dead_letters(),
        usage=inputs.usage(now),
        corrections=_corrections(week, weeks, previously_reported),
        known_sources=inputs.known_sources(site),
        cold_starts=inputs.cold_starts(day_bounds(week.monday, zone)[0], day_bounds(week.sunday, zone)[1]),
        deployments=inputs.deployments(now),
    )


def _corrections(week: Week, weeks: Sequence[Rollup], reported: Mapping[str, Reported]) -> list[Correction]:
    """Compare what was reported of the weeks before with what is known of them now."""
    corrections = []
    for ago, rollup in enumerate(weeks):
        before, now = reported.get(str(week.before(ago))), _reported(rollup)
        if ago and before is not None and before.differs(now):
            corrections.append(Correction(week.before(ago), before, now))
    return corrections
