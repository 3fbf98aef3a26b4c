"""Rollups compared with the plainest possible recomputation, over random days and weeks."""

from __future__ import annotations

import math
from collections import Counter
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.exchange import OUTCOMES, Exchange, Origin
from reporter.period import Week, day_bounds
from reporter.rollups.ledger import Waiting
from reporter.rollups.quantiles import Quantiles
from reporter.rollups.questions import Questions
from reporter.rollups.rollup import LARGEST_ITEM_BYTES, Rollup, merged
from reporter.rollups.rollup_builder import roll_up
from reporter.rollups.wording import key, rules, subject

ZONE = ZoneInfo("Europe/Madrid")
WEEK = Week.parse("2026-W43")  # ends with the night of 25 hours
QUESTIONS = ["how do i pay", "How to pay?", "pay", "where is my parcel", "delete account", "!", ""]

optional_name = st.none() | st.sampled_from(["a", "b", "c", "d"])


@st.composite
def exchanges(draw: st.DrawFn) -> list[Exchange]:
    """The exchanges of a week, in the order of asking."""
    begin = day_bounds(WEEK.monday, ZONE)[0]
    end = day_bounds(WEEK.sunday, ZONE)[1]
    moments = sorted(draw(st.lists(st.integers(begin, end - 1), max_size=40)))
    return [
        Exchange(
            id=f"{number:036d}",
            moment_ms=moment,
            outcome=draw(st.none() | st.sampled_from(OUTCOMES)),
            question=draw(st.none() | st.sampled_from(QUESTIONS) | st.text(max_size=20)),
            sources=tuple(draw(st.lists(st.sampled_from(["s", "t", "u"]), max_size=3))),
            latency_ms=draw(st.fixed_dictionaries({"total": st.floats(0, 86_400_000)}) | st.just({})),
            session=draw(optional_name),
            visitor=draw(optional_name),
            country=draw(optional_name),
            bot=draw(st.none() | st.none() | st.just("crawler")),
            sample_rate=draw(st.sampled_from([1.0, 0.5])),
            rating=draw(st.sampled_from([None, "up", "down"])),
            comment=draw(st.none() | st.text(max_size=5)),
            waiting=draw(st.none() | st.integers(0, 3)),
            origins=(Origin("isolate0", number + 1),),
        )
        for number, moment in enumerate(moments)
    ]


def days_of(week: list[Exchange]) -> list[Rollup]:
    """The rollups of the seven days, through their stored form."""
    rollups = []
    for day in WEEK.days:
        begin, end = day_bounds(day, ZONE)
        found = [exchange for exchange in week if begin <= exchange.moment_ms < end]
        rollups.append(Rollup.decode(roll_up(found, day, ZONE).encode()))
    return rollups


def content(rollup: Rollup) -> Any:
    """Everything a rollup holds, for comparison."""
    return Rollup.decode(deepcopy(rollup).encode())._to_json()


def visitors_of(people: list[Exchange]) -> set[str]:
    """Visitors, but for the second name that midnight UTC gives to who goes on with a session."""
    first: dict[tuple[int, str], tuple[str, int]] = {}
    found = set()
    for each in people:
        if each.visitor is None:
            continue
        local = datetime.fromtimestamp(each.moment_ms / 1000, ZONE).toordinal()
        utc = each.moment_ms // 86_400_000
        name, day = first.setdefault((local, each.session or each.visitor), (each.visitor, utc))
        if name == each.visitor or day == utc:
            found.add(each.visitor)
    return found


@settings(max_examples=60)
@given(exchanges())
def test_a_week_of_rollups_counts_what_counting_the_week_counts(week: list[Exchange]) -> None:
    total = merged(days_of(week))

    people = [each for each in week if each.outcome is not None and each.bot is None]
    rated = [each for each in week if each.rating and each.outcome is not None and each.bot is None]
    assert total.outcomes == Counter(each.outcome for each in people)
    assert total.exchanges == len(people)
    assert total.bots == sum(each.bot is not None and each.outcome is not None for each in week)
    assert total.sessions.count == len({each.session for each in people} - {None})
    assert total.visitors.count == len(visitors_of(people))
    assert total.ratings == Counter(each.rating for each in rated)
    assert total.represented == sum(1 / each.sample_rate for each in people)
    assert total.tallies["countries"].counts == Counter(e.country for e in people if e.country)
    assert total.tallies["sources"].counts == Counter(s for e in people for s in set(e.sources))
    asked = [each for each in people if each.question is not None]
    assert sum(group.count for group in total.questions.groups.values()) == len(asked)
    assert total.unrecorded + total.without_question == len(people) - len(asked)
    assert total.unrecorded == sum(not (e.question is not None or e.visitor or e.session) for e in people)
    delivery = total.ledger.delivery(Rollup().ledger)
    assert (delivery.made, delivery.stored) == (len(week), len(week))
    told = [Waiting(each.moment_ms, each.waiting) for each in week if each.waiting is not None]
    assert total.ledger.waiting == max(told, default=None)


