"""The wiring: settings, clients, and the runs for every site."""

from __future__ import annotations

import logging
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from reporter.alerts.daily_alerts import DailyAlerts
from reporter.channels.webhook import Webhook, post_json
from reporter.conversations.listed import list_conversations
from reporter.daily import DailyRollups, days_to_refresh
from reporter.gaps.decision import Decisions
from reporter.gaps.site_gaps import SiteGaps
from reporter.gaps.store import GapStore
from reporter.mailer import DeliveryError, Mailer
from reporter.period import last_complete_week, milliseconds, yesterday
from reporter.private_settings import PrivateSettings, read_private_settings
from reporter.report.act_links import ActLinks
from reporter.report.cold_starts import count_cold_starts
from reporter.report.combined import render_combined
from reporter.report.deployments import read_deployments
from reporter.report.short import short_form
from reporter.report.usage import Meter, free_tiers
from reporter.request import InvalidRequestError
from reporter.retention import take_words_out
from reporter.snapshots import Claim, Snapshots
from reporter.table import Table
from reporter.weekly import ReportInputs, WeeklyReports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from reporter.alerts.alert import Alert
    from reporter.report.weekly_report import Report
    from reporter.request import Request
    from reporter.settings import Settings
    from reporter.topics.site_topics import SiteTopics

logger = logging.getLogger(__name__)


class ReportsFailedError(RuntimeError):
    """Some sites' reports failed; the others were made."""


