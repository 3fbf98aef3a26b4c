"""What a schedule or a person can ask for, and the wiring that answers it."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from reporter.daily import DailyRollups, days_to_renew
from reporter.delivery import Mailer
from reporter.gathering import Surroundings
from reporter.period import Week, last_complete_week, milliseconds, parse_day, yesterday
from reporter.settings import Settings
from reporter.snapshots import Claim, Snapshots
from reporter.table import Table
from reporter.usage import Meter, offers
from reporter.weekly import WeeklyReports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

logger = logging.getLogger(__name__)

_DEFAULT_MEMORY_MB: Final = 1769

# As contract/stored-item/v1.schema.json has it in the partition key.
_SITE: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")


class InvalidRequestError(ValueError):
    """The payload asks for nothing that there is."""


class ReportsFailedError(RuntimeError):
    """Some sites' reports failed; the others were made."""


@dataclass(frozen=True, slots=True)
class Request:
    """A payload, read and checked.

    Attributes:
        report: `daily` or `weekly`.
        site: the only site, or None for all.
        week: the week to report, or None for the last complete one.
        day: the day to roll up, or None for yesterday and the days that are due again.
        force: send a report that was sent already.

    """

    report: str
    site: str | None = None
    week: Week | None = None
    day: date | None = None
    force: bool = False

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        """Read a payload.

        Raises:
            InvalidRequestError: it asks for no report, or for what a report does not know.
            InvalidPeriodError: its week or day does not exist.

        """
        if payload.get("report") not in {"daily", "weekly"}:
            raise InvalidRequestError('say which: {"report": "weekly"} or {"report": "daily"}')
        unknown = payload.keys() - {"report", "site", "week", "day", "force"}
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
        )


class Application:
    """The reporter with its clients. Made once, it answers many requests."""

    def __init__(self, settings: Settings, clients: Callable[[str], Any], resource: Any) -> None:
        self.settings = settings
        self._resource = resource
        self._clients = cache(clients)  # made when first needed: each takes time at a cold start
        self.table = Table(resource)
        self._mailer = Mailer(settings, self._clients)
        self._around = Surroundings(self._dead_letters, self._meter().read, self.table.known_sources)

    @classmethod
    def from_environment(cls) -> Self:
        """Wire the application to AWS, or to what AWS_ENDPOINT_URL names."""
        settings = Settings.from_environment(os.environ)
        table = boto3.resource("dynamodb").Table(settings.table_name)
        return cls(settings, boto3.client, table)

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
        results, failed = [], []
        for site in sites:
            try:
                results.append(work(site, request, now, claim))
            except Exception:
                logger.exception("the %s report of %s failed", request.report, site)
                failed.append(site)
        if failed:
            raise ReportsFailedError(f"{request.report} report failed for {', '.join(failed)}")
        return {"report": request.report, "reports": results}

    def weekly(self, site: str, now: datetime) -> WeeklyReports:
        """Return the weekly reports of a site."""
        return WeeklyReports(
            site=site,
            zone=self.settings.zone,
            days=self._days(site, now),
            snapshots=Snapshots(self._resource, site),
            mailer=self._mailer,
            around=self._around,
        )

    def _days(self, site: str, now: datetime) -> DailyRollups:
        return DailyRollups(self.table, site, self.settings.zone, milliseconds(now))

    def _weekly(self, site: str, request: Request, now: datetime, claim: Claim) -> dict[str, Any]:
        week = request.week or last_complete_week(now, self.settings.zone)
        # Who names a week wants it as it is now, so its exchanges are read; the schedule, which
        # names none, follows the daily rollups of the same morning.
        anew = request.week is not None
        return self.weekly(site, now).send(week, now, claim, anew=anew, force=request.force)

    def _daily(self, site: str, request: Request, now: datetime, claim: Claim) -> dict[str, Any]:
        days = self._days(site, now)
        due = days_to_renew(request.day or yesterday(now, self.settings.zone))
        rolled_up = {str(day): days.renew(day).exchanges for day in due}
        last_week = last_complete_week(now, self.settings.zone)
        resumed = self.weekly(site, now).resume(last_week, claim)
        return {"site": site, "days": rolled_up} | ({"resumed": resumed} if resumed else {})

    def _meter(self) -> Meter:
        settings = self.settings
        memory = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", _DEFAULT_MEMORY_MB))
        topic = settings.topic_arn.rpartition(":")[2]
        measured = offers(settings.metered_functions, memory, settings.queue_name, settings.table_name, topic)
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
