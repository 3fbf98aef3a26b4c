"""Decisions of owners: the earliest is kept, however often and in whatever order they arrive."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import TABLE_NAME
from factories import CONTRACT, body, plain
from processor.batch import BatchStore
from processor.item import Item, item_from_event
from processor.queue import Message
from processor.table import ItemTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TIMES = st.integers(1_763_734_535_976, 1_763_734_535_976 + 30 * 86_400_000)


def decision(**changes: object) -> dict[str, Any]:
    message = json.loads((CONTRACT / "analytics-event/examples/valid/decision.json").read_text("utf-8"))
    return {**message["events"][0], **changes}


def item(**changes: object) -> Item:
    return item_from_event(decision(**changes), lambda _user_agent: {})


@given(st.lists(TIMES, min_size=1, max_size=5).flatmap(lambda times: st.tuples(st.just(times), st.permutations(times))))
def test_the_earliest_is_kept_in_any_order(times: tuple[list[int], list[int]]) -> None:
    one, other = ([item(decided_at=time) for time in order] for order in times)

    merged = one[0]
    for each in one[1:]:
        merged = merged.merge(each)
    again = other[0]
    for each in other[1:] + one:
        again = again.merge(each)

    assert merged == again
    assert merged.decision
    assert merged.decision.attributes["decided_at"] == min(times[0])


@pytest.mark.parametrize("order", [(5, 3, 9), (3, 5, 9), (9, 5, 3), (3, 3, 3)])
def test_the_table_keeps_the_earliest(dynamodb: "DynamoDBClient", order: tuple[int, ...]) -> None:
    table = ItemTable(dynamodb, TABLE_NAME, lambda _seconds: None)

    for seconds in order:
        table.merge(item(decided_at=1_763_734_535_976 + seconds * 1000), lambda: 1.0)

    [stored] = dynamodb.scan(TableName=TABLE_NAME)["Items"]
    assert plain(stored)["decided_at"] == 1_763_734_535_976 + 3000


def test_decisions_of_a_site_lie_together_for_400_days() -> None:
    key = item().key

    assert key.partition == "site#docs.example.com#decisions"
    assert key.expires_at - int(key.created_at.timestamp()) == 400 * 86_400


def test_a_repeated_decision_is_one_request_each_time(dynamodb: "DynamoDBClient") -> None:
    table = ItemTable(dynamodb, TABLE_NAME, lambda _seconds: None)
    calls: list[str] = []
    dynamodb.meta.events.register("before-call.dynamodb.*", lambda model, **_: calls.append(model.name))

    for seconds in range(3):
        table.merge(item(decided_at=1_763_734_535_976 + seconds), lambda: 1.0)

    assert calls == ["UpdateItem"] * 3


def test_a_decision_and_an_exchange_of_one_message_are_two_items(dynamodb: "DynamoDBClient") -> None:
    exchange = json.loads((CONTRACT / "analytics-event/examples/valid/exchange-minimal.json").read_text("utf-8"))
    store = BatchStore(ItemTable(dynamodb, TABLE_NAME, lambda _seconds: None), lambda _user_agent: {}, lambda: 0.0)

    outcome = store.store([Message("1", body(exchange["events"][0], decision()))], lambda: 1.0)

    assert (outcome.stored, outcome.failed) == (2, [])
    assert len(dynamodb.scan(TableName=TABLE_NAME)["Items"]) == 2


def test_a_decision_marks_no_day_as_changed(dynamodb: "DynamoDBClient") -> None:
    late = decision()["decided_at"] / 1000 + 29 * 86_400
    store = BatchStore(ItemTable(dynamodb, TABLE_NAME, lambda _seconds: None), lambda _user_agent: {}, lambda: late)

    store.store([Message("1", body(decision()))], lambda: 1.0)

    [stored] = dynamodb.scan(TableName=TABLE_NAME)["Items"]
    assert plain(stored)["pk"] == "site#docs.example.com#decisions"
