from __future__ import annotations

import zlib
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from boto3.dynamodb.types import Binary

from reporter.daily import DailyRollups
from reporter.mailer import Message
from reporter.period import Week
from reporter.report.data import Reported
from reporter.retention import DAYS_NUMBERS_LIVE, DAYS_WORDS_LIVE, take_words_out
from reporter.snapshots import Claim, Snapshots
from reporter.table import Table
from stored import identifier, item, moment

SITE = "demo.example.com"
UTC = ZoneInfo("UTC")
DAY = date(2026, 11, 10)
NOW = moment("2026-11-11T06:00")
PLANTED = "zanzibar"


def planted(table: Any) -> None:
    """A day with words in everything that a rollup keeps of them, and a report that quotes them."""
    for minute in range(6):
        asked = f"2026-11-10T12:0{minute}"
        told = {"rating": "down", "comment": f"{PLANTED} comment {minute}", "session": "s1"}
        table.put_item(Item=item(asked, f"where is {PLANTED} {minute} please", outcome="unanswered", **told))
    table.put_item(Item=item("2026-11-10T13:00", f"{PLANTED} asked by a crawler", bot="crawler"))
    DailyRollups(Table(table), SITE, UTC, NOW).refresh(DAY)
    message = Message(f"{PLANTED} week", f"<p>{PLANTED}</p>", PLANTED)
    week = Week.of(DAY)
    Snapshots(table, SITE).begin(week, message, {str(week): Reported(7)}, {"questions": 7.0}, CLAIM, replace=False)
    for stored in table.scan()["Items"]:
        if "#day#" in stored["pk"]:
            table.delete_item(Key={"pk": stored["pk"], "sk": stored["sk"]})


CLAIM = Claim("run", NOW, NOW + 1)


def words_in(table: Any) -> list[str]:
    return [stored["sk"] for stored in table.scan()["Items"] if PLANTED in plain(stored)]


def plain(value: Any) -> str:
    """A value as text, what is compressed in it included."""
    if isinstance(value, dict):
        return " ".join(plain(each) for each in value.values())
    if isinstance(value, list):
        return " ".join(map(plain, value))
    if isinstance(value, Binary | bytes):
        return zlib.decompress(bytes(value)).decode()
    return str(value)


def expiry(table: Any) -> set[int]:
    return {int(stored["expires_at"]) for stored in table.scan()["Items"]}


def seconds(day: date, days: int) -> int:
    return moment(f"{day + timedelta(days=days)}T00:00") // 1000


def test_what_holds_words_expires_with_them(table: Any) -> None:
    planted(table)

    assert sorted(words_in(table)) == ["day#2026-11-10", "week#2026-W46"]
    assert expiry(table) == {seconds(DAY, DAYS_WORDS_LIVE), seconds(Week.of(DAY).monday, DAYS_WORDS_LIVE)}


def test_before_that_a_daily_run_takes_the_words_out_and_numbers_live_on(table: Any) -> None:
    planted(table)

    take_words_out(table, SITE, DAY + timedelta(days=DAYS_WORDS_LIVE - 5))

    assert words_in(table) == []
    assert expiry(table) == {seconds(DAY, DAYS_NUMBERS_LIVE), seconds(Week.of(DAY).monday, DAYS_NUMBERS_LIVE)}
    stored = Table(table).rollups(SITE, DAY, DAY, "UTC")[DAY]
    assert stored.rollup is not None
    assert (stored.rollup.exchanges, stored.rollup.ratings["down"], stored.rollup.comments) == (6, 6, [])
    snapshot = Snapshots(table, SITE).find(Week.of(DAY))
    assert snapshot is not None
    assert (snapshot.message, dict(snapshot.figures)) == (None, {"questions": 7.0})


def test_younger_words_stay_and_a_second_run_changes_nothing(table: Any) -> None:
    planted(table)

    assert take_words_out(table, SITE, DAY + timedelta(days=60)) == []
    assert len(words_in(table)) == 2
    assert len(take_words_out(table, SITE, DAY + timedelta(days=88))) == 2
    assert take_words_out(table, SITE, DAY + timedelta(days=89)) == []


def test_a_damaged_rollup_stops_nothing_and_expires_as_it_is(table: Any) -> None:
    planted(table)
    table.put_item(Item={"pk": f"site#{SITE}#rollup", "sk": "day#2026-11-09", "rollup": b"x", "expires_at": 5})

    changed = take_words_out(table, SITE, DAY + timedelta(days=88))

    assert sorted(changed) == ["day#2026-11-10", "week#2026-W46"]


def test_a_rating_without_its_exchange_counts_as_that_only(table: Any) -> None:
    table.put_item(Item=item("2026-11-10T12:00", "a question", rating="up"))
    for minute in range(40):
        alone = {"pk": f"site#{SITE}#day#2026-11-10", "sk": identifier(moment(f"2026-11-10T13:{minute:02d}"), minute)}
        told = {"rating": "down", "comment": "invented", "rated_at": NOW, "feedback_order": "1"}
        table.put_item(Item=alone | told | {"origins": {f"isolate0/{minute + 100}"}, "expires_at": NOW})

    rollup = DailyRollups(Table(table), SITE, UTC, NOW).refresh(DAY)

    assert (rollup.ratings_alone, dict(rollup.ratings), rollup.comments) == (40, {"up": 1}, [])
