"""However often an exchange is rated, its item stays small and every event stays countable."""

import json
import random
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import TABLE_NAME
from factories import CONTRACT, exchange, feedback, merged, plain
from processor.item import Item, Key, item_from_event
from processor.origins import MAX_ORIGINS, origins_pages
from processor.table import ItemTable
from processor.writer import TableBusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITE_UNIT = 1024
PAGE_SCHEMA = json.loads((CONTRACT / "stored-item/origins-page.v1.schema.json").read_text("utf-8"))
KEY = Key("docs.example.com", exchange()["id"])


def no_pause(_seconds: float) -> None:
    pass


def plenty() -> float:
    return 20.0


def size(item: dict[str, Any]) -> int:
    """An upper bound in bytes: JSON's quotes and commas are more than what DynamoDB adds to names and values."""
    return len(json.dumps(item, ensure_ascii=False).encode())


def rating(number: int, *, isolate: str = "k3x9q2ab", lost: int = 0) -> dict[str, Any]:
    origin = {"isolate": isolate, "sequence": number, "lost_before": lost}
    return feedback(sent_at=1_763_734_535_976 + number, rating="up" if number % 2 else "down", origin=origin)


def item(event: dict[str, Any]) -> Item:
    return item_from_event(event, lambda _user_agent: {})


def everything(dynamodb: "DynamoDBClient") -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=TABLE_NAME)
    return [item for page in pages for item in page["Items"]]


def clear(dynamodb: "DynamoDBClient") -> None:
    for found in everything(dynamodb):
        dynamodb.delete_item(TableName=TABLE_NAME, Key={"pk": found["pk"], "sk": found["sk"]})


def main_item(dynamodb: "DynamoDBClient") -> dict[str, Any]:
    (found,) = [found for found in everything(dynamodb) if found["sk"]["S"] == KEY.id]
    return plain(found)


def origins(dynamodb: "DynamoDBClient") -> set[str]:
    return {origin for found in everything(dynamodb) for origin in found["origins"]["SS"]}


def write(dynamodb: "DynamoDBClient", batches: Iterable[list[dict[str, Any]]]) -> None:
    table = ItemTable(dynamodb, TABLE_NAME, no_pause)
    for batch in batches:
        for found in merged(map(item, batch)).values():
            table.merge(found, plenty)


ratings = st.builds(
    rating,
    st.integers(1, 10**9),
    isolate=st.sampled_from(["k3x9q2ab", "0000", "0123456789abcdef"]),
    lost=st.sampled_from([0, 0, 3]),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(ratings, min_size=1, max_size=60), st.randoms(use_true_random=False), st.integers(1, 25))
def test_any_number_of_ratings_in_any_order_and_repetition_is_bounded_and_none_is_forgotten(
    dynamodb: "DynamoDBClient", sent: list[dict[str, Any]], chance: random.Random, batch_size: int
) -> None:
    clear(dynamodb)
    sent = [exchange(), *sent]
    expected = merged(map(item, sent))[KEY]
    again = sent + chance.choices(sent, k=10)
    chance.shuffle(again)

    write(dynamodb, [again[begin : begin + batch_size] for begin in range(0, len(again), batch_size)])

    found = main_item(dynamodb)
    assert expected.feedback is not None
    assert origins(dynamodb) == expected.origins
    assert 1 <= len(found["origins"]) <= MAX_ORIGINS
    assert found["feedback_order"] == expected.feedback.order
    for page in everything(dynamodb):
        if page["sk"]["S"] != KEY.id:
            jsonschema.validate(plain(page), PAGE_SCHEMA)


def test_every_further_rating_costs_fewer_than_two_requests_on_average_and_every_item_fits_one_write_unit(
    dynamodb: "DynamoDBClient",
) -> None:
    made: list[str] = []
    dynamodb.meta.events.register("before-call.dynamodb", lambda model, **_: made.append(model.name), unique_id="count")

    write(dynamodb, ([rating(number)] for number in range(1, 301)))

    assert set(made) == {"UpdateItem"}
    assert len(made) < 2 * 300
    assert max(size(plain(found)) for found in everything(dynamodb)) <= WRITE_UNIT
    assert origins(dynamodb) == {f"k3x9q2ab/{number}" for number in range(1, 301)}
    assert main_item(dynamodb)["rated_at"] == rating(300)["sent_at"]


