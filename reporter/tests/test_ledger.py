from __future__ import annotations

from datetime import date
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.exchange import Exchange, Origin
from reporter.item_reader import read_item
from reporter.rollups.checked import DamagedRollupError
from reporter.rollups.ledger import Delivery, Ledger, Waiting
from reporter.rollups.rollup_builder import roll_up
from stored import item


def ledger(*events: str) -> Ledger:
    made = Ledger()
    for event in events:
        made.add(Origin.parse(event))
    return made


def test_a_gap_is_a_loss_of_the_week_of_the_event_after_it() -> None:
    last, this = ledger("aaaa/1", "aaaa/2"), ledger("aaaa/5/2", "aaaa/6")

    assert this.delivery(last) == Delivery(made=4, stored=2, given_up=2)
    assert last.delivery(this) == Delivery(made=2, stored=2, given_up=0)


def test_a_rating_that_is_stored_with_an_older_exchange_is_no_gap() -> None:
    last, this = ledger("aaaa/3"), ledger("aaaa/1", "aaaa/2", "aaaa/4")

    assert this.delivery(last).missing == 0


def test_an_event_that_arrives_twice_counts_once() -> None:
    twice = ledger("aaaa/2/1", "aaaa/2/1")

    assert twice.delivery(Ledger()) == Delivery(made=2, stored=1, given_up=1)


def test_an_exchange_that_a_caller_hands_in_twice_is_no_loss() -> None:
    """Each handing-in has a number of its own, and its item has both."""
    items = [
        item("2026-11-10T10:00", origins={"aaaa0000/1", "aaaa0000/2"}),
        item("2026-11-10T10:01", origins={"aaaa0000/3"}),
    ]
    read = [read_item(each, 0) for each in items]

    rollup = roll_up(read, date(2026, 11, 10), ZoneInfo("UTC"))

    assert rollup.exchanges == 2
    assert rollup.ledger.delivery(Ledger()) == Delivery(made=3, stored=3, given_up=0)


def test_of_very_many_isolates_only_the_sums_are_kept() -> None:
    many = ledger(*(f"iso{number}/{2}" for number in range(20_000)))

    assert many.delivery(Ledger()) == Delivery(made=40_000, stored=20_000, given_up=0, is_upper_bound=True)


@given(
    st.lists(st.tuples(st.sampled_from(["aaaa", "bbbb"]), st.integers(1, 60)), max_size=60),
    st.integers(1, 5),
)
def test_weeks_together_miss_what_never_arrived(events: list[tuple[str, int]], weeks: int) -> None:
    arrived = {name: {number for isolate, number in events if isolate == name} for name, _ in events}
    parts = [ledger(*(f"{i}/{n}" for i, n in set(events) if n % weeks == k)) for k in range(weeks)]

    missing = 0
    for part in parts:
        others = Ledger()
        for other in parts:
            if other is not part:
                others.merge(other)
        missing += Ledger.from_json(part.to_json()).delivery(others).missing

    assert missing == sum(max(numbers) - len(numbers) for numbers in arrived.values())


def test_an_isolate_that_is_at_work_until_midnight_is_kept_by_name() -> None:
    day, next_day = Ledger(), Ledger()
    day.add(Origin("busy0000", 1))
    for number in range(5_000):
        day.add(Origin(f"iso{number:05d}", 1))
        if number % 100 == 0:
            day.add(Origin("busy0000", 2 + number // 100))
    for number in range(52, 60):
        next_day.add(Origin("busy0000", number))
    day.shrink(800)

    delivery = next_day.delivery(day)

    assert delivery.missing == 0
    assert delivery.is_upper_bound


def test_days_of_history_are_numbered_apart_and_are_no_further_starts_of_the_worker() -> None:
    ledger = Ledger()
    for isolate in ("k3x9q2ab", "k3x9q2abzg1b", "k3x9q2abzg1c"):
        for number in (1, 2):
            ledger.add(Origin(isolate, number))

    assert ledger.isolates == 1
    assert ledger.delivery(Ledger()) == Delivery(6, 6, 0)


news = st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(0, 3)), max_size=6)


def ledger_with(told: list[tuple[int, int | None]]) -> Ledger:
    made = Ledger()
    for moment_ms, events in told:
        made.see_waiting(Exchange("id", moment_ms, waiting=events))
    return made


def together(*ledgers: Ledger) -> Waiting | None:
    def joined(one: Ledger, other: Ledger) -> Ledger:
        both = Ledger.from_json(one.to_json())
        both.merge(Ledger.from_json(other.to_json()))
        return both

    return reduce(joined, ledgers).waiting


@given(news, news, news)
def test_the_newest_news_of_the_outbox_wins_however_days_are_merged(
    one: list[tuple[int, int | None]], two: list[tuple[int, int | None]], three: list[tuple[int, int | None]]
) -> None:
    first, second, third = map(ledger_with, (one, two, three))

    found = together(first, second, third)

    told = [Waiting(moment, events) for moment, events in one + two + three if events is not None]
    assert found == max(told, default=None)
    assert found == together(third, second, first) == together(second, ledger_with(three + one), first)
    assert found == ledger_with(one + two + three).waiting


def test_a_ledger_without_news_of_the_outbox_is_stored_as_before() -> None:
    stored = ledger("aaaa/1").to_json()

    assert stored == {"isolates": {"aaaa": [[[1, 1]], 0]}, "settled": [0, 0, 0]}
    assert Ledger.from_json(stored).waiting is None


@pytest.mark.parametrize("told", [None, [], [1], [1, 2, 3], ["1", 2], [-1, 2], [1, -2], [1, 0.5], [1e300, 2], {}, True])
def test_damaged_news_of_the_outbox_is_noticed(told: Any) -> None:
    with pytest.raises(DamagedRollupError):
        Ledger.from_json(ledger("aaaa/1").to_json() | {"waiting": told})


@pytest.mark.parametrize(
    ("given_up", "waiting", "still", "lost"),
    [(0, None, 0, 20), (0, 0, 0, 20), (0, 12, 12, 8), (0, 20, 20, 0), (0, 50, 20, 0), (5, 50, 15, 5), (25, 3, 0, 20)],
)
def test_what_waits_is_not_lost_and_what_was_dropped_does_not_wait(
    given_up: int, waiting: int | None, still: int, lost: int
) -> None:
    delivery = Delivery(120, 100, given_up, waiting=None if waiting is None else Waiting(0, waiting))

    assert (delivery.still_waiting, delivery.lost) == (still, lost)
