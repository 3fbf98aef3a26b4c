"""Which messages of a batch fail, and what is said about it."""

import json
import logging
from datetime import date
from typing import Any

import pytest

from factories import body, exchange, feedback
from processor.batch import BatchStore, Outcome
from processor.item import Day, Item
from processor.limits import ProcessingLimits
from processor.queue import Message
from processor.writer import Clock, TableBusyError

OTHER = "019aa6c5-1c00-7abc-8def-00000000000b"
ASKED_AT = exchange()["asked_at"] / 1000


class FakeTable:
    """A table in a dictionary; it is too busy, or broken, for the ids it is told."""

    def __init__(self, *, busy: tuple[str, ...] = (), broken: tuple[str, ...] = ()) -> None:
        self.items: list[Item] = []
        self.changed: list[Day] = []
        self.throttled = 0
        self._busy = busy
        self._broken = broken

    def merge(self, item: Item, time_left: Clock) -> None:
        assert time_left() > 0
        if item.key.id in self._busy:
            self.throttled += 3
            raise TableBusyError
        if item.key.id in self._broken:
            raise RuntimeError("the visitor's words")
        self.items.append(item)

    def mark_changed(self, day: Day, now: float, time_left: Clock) -> None:
        assert now > 0
        assert time_left() > 0
        if day.site in self._busy:
            raise TableBusyError
        if day.site in self._broken:
            raise RuntimeError("the site's name")
        self.changed.append(day)


def store(table: FakeTable, *messages: Message) -> Outcome:
    return BatchStore(table, lambda _user_agent: {}, lambda: ASKED_AT + 100).store(messages, lambda: 1.0)


def ids(messages: list[Message]) -> list[str]:
    return [message.id for message in messages]


def test_events_of_one_exchange_in_several_messages_become_one_write() -> None:
    table = FakeTable()

    outcome = store(table, *(Message(str(number), body(exchange(), feedback())) for number in range(10)))

    assert (outcome.received, outcome.stored, outcome.failed) == (10, 1, [])
    assert len(table.items) == 1


def test_an_invalid_message_fails_alone_even_within_its_group() -> None:
    outcome = store(FakeTable(), Message("1", body(exchange())), Message("2", "{}"), Message("3", body(feedback())))

    assert ids(outcome.failed) == ids(outcome.invalid) == ["2"]
    assert outcome.stored == 1


def test_nothing_of_a_message_with_one_invalid_event_is_stored() -> None:
    table = FakeTable()

    outcome = store(table, Message("1", body(exchange(), exchange(id=OTHER, outcome="other"))))

    assert (ids(outcome.invalid), table.items) == (["1"], [])


def test_a_message_is_postponed_if_any_of_its_exchanges_could_not_be_stored() -> None:
    table = FakeTable(busy=(OTHER,))

    outcome = store(
        table,
        Message("both", body(exchange(), exchange(id=OTHER))),
        Message("stored", body(feedback())),
        Message("busy", body(feedback(id=OTHER))),
    )

    assert ids(outcome.postponed) == ["both", "busy"]
    assert (outcome.stored, outcome.throttled, outcome.fault) == (1, 3, None)


def test_one_item_that_cannot_be_stored_does_not_take_the_others_with_it() -> None:
    outcome = store(FakeTable(broken=(OTHER,)), Message("1", body(exchange())), Message("2", body(exchange(id=OTHER))))

    assert (ids(outcome.postponed), outcome.stored, outcome.fault) == (["2"], 1, None)


def test_a_message_that_the_enrichment_stumbles_over_does_not_take_the_others_with_it() -> None:
    def stumble(user_agent: str) -> dict[str, str]:
        if user_agent == "odd":
            raise RuntimeError(user_agent)
        return {}

    messages = [Message("1", body(exchange(), exchange(id=OTHER, user_agent="odd"))), Message("2", body(feedback()))]

    outcome = BatchStore(FakeTable(), stumble, lambda: ASKED_AT).store(messages, lambda: 1.0)

    assert (ids(outcome.postponed), outcome.stored, outcome.fault) == (["1"], 1, None)


def test_if_nothing_could_be_stored_the_fault_is_named_without_its_text() -> None:
    outcome = store(FakeTable(broken=(OTHER,)), Message("1", "{}"), Message("2", body(exchange(id=OTHER))))

    assert (ids(outcome.failed), outcome.fault) == (["1", "2"], "RuntimeError")


