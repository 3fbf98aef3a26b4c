"""The table: what lies in it after any order of writes, how many writes that takes, and what a busy one leads to."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import permutations
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
import jsonschema
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import TABLE_NAME
from factories import CONTRACT, exchange, feedback, merged, plain
from processor.item import Day, Item, item_from_event
from processor.table import ItemTable
from processor.user_agent import visitor_attributes
from processor.writer import TableBusyError
from strategies import IDS, SITES, events

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def items(*sent: dict[str, Any]) -> list[Item]:
    return [item_from_event(event, visitor_attributes) for event in sent]


def no_pause(_seconds: float) -> None:
    pass


def plenty() -> float:
    return 20.0


@pytest.fixture
def calls(dynamodb: "DynamoDBClient") -> list[str]:
    """The requests that are made from here on."""
    made: list[str] = []
    dynamodb.meta.events.register(
        "before-call.dynamodb", lambda model, **_: made.append(model.name), unique_id="record-calls"
    )
    return made


@pytest.fixture
def table(dynamodb: "DynamoDBClient") -> ItemTable:
    return ItemTable(dynamodb, TABLE_NAME, no_pause)


def stored(dynamodb: "DynamoDBClient") -> dict[tuple[str, str], dict[str, Any]]:
    found = [plain(item) for item in dynamodb.scan(TableName=TABLE_NAME)["Items"]]
    return {(item["pk"], item["sk"]): item for item in found}


def clear(dynamodb: "DynamoDBClient") -> None:
    for partition, identifier in stored(dynamodb):
        dynamodb.delete_item(TableName=TABLE_NAME, Key={"pk": {"S": partition}, "sk": {"S": identifier}})


def write(dynamodb: "DynamoDBClient", *sent: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """What lies in an empty table after these events came one by one."""
    clear(dynamodb)
    table = ItemTable(dynamodb, TABLE_NAME, no_pause)
    for item in items(*sent):
        table.merge(item, plenty)
    return stored(dynamodb)


def test_an_exchange_with_its_feedback_takes_one_request(
    table: ItemTable, dynamodb: "DynamoDBClient", calls: list[str]
) -> None:
    (item,) = merged(items(exchange(), feedback())).values()

    table.merge(item, plenty)

    assert calls == ["UpdateItem"]
    ((found),) = stored(dynamodb).values()
    assert (found["outcome"], found["rating"], found["rated_at"]) == ("answered", "up", feedback()["sent_at"])


def test_a_second_delivery_takes_one_request_and_changes_nothing(
    table: ItemTable, dynamodb: "DynamoDBClient", calls: list[str]
) -> None:
    (item,) = items(exchange())
    table.merge(item, plenty)
    before = stored(dynamodb)
    calls.clear()

    table.merge(item, plenty)

    assert calls == ["UpdateItem"]
    assert stored(dynamodb) == before


def test_a_superseded_event_leaves_its_origin_only(table: ItemTable, dynamodb: "DynamoDBClient") -> None:
    later, earlier = items(
        feedback(sent_at=2, rating="down", comment="no", origin={"isolate": "aaaa", "sequence": 2}),
        feedback(sent_at=1, rating="up", comment="yes", origin={"isolate": "aaaa", "sequence": 1}),
    )
    table.merge(later, plenty)

    table.merge(earlier, plenty)

    (found,) = stored(dynamodb).values()
    assert (found["rating"], found["comment"], found["rated_at"]) == ("down", "no", 2)
    assert found["origins"] == ["aaaa/1", "aaaa/2"]


def test_of_two_parts_the_one_that_is_not_superseded_is_still_written(
    table: ItemTable, dynamodb: "DynamoDBClient"
) -> None:
    (later_rating,) = items(feedback(sent_at=2, rating="down"))
    table.merge(later_rating, plenty)
    (both,) = merged(items(exchange(), feedback(sent_at=1, rating="up"))).values()

    table.merge(both, plenty)

    (found,) = stored(dynamodb).values()
    assert (found["outcome"], found["rating"]) == ("answered", "down")


def test_nothing_of_a_replaced_exchange_or_rating_survives(dynamodb: "DynamoDBClient") -> None:
    full = [exchange(asked_at=1), feedback(sent_at=1, comment="text")]
    bare = [
        {
            key: value
            for key, value in exchange(asked_at=2).items()
            if key in {"type", "id", "site", "asked_at", "outcome", "origin"}
        },
        {key: value for key, value in feedback(sent_at=2).items() if key != "comment"},
    ]

    for order in permutations(full + bare):
        (found,) = write(dynamodb, *order).values()
        assert set(found) == {
            *("pk", "sk", "expires_at", "origins", "exchange_order", "feedback_order"),
            *("asked_at", "outcome", "rating", "rated_at"),
        }


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(events, min_size=1, max_size=5), st.randoms(use_true_random=False), st.data())
def test_any_order_any_batches_and_any_repetition_give_the_same_table(
    dynamodb: "DynamoDBClient",
    sent: list[dict[str, Any]],
    chance: Random,
    data: st.DataObject,
) -> None:
    expected = write(dynamodb, *sent)
    again = sent + data.draw(st.lists(st.sampled_from(sent), max_size=3))
    chance.shuffle(again)
    cut = data.draw(st.integers(0, len(again)))
    clear(dynamodb)
    table = ItemTable(dynamodb, TABLE_NAME, no_pause)

    for batch in (again[:cut], again[cut:]):
        for item in merged(items(*batch)).values():
            table.merge(item, plenty)

    assert stored(dynamodb) == expected
    assert len(expected) <= len(IDS) * len(SITES)


class BusyClient:
    """A DynamoDB client that fails as it is told, and then takes everything."""

    def __init__(self, *errors: Exception) -> None:
        self.errors: Iterator[Exception] = iter(errors)
        self.calls = 0

    def update_item(self, **_arguments: object) -> None:
        self.calls += 1
        for error in self.errors:
            raise error


def client_error(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "text"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "UpdateItem",
    )


TEMPORARY = [
    client_error("ProvisionedThroughputExceededException", 400),
    client_error("ThrottlingException", 400),
    client_error("RequestLimitExceeded", 400),
    client_error("InternalServerError", 500),
    client_error("ServiceUnavailable", 503),
    ConnectTimeoutError(endpoint_url="https://dynamodb.eu-west-2.amazonaws.com"),
    ReadTimeoutError(endpoint_url="https://dynamodb.eu-west-2.amazonaws.com"),
]


@pytest.mark.parametrize("error", TEMPORARY, ids=str)
def test_what_passes_is_waited_out(error: Exception) -> None:
    client = BusyClient(error, error, error)
    table = ItemTable(client, TABLE_NAME, no_pause)  # type: ignore[arg-type]

    table.merge(items(exchange())[0], plenty)

    assert (client.calls, table.throttled) == (4, 3)


def clock(seconds: float) -> tuple[Callable[[], float], Callable[[float], None]]:
    """Time that only passes by sleeping, and what sleeps."""
    left = [seconds]

    def sleep(duration: float) -> None:
        left[0] -= duration

    return lambda: left[0], sleep


def test_a_busy_table_is_given_up_when_the_time_is_over() -> None:
    time_left, sleep = clock(20.0)
    client = BusyClient(*[TEMPORARY[0]] * 100_000)
    table = ItemTable(client, TABLE_NAME, sleep)  # type: ignore[arg-type]

    with pytest.raises(TableBusyError):
        table.merge(items(exchange())[0], time_left)

    assert -0.001 <= time_left() <= 0
    assert 20 <= client.calls <= 200


def test_without_time_the_table_is_not_even_asked() -> None:
    client = BusyClient()
    table = ItemTable(client, TABLE_NAME, no_pause)  # type: ignore[arg-type]

    with pytest.raises(TableBusyError):
        table.merge(items(exchange())[0], lambda: 0.0)

    assert client.calls == 0


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_what_does_not_pass_is_not_waited_for(code: str) -> None:
    client = BusyClient(client_error(code, 400))
    table = ItemTable(client, TABLE_NAME, no_pause)  # type: ignore[arg-type]

    with pytest.raises(ClientError):
        table.merge(items(exchange())[0], plenty)

    assert client.calls == 1


def test_every_name_in_a_request_is_a_placeholder_and_the_request_is_small(calls: list[str]) -> None:
    sent: list[dict[str, Any]] = []
    client = boto3.client("dynamodb")
    client.meta.events.register(
        "provide-client-params.dynamodb.UpdateItem", lambda params, **_: sent.append(params), unique_id="see"
    )
    (item,) = merged(items(exchange(), feedback())).values()

    ItemTable(client, TABLE_NAME, no_pause).merge(item, plenty)

    assert calls == []
    (request,) = sent
    assert len(request["UpdateExpression"]) < 4096
    words = request["UpdateExpression"].replace(",", " ").replace("=", " ").split()
    assert {word for word in words if word[0] not in "#:"} <= {"SET", "ADD", "REMOVE"}


def test_the_longest_example_still_is_one_item(table: ItemTable, dynamodb: "DynamoDBClient") -> None:
    path = CONTRACT / "analytics-event/examples/valid/exchange-longest-texts.json"
    (event,) = json.loads(path.read_text("utf-8"))["events"]

    table.merge(items(event)[0], plenty)

    (found,) = stored(dynamodb).values()
    assert len(found["question"]) == 500


def test_a_mark_of_a_changed_day_is_as_the_contract_shows_and_each_differs_from_the_one_before(
    table: ItemTable, dynamodb: "DynamoDBClient", calls: list[str]
) -> None:
    schema = json.loads((CONTRACT / "stored-item/changed-day.v1.schema.json").read_text("utf-8"))
    day = Day("docs.example.com", date(2026, 11, 22))

    table.mark_changed(day, 1_795_400_000.5, plenty)
    (first,) = stored(dynamodb).values()
    table.mark_changed(day, 1_795_400_000.5, plenty)
    (second,) = stored(dynamodb).values()

    jsonschema.validate(first, schema)
    jsonschema.validate(second, schema)
    assert calls.count("UpdateItem") == 2
    assert first == {
        "pk": "site#docs.example.com#changed",
        "sk": "day#2026-11-22",
        "expires_at": 1_803_168_000,
        "changed_at": 1_795_400_000_500,
        "changes": 1,
    }
    assert second["changes"] == 2
