from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reporter.daily import DailyRollups
from reporter.exchange import Exchange, Origin, first_id, id_moment
from reporter.item_reader import read_item
from reporter.period import day_bounds, parse_day
from reporter.rollups.rollup_builder import roll_up
from reporter.table import Table
from stored import identifier, item, moment

SITE = "demo.example.com"
MADRID = ZoneInfo("Europe/Madrid")
NOW = moment("2026-11-16T06:00")


def asked_on(table: Any, day: str, zone: ZoneInfo = MADRID, now_ms: int = NOW) -> list[str | None]:
    begin, end = day_bounds(parse_day(day), zone)
    found = Table(table).exchanges(SITE, begin, end, now_ms)
    return [each.question for each in found if isinstance(each, Exchange)]


def test_a_local_day_is_cut_from_two_utc_days_in_the_order_of_asking(table: Any) -> None:
    for asked, question in [
        ("2026-11-09T22:59:59", "before"),
        ("2026-11-09T23:00", "first"),
        ("2026-11-10T12:00", "noon"),
        ("2026-11-10T22:59:59", "last"),
        ("2026-11-10T23:00", "after"),
    ]:
        table.put_item(Item=item(asked, question))

    assert asked_on(table, "2026-11-10") == ["first", "noon", "last"]


def test_the_moment_is_that_of_asking_even_if_the_id_is_a_little_off(table: Any) -> None:
    begin = day_bounds(parse_day("2026-11-10"), MADRID)[0]
    table.put_item(Item=item("2026-11-09T22:59:59", "asked a second later", asked_at=begin))

    assert asked_on(table, "2026-11-10") == ["asked a second later"]
    assert asked_on(table, "2026-11-09") == []


def test_an_item_whose_times_contradict_each_other_belongs_to_the_day_of_its_id(
    table: Any,
) -> None:
    table.put_item(Item=item("2026-11-10T12:00", "clock astray", asked_at=moment("2026-10-01T12:00")))

    assert asked_on(table, "2026-11-10") == ["clock astray"]


def test_items_past_their_time_to_live_are_gone_although_they_are_there(table: Any) -> None:
    table.put_item(Item=item("2026-11-10T12:00", expires_at=NOW // 1000))
    table.put_item(Item=item("2026-11-10T13:00", "alive", expires_at=NOW // 1000 + 1))

    assert asked_on(table, "2026-11-10") == ["alive"]


def test_a_day_larger_than_a_page_is_read_whole(table: Any) -> None:
    with table.batch_writer() as writer:
        for number in range(150):
            writer.put_item(Item=item("2026-11-10T12:00", f"{number}" + "x" * 10_000))

    assert len(asked_on(table, "2026-11-10")) == 150


def test_a_rating_without_its_exchange_is_read(table: Any) -> None:
    rating = item("2026-11-10T12:00", None, rating="down", comment="no")
    for name in ("asked_at", "outcome", "exchange_order"):
        del rating[name]
    table.put_item(Item=rating)
    begin, end = day_bounds(parse_day("2026-11-10"), MADRID)

    (found,) = Table(table).exchanges(SITE, begin, end, NOW)

    assert isinstance(found, Exchange)
    assert (found.outcome, found.rating, found.comment) == (None, "down", "no")


def test_sites_do_not_see_each_other(table: Any) -> None:
    table.put_item(Item=item("2026-11-10T12:00", site="other.example.com"))

    assert asked_on(table, "2026-11-10") == []


def test_a_rollup_comes_back_as_it_was_stored(table: Any) -> None:
    day = parse_day("2026-11-10")
    table.put_item(Item=item("2026-11-10T12:00"))
    made = DailyRollups(Table(table), SITE, MADRID, NOW).refresh(day)

    stored = Table(table).rollups(SITE, day, day, MADRID.key)[day]

    assert stored.rollup is not None
    assert stored.rollup.encode() == made.encode()
    assert stored.made_at_ms == NOW


def test_an_earlier_rollup_does_not_replace_a_later_one(table: Any) -> None:
    day = parse_day("2026-11-10")
    slow = DailyRollups(Table(table), SITE, MADRID, NOW - 1000)
    table.put_item(Item=item("2026-11-10T12:00"))
    DailyRollups(Table(table), SITE, MADRID, NOW).refresh(day)
    table.delete_item(Key={name: item("2026-11-10T12:00")[name] for name in ("pk", "sk")})

    slow.refresh(day)

    stored = Table(table).rollups(SITE, day, day, MADRID.key)[day]
    assert stored.rollup is not None
    assert stored.rollup.exchanges == 1


def test_rollups_cut_in_another_time_zone_are_refreshed(table: Any) -> None:
    day = parse_day("2026-11-10")
    table.put_item(Item=item("2026-11-09T23:30"))
    first = DailyRollups(Table(table), SITE, MADRID, NOW).of([day])

    moved = DailyRollups(Table(table), SITE, ZoneInfo("Europe/London"), NOW).of([day])

    assert [rollup.exchanges for rollup in (*first, *moved)] == [1, 0]


def test_when_the_exchanges_have_expired_the_rollup_is_kept(table: Any) -> None:
    day = parse_day("2026-11-10")
    table.put_item(Item=item("2026-11-10T12:00"))
    DailyRollups(Table(table), SITE, MADRID, NOW).refresh(day)
    later = DailyRollups(Table(table), SITE, MADRID, NOW + 91 * 86_400_000)

    assert later.refresh(day).exchanges == 1
    assert later.of([day])[0].exchanges == 1


def test_a_day_that_is_not_over_is_not_stored(table: Any) -> None:
    day = parse_day("2026-11-16")
    table.put_item(Item=item("2026-11-16T05:00"))

    rollup = DailyRollups(Table(table), SITE, MADRID, NOW).refresh(day)

    assert rollup.exchanges == 1
    assert Table(table).rollups(SITE, day, day, MADRID.key) == {}


@pytest.mark.parametrize("moment_ms", [0, 1, 1_700_000_000_123, 2**48 - 1])
def test_the_first_id_of_a_moment_sorts_before_all_its_ids(moment_ms: int) -> None:
    made = identifier(moment_ms, 0)

    assert id_moment(made) == moment_ms
    assert first_id(moment_ms) <= made < first_id(moment_ms + 1) or moment_ms == 2**48 - 1


@pytest.mark.parametrize(
    ("text", "origin"),
    [("abcd1234/7", Origin("abcd1234", 7)), ("abcd1234/7/2", Origin("abcd1234", 7, 2))],
)
def test_an_origin_is_read(text: str, origin: Origin) -> None:
    assert Origin.parse(text) == origin


def test_an_item_of_the_least_content_is_read() -> None:
    found = read_item(item("2026-11-10T12:00", None), 0)

    assert isinstance(found, Exchange)
    assert (found.question, found.sources, found.sample_rate) == (None, (), 1)


def test_a_loop_of_tools_that_never_ended_is_counted_and_is_no_gap() -> None:
    loop = item("2026-11-17T09:30", "Where is my parcel?", "abandoned", tool_rounds=6)
    left = item("2026-11-17T09:31", "Do you ship abroad?", "abandoned")

    rollup = roll_up([read_item(each, NOW) for each in (loop, left)], parse_day("2026-11-17"), MADRID)

    assert rollup.outcomes["abandoned"] == 2
    assert [group.outcomes.total() for group in rollup.questions.groups.values()] == [1]