@settings(max_examples=40)
@given(exchanges(), st.sampled_from([0.5, 0.95, 0.99]))
def test_quantiles_of_merged_days_are_within_one_per_cent(week: list[Exchange], quantile: float) -> None:
    durations = sorted(
        each.latency_ms["total"]
        for each in week
        if each.outcome in {"answered", "partial"} and each.bot is None and each.latency_ms
    )

    found = merged(days_of(week)).latencies["total"].at(quantile)

    if not durations:
        assert found is None
    else:
        true = durations[math.ceil(round(quantile * len(durations), 6)) - 1]
        assert found == pytest.approx(true, rel=0.0101, abs=1e-300)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_is_not_exceeded_by_its_share(durations: list[float], quantile: float) -> None:
    quantiles = Quantiles()
    for each in durations:
        quantiles.add(each)

    limit = quantiles.at(quantile)

    assert limit is not None
    assert sum(each <= limit * 1.0203 for each in durations) >= quantile * len(durations) - 1e-9


@settings(max_examples=40)
@given(exchanges(), st.integers(0, 7), st.integers(0, 7))
def test_merging_is_associative_and_commutative(week: list[Exchange], first: int, second: int) -> None:
    days = days_of(week)
    cut, next_cut = sorted((first, second))
    parts = [merged(days[:cut]), merged(days[cut:next_cut]), merged(days[next_cut:])]

    left = merged([merged(parts[:2]), parts[2]])
    right = merged([parts[0], merged(parts[1:])])
    backwards = merged(parts[::-1])

    assert content(left) == content(right) == content(backwards)


@settings(max_examples=30)
@given(exchanges())
def test_a_repeated_rollup_has_the_same_bytes(week: list[Exchange]) -> None:
    day = WEEK.monday

    assert roll_up(week, day, ZONE).encode() == roll_up(week, day, ZONE).encode()


@pytest.mark.no_cover
def test_a_rollup_stays_small_whatever_is_asked_and_its_totals_exact() -> None:
    begin = day_bounds(WEEK.monday, ZONE)[0]
    hostile = (
        Exchange(
            id=str(number),
            moment_ms=begin + number,
            outcome=OUTCOMES[number % 6],
            question="".join(
                chr(0x4E00 + (number * 7919 + place * 104729) % 20000) for place in range(500)
            ),
            sources=(f"source {number} " + "s" * 80,),
            session=f"session {number}",
            visitor=f"visitor {number}",
            referrer=f"host{number}.example.com",
            rating="down",
            comment=chr(0x1F300 + number % 500) * 300,
            origins=(Origin(f"iso{number}", 1 + number % 3),),
        )
        for number in range(1500)
    )  # fmt: skip

    rollup = roll_up(hostile, WEEK.monday, ZONE)
    encoded = rollup.encode()
    restored = Rollup.decode(encoded)

    assert len(encoded) <= LARGEST_ITEM_BYTES < 100_000
    assert restored.exchanges == 1500
    groups = sum(group.count for group in restored.questions.groups.values())
    assert groups + restored.questions.rest.total() == 1500
    assert restored.tallies["referrers"].total == 1500
    assert restored.sessions.count == pytest.approx(1500, rel=0.1)
    assert restored.ledger.delivery(Rollup().ledger).stored == 1500


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-10", 24)])
def test_a_day_with_a_clock_change_has_its_true_length(day: str, hours: int) -> None:
    begin, end = day_bounds(date.fromisoformat(day), ZONE)

    assert end - begin == hours * 3_600_000


@given(st.dates(date(1971, 1, 10), date(2100, 1, 1)), st.sampled_from(
    ["Europe/Madrid", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "Africa/Cairo", "UTC"]
))  # fmt: skip
def test_every_moment_lies_in_exactly_one_local_day(day: date, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)

    assert day_bounds(day, zone)[1] == day_bounds(day + timedelta(days=1), zone)[0]
    assert day_bounds(day, zone)[0] <= day_bounds(day, zone)[1]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_weeks_are_iso_weeks_also_across_new_year(day: date) -> None:
    week = Week.of(day)

    assert Week.parse(str(week)) == week
    assert day in week.days
    assert str(week) == f"{day.isocalendar().year:04d}-W{day.isocalendar().week:02d}"
    assert week.before().sunday + timedelta(days=1) == week.monday


def test_groups_of_other_rules_meet_those_of_todays() -> None:
    questions = Questions()
    for number, text in enumerate(("How do I return shoes?", "returning a shoe")):
        questions.add(Exchange(id=str(number), moment_ms=number, outcome="answered", question=text), (f"old{number}",))
    stored = questions.to_json() | {"rules": "other"}

    restored = Questions.from_json(stored)

    assert {name: group.count for name, group in restored.groups.items()} == {key(subject("return shoes")): 2}
    assert Questions.from_json(stored | {"rules": rules()}).groups.keys() == {"old0", "old1"}
