"""Brings together what a weekly report is made from: rollups, earlier reports, queue, meter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from reporter.report import WEEKS_BEFORE, Correction, Material
from reporter.rollup import Rollup, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from reporter.daily import DailyRollups
    from reporter.period import Week
    from reporter.usage import Reading

_DAYS_AFTER = 7


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a report tells besides the exchanges; asked when a report is made."""

    dead_letters: Callable[[], int | None]
    usage: Callable[[datetime], Sequence[Reading]]
    known_sources: Callable[[str], frozenset[str] | None]


def gather(
    *,
    site: str,
    week: Week,
    zone: ZoneInfo,
    now: datetime,
    days: DailyRollups,
    told: Mapping[str, int],
    around: Surroundings,
    anew: bool,
) -> Material:
    """Return the material of a report.

    Args:
        site: the site to report on.
        week: the week to report on; it need not be over.
        zone: the owner's time zone.
        now: the moment of the report.
        days: the site's daily rollups.
        told: questions by week, as earlier reports told them.
        around: what the report tells besides the exchanges.
        anew: read the exchanges of the week even where they are rolled up already.

    """
    this = [days.renew(day) for day in week.days] if anew else days.of(week.days)
    last = days.of(week.before().days, settled=True)
    earlier = [days.of(week.before(ago).days) for ago in range(2, WEEKS_BEFORE + 1)]
    weeks = [merged(each) for each in (this, last, *earlier)]
    today = now.astimezone(zone).date()
    after = [week.sunday + timedelta(days=offset) for offset in range(1, _DAYS_AFTER + 1)]
    until_today = [day for day in after if day <= today]
    return Material(
        site=site,
        week=week,
        zone=zone,
        now=now,
        weeks=weeks,
        later=merged(days.of(until_today)) if until_today else Rollup(),
        dead_letters=around.dead_letters(),
        usage=around.usage(now),
        corrections=_corrections(week, weeks, told),
        known_sources=around.known_sources(site),
    )


def _corrections(week: Week, weeks: Sequence[Rollup], told: Mapping[str, int]) -> list[Correction]:
    """Compare what was told of the weeks before with what is known of them now."""
    befores = [(week.before(ago), rollup.exchanges) for ago, rollup in enumerate(weeks) if ago]
    return [Correction(before, told[str(before)], now) for before, now in befores if told.get(str(before), now) != now]