class Application:
    """The reporter with its clients. Made once, it answers many requests."""

    def __init__(self, settings: Settings, clients: Callable[[str], Any], resource: Any) -> None:
        self.settings = settings
        self._resource = resource
        self._clients = cache(clients)  # made when first needed: each takes time at a cold start
        self.table = Table(resource)
        self._mailer = Mailer(settings, self._clients)
        self._inputs = ReportInputs(
            self._dead_letters,
            self._meter().read,
            self.table.known_sources,
            partial(count_cold_starts, lambda: self._clients("logs"), settings.metered_functions),
            partial(read_deployments, lambda: self._clients("cloudformation"), settings.stacks),
        )

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Wire the application to AWS, or to what AWS_ENDPOINT_URL names."""
        table = boto3.resource("dynamodb").Table(settings.table_name)
        return cls(settings, boto3.client, table)

    @property
    def resource(self) -> Any:
        """The table, as boto3 has it."""
        return self._resource

    def run(self, request: Request, now: datetime, by: str, remaining_ms: int) -> dict[str, Any]:
        """Do what a request asks for, for every site.

        Args:
            request: what to do.
            now: the moment of asking.
            by: the name of this run; a retry of it has the same.
            remaining_ms: how long this run can take at most.

        Raises:
            InvalidRequestError: there is no site to report on.
            ReportsFailedError: at least one site failed; the reasons are logged.

        """
        claim = Claim(by, milliseconds(now), milliseconds(now) + remaining_ms)
        work = self._daily if request.report == "daily" else self._weekly
        sites = (request.site,) if request.site else self.settings.sites
        if not sites:
            raise InvalidRequestError("REPORT_SITES is empty, and the request names no site")
        if request.combined:
            return self._combined(sites, request, now)
        results, failed = [], {}
        for site in sites:
            try:
                results.append(work(site, request, now, claim))
            except DeliveryError as error:
                logger.error("the %s report of %s: %s", request.report, site, error)  # noqa: TRY400 - no fault of ours
                failed[site] = f"{site}: {error}"
            except Exception:
                logger.exception("the %s report of %s failed", request.report, site)
                failed[site] = site
        if failed:
            raise ReportsFailedError(f"{request.report} report failed for {', '.join(failed.values())}")
        return {"report": request.report, "reports": results}

    def _combined(self, sites: Sequence[str], request: Request, now: datetime) -> dict[str, Any]:
        """Send the reports of all sites in one mail."""
        week = request.week or last_complete_week(now, self.settings.zone)
        reports, failed = [], []
        for site in sites:
            try:
                reports.append(self.weekly(site, now).make(week, now, refresh=request.week is not None))
            except Exception:
                logger.exception("the %s report of %s failed", request.report, site)
                failed.append(site)
        delivered = self._mailer.send_to_all(render_combined(reports, failed))
        if failed:
            raise ReportsFailedError(f"{request.report} report failed for {', '.join(failed)}; the others were sent")
        messages = sorted(delivered.values())
        return {"report": "weekly", "reports": [{"sites": list(sites), "week": str(week), "messages": messages}]}

    def weekly(self, site: str, now: datetime) -> WeeklyReports:
        """Return the weekly reports of a site."""
        return WeeklyReports(
            site=site,
            zone=self.settings.zone,
            days=self._days(site, now),
            snapshots=self.snapshots(site),
            mailer=self._mailer,
            inputs=self._inputs,
            topics=lambda: _site_topics(self._resource, site),
            gaps=SiteGaps(GapStore(self._resource, site), Decisions(self._resource, site)),
            announce=self._announce,
            links=lambda week, moment: ActLinks.of(self._private, site, week, moment),
        )

    def snapshots(self, site: str) -> Snapshots:
        """Return the stored reports of a site."""
        return Snapshots(self._resource, site)

    def _days(self, site: str, now: datetime) -> DailyRollups:
        zone, now_ms = self.settings.zone, milliseconds(now)
        return DailyRollups(self.table, site, zone, now_ms, lambda: self._private.names_key(site))

    def _weekly(self, site: str, request: Request, now: datetime, claim: Claim) -> dict[str, Any]:
        week = request.week or last_complete_week(now, self.settings.zone)
        # Who names a week wants it as it is now, so its exchanges are read; the schedule, which
        # names none, follows the daily rollups of the same morning.
        refresh = request.week is not None
        if request.preview:
            return self.weekly(site, now).preview(week, now)
        self._days(site, now).refresh_changed(self._seconds_for_late(claim))
        return self.weekly(site, now).send(week, now, claim, refresh=refresh, force=request.force, csv=request.csv)

    def _daily(self, site: str, request: Request, now: datetime, claim: Claim) -> dict[str, Any]:
        days = self._days(site, now)
        due = days_to_refresh(request.day or yesterday(now, self.settings.zone))
        rollups = {day: days.refresh(day) for day in due}
        rolled_up = {str(day): rollup.exchanges for day, rollup in rollups.items()}
        changed = days.refresh_changed(self._seconds_for_late(claim))
        take_words_out(self._resource, site, now.astimezone(self.settings.zone).date())
        last_week = last_complete_week(now, self.settings.zone)
        resumed = self.weekly(site, now).resume(last_week, claim)
        # Of the day that has just ended: a run for an earlier day alarms nobody, unless it is asked to.
        is_compared = request.day is None or request.alert
        alert = None if not is_compared else self._alerts(site).check(due[0], rollups[due[0]], milliseconds(now))
        return (
            {
                "site": site,
                "days": rolled_up,
                "changed": [str(day) for day in changed if str(day) not in rolled_up],
            }
            | ({"resumed": resumed} if resumed else {})
            | ({"alert": list(alert.sentences)} if alert else {})
        )

    def _alerts(self, site: str) -> DailyAlerts:
        return DailyAlerts(self._resource, self.table, site, self.settings.zone, self._tell)

    def _announce(self, report: Report) -> None:
        """List the conversations of a report's topics, and send its short form to the chat channel, where wanted."""
        if self._private.conversations_user:
            list_conversations(self._resource, report)
        if self.webhook.url:
            self.webhook.send(short_form(report, self.settings.dashboard_url))

    def _tell(self, alert: Alert) -> None:
        """Send an alert by mail and to the chat channel, whichever of them fails."""
        try:
            self._mailer.send_to_all(alert.message())
        finally:
            self.webhook.send(alert.short_form())

    @cached_property
    def webhook(self) -> Webhook:
        """The chat channel, if there is one."""
        return Webhook(self._private.webhook_url, post_json)

    @cached_property
    def _private(self) -> PrivateSettings:
        return read_private_settings(lambda: self._clients("ssm"), self.settings.parameter_prefix)

    def _seconds_for_late(self, claim: Claim) -> float:
        """Return how long a site may roll late days up, so that the rest of the run is not late itself."""
        share = len(self.settings.sites) or 1
        return (claim.until_ms - claim.now_ms) / 1000 / 3 / share

    def _meter(self) -> Meter:
        settings = self.settings
        topic = settings.topic_arn.rpartition(":")[2]
        measured = free_tiers(
            settings.metered_functions, settings.memory_mb, settings.queue_name, settings.table_name, topic
        )
        return Meter(self._clients, measured)

    def _dead_letters(self) -> int | None:
        url = self.settings.dead_letter_queue_url
        if not url:
            return None
        name = "ApproximateNumberOfMessages"
        try:
            answer = self._clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        except (ClientError, BotoCoreError) as error:
            logger.warning("the dead-letter queue was not counted: %s", error)
            return None
        return int(answer["Attributes"][name])


def _site_topics(resource: Any, site: str) -> SiteTopics:
    # Here, not above: a daily run needs neither numpy nor the encoder, nor their memory.
    from reporter.topics.site_topics import SiteTopics  # noqa: PLC0415 - see above
    from reporter.topics.store import TopicStore  # noqa: PLC0415 - see above

    return SiteTopics(TopicStore(resource, site))
