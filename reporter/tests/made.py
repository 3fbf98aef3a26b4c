"""Makes reports of made-up weeks without a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from reporter.item_reader import read_item
from reporter.period import Week, day_bounds
from reporter.report.data import Correction, ReportData, Reported
from reporter.report.usage import Reading, free_tiers
from reporter.report.weekly_report import Report
from reporter.rollups.rollup import Rollup, merged
from reporter.rollups.rollup_builder import roll_up
from reporter.topics.encoder import sentence_encoder
from reporter.topics.following import follow
from weeks import SITE, WEEK, five_weeks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reporter.exchange import DamagedItem, Exchange
    from reporter.topics.followed import Followed
    from reporter.topics.wordings import Wording

ZONE = ZoneInfo("Europe/Madrid")
USED = (412_000, 38_000, 9_100, 60_000, None, 31, 850_000_000)


def report_of(items: Iterable[dict[str, Any]], week_name: str = WEEK, **more: Any) -> Report:
    """A report of the items of five weeks, as their rollups give it."""
    exchanges = [read_item(item, 0) for item in sorted(items, key=lambda each: each["sk"])]
    week = Week.parse(week_name)
    weeks = [_week(exchanges, week.before(ago)) for ago in range(5)]
    over = day_bounds(week.sunday, ZONE)[1]
    data: dict[str, Any] = {
        "site": SITE,
        "week": week,
        "zone": ZONE,
        "now": datetime.fromtimestamp(over / 1000, tz=UTC) + timedelta(hours=7),
        "weeks": weeks,
        "dead_letters": 0,
    }
    return Report(ReportData(**data | more))


@cache
def full_report() -> Report:
    """A report in which every section has something to say."""
    measured = free_tiers(["processor", "reporter"], 512, "events.fifo", "events", "report")
    usage = [
        Reading(tier, used, None if used is None else used * 30 / 15.3)
        for tier, used in zip(measured, USED, strict=True)
    ]
    corrections = [Correction(Week.parse("2026-W45"), Reported(250, 20, 4), Reported(254, 20, 5))]
    return report_of(five_weeks(), usage=usage, corrections=corrections, dead_letters=2, follow=_follow)


def _follow(wordings: Sequence[Wording]) -> Followed:
    return follow(wordings, (), sentence_encoder(), "2026-W46", 1_763_362_800_000)


def _week(exchanges: list[Exchange | DamagedItem], week: Week) -> Rollup:
    days = []
    for day in week.days:
        begin, end = day_bounds(day, ZONE)
        found = (exchange for exchange in exchanges if begin <= exchange.moment_ms < end)
        days.append(Rollup.decode(roll_up(found, day, ZONE).encode()))
    return merged(days)