def test_a_rejection_is_logged_once_with_the_message_id_and_the_reason_and_without_the_body(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = body(exchange(question=["SECRET"]))

    with caplog.at_level(logging.INFO, "processor"):
        outcomes = [store(FakeTable(), Message("id-1", text, receives=receives)) for receives in (1, 2, 3)]

    (record,) = caplog.records
    assert vars(record)["message_id"] == "id-1"
    assert vars(record)["reason"] == "message.events[0].question must be string"
    assert "SECRET" not in json.dumps(vars(record), default=str)
    assert [outcome.first_rejected for outcome in outcomes] == [1, 0, 0]


def test_the_age_is_that_of_the_earliest_event_stored() -> None:
    later = exchange(id=OTHER, asked_at=exchange()["asked_at"] + 60_000)

    outcome = store(FakeTable(), Message("1", body(exchange(), feedback())), Message("2", body(later)))

    assert outcome.oldest_seconds == pytest.approx(100)


def test_outcomes_of_several_batches_add_up() -> None:
    total = Outcome()
    table: dict[str, Any] = {"busy": (OTHER,)}

    total += store(FakeTable(**table), Message("1", body(exchange())), Message("2", "{}"))
    total += store(FakeTable(**table), Message("3", body(exchange(id=OTHER))))

    assert (total.received, total.stored, total.first_rejected, total.throttled) == (3, 1, 1, 3)
    assert ids(total.failed) == ["2", "3"]
    assert total.oldest_seconds == pytest.approx(100)


def identifier(milliseconds: int) -> str:
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}-7abc-8def-0123456789ab"


def store_at(table: FakeTable, seconds: float, *messages: Message) -> Outcome:
    return BatchStore(table, lambda _user_agent: {}, lambda: seconds).store(messages, lambda: 1.0)


NOON = 1_764_936_000
"""2025-12-05T12:00:00Z"""
LIMIT = ProcessingLimits.of_contract().late_after_seconds


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (LIMIT - 1, False), (LIMIT + 1, True), (89 * 86_400, True)])
def test_a_day_is_marked_if_one_of_its_events_is_stored_late_and_only_then(seconds: int, late: bool) -> None:
    table = FakeTable()

    outcome = store_at(table, NOON + seconds, Message("1", body(exchange(id=identifier(NOON * 1000)))))

    assert table.changed == ([Day("docs.example.com", date(2025, 12, 5))] if late else [])
    assert (outcome.stored, outcome.failed) == (1, [])


def test_a_late_rating_marks_the_day_of_its_exchange_not_its_own() -> None:
    table = FakeTable()
    rating = feedback(id=identifier(NOON * 1000), sent_at=(NOON + 3 * 86_400) * 1000)

    store_at(table, NOON + 3 * 86_400, Message("1", body(rating)))

    assert table.changed == [Day("docs.example.com", date(2025, 12, 5))]


def test_a_batch_marks_each_day_once_however_many_of_its_events_are_late() -> None:
    table = FakeTable()
    moments = [NOON + 86_400 * (number % 2) + number for number in range(10)]
    messages = [Message(str(moment), body(exchange(id=identifier(moment * 1000)))) for moment in moments]
    messages.append(Message("other", body(exchange(id=identifier(NOON * 1000), site="a"))))

    store_at(table, NOON + 30 * 86_400, *messages)

    days = [Day("docs.example.com", date(2025, 12, day)) for day in (5, 6)]
    assert sorted(table.changed, key=str) == sorted([*days, Day("a", date(2025, 12, 5))], key=str)


def test_nothing_is_marked_for_an_item_that_is_not_stored() -> None:
    late = identifier(NOON * 1000)
    table = FakeTable(busy=(late,))

    outcome = store_at(table, NOON + 30 * 86_400, Message("1", body(exchange(id=late))))

    assert (table.changed, ids(outcome.postponed)) == ([], ["1"])


def test_history_that_takes_longer_than_there_is_time_for_is_stored_message_by_message() -> None:
    left = 25.0

    class SlowTable(FakeTable):
        def merge(self, item: Item, time_left: Clock) -> None:
            nonlocal left
            if time_left() <= 0:
                raise TableBusyError
            left -= 1.0
            super().merge(item, lambda: 1.0)

    table = SlowTable()
    messages = [
        Message(str(number), body(*(exchange(id=identifier((NOON + 10 * number + each) * 1000)) for each in range(10))))
        for number in range(4)
    ]
    store = BatchStore(table, lambda _user_agent: {}, lambda: float(NOON + 30 * 86_400))

    outcome = store.store(messages, lambda: left)

    assert (outcome.stored, ids(outcome.failed)) == (23, ["2", "3"])
    assert table.changed == [Day("docs.example.com", date(2025, 12, 5))]


@pytest.mark.parametrize("trouble", ["busy", "broken"])
def test_messages_whose_day_could_not_be_marked_come_again(trouble: str) -> None:
    table = FakeTable(**{trouble: ("docs.example.com",)})
    event = exchange(id=identifier(NOON * 1000))
    messages = [Message("1", body(event)), Message("2", body({**event, "site": "a"}))]

    outcome = store_at(table, NOON + 30 * 86_400, *messages)

    assert ids(outcome.postponed) == ["1"]
    assert outcome.stored == 2
    assert table.changed == [Day("a", date(2025, 12, 5))]