@pytest.mark.parametrize("stored", [MAX_ORIGINS + 1, 3600])
def test_an_item_that_has_grown_large_shrinks_with_its_next_event(dynamodb: "DynamoDBClient", stored: int) -> None:
    write(dynamodb, [[exchange(), rating(1)]])
    old = {f"k3x9q2ab/{number}" for number in range(1, stored + 1)}
    dynamodb.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": KEY.partition}, "sk": {"S": KEY.id}},
        UpdateExpression="SET origins = :origins",
        ExpressionAttributeValues={":origins": {"SS": sorted(old)}},
    )

    write(dynamodb, [[rating(5000)]])

    found = main_item(dynamodb)
    assert len(found["origins"]) <= MAX_ORIGINS
    assert size(found) <= WRITE_UNIT
    assert found["rated_at"] == rating(5000)["sent_at"]
    assert found["outcome"] == "answered"
    assert origins(dynamodb) == old | {"k3x9q2ab/5000"}


def test_a_shrinking_that_is_interrupted_anywhere_loses_nothing_and_is_completed(dynamodb: "DynamoDBClient") -> None:
    sent = [rating(number) for number in range(1, 31)]
    for seconds in range(0, 12, 2):
        clear(dynamodb)
        write(dynamodb, ([event] for event in sent[:MAX_ORIGINS]))
        left = iter([1.0] * seconds)
        table = ItemTable(dynamodb, TABLE_NAME, no_pause)
        whole = merged(map(item, sent))[KEY]
        complete = False
        while not complete:
            try:
                table.merge(whole, partial(next, left, 0.0))
                complete = True
            except TableBusyError:
                assert origins(dynamodb) >= {f"k3x9q2ab/{number}" for number in range(1, MAX_ORIGINS + 1)}
                left = iter([1.0] * 50)

        assert origins(dynamodb) == whole.origins


def test_two_writers_at_once_lose_no_origin(dynamodb: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> None:
    write(dynamodb, ([rating(number)] for number in range(1, MAX_ORIGINS + 1)))
    one, other = (ItemTable(dynamodb, TABLE_NAME, no_pause) for _ in range(2))
    write_pages = one._write_pages
    interrupted = iter([True])

    def interleaved(key: Key, surplus: Iterable[str], time_left: Any) -> None:
        surplus = list(surplus)
        write_pages(key, surplus, time_left)
        if bool(surplus) and next(interrupted, False):
            # The other meets the same full item, moves its origins first, and adds its own.
            for number in range(101, 101 + MAX_ORIGINS):
                other.merge(item(rating(number)), plenty)

    monkeypatch.setattr(one, "_write_pages", interleaved)

    one.merge(item(rating(200)), plenty)

    numbers = [*range(1, MAX_ORIGINS + 1), *range(101, 101 + MAX_ORIGINS), 200]
    assert origins(dynamodb) == {f"k3x9q2ab/{number}" for number in numbers}
    assert main_item(dynamodb)["origins"]


def test_pages_are_named_by_their_content_and_fit_one_write_unit_at_the_longest() -> None:
    longest = {f"0123456789abcdef/{9007199254740991 - number}/9007199254740991" for number in range(40)}

    pages = list(origins_pages(Key("a" * 64, KEY.id), longest))

    assert pages == list(origins_pages(Key("a" * 64, KEY.id), sorted(longest)))
    assert len({page.sort_key for page in pages}) == len(pages) == 3
    for page in pages:
        attributes = {"pk": page.partition, "sk": page.sort_key, "expires_at": 1, "origins": sorted(page.origins)}
        assert size(attributes) <= WRITE_UNIT


def test_an_error_that_is_no_failed_condition_is_raised(dynamodb: "DynamoDBClient") -> None:
    table = ItemTable(dynamodb, "no-such-table", no_pause)

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        table.merge(item(rating(1)), plenty)
