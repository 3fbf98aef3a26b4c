"""The baseline is what it claims to be: correct, and four calls for an exchange."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from moto import mock_aws

from benchmarks.baseline import handler as baseline
from benchmarks.baseline.producer import entries
from tests.pipeline.events import exchange, new_id

TABLES = {"INTERIM_TABLE": "baseline-interim", "FINAL_TABLE": "baseline-final"}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {**TABLES, "AWS_DEFAULT_REGION": "eu-west-2"}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        baseline._correlator.cache_clear()
        created = boto3.client("dynamodb")
        for table in TABLES.values():
            created.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                ProvisionedThroughput={"ReadCapacityUnits": 25, "WriteCapacityUnits": 25},
            )
        yield created
        baseline._correlator.cache_clear()


def stored(client: Any, table: str) -> list[dict[str, Any]]:
    read = TypeDeserializer().deserialize
    items = client.scan(TableName=TABLES[table])["Items"]
    return [{name: read(value) for name, value in item.items()} for item in items]


def take(*bodies: str) -> list[str]:
    """Hand a batch to the function and return the positions of those that failed."""
    records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    answer = baseline.handler({"Records": records}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def full_exchange() -> dict[str, Any]:
    return exchange(
        new_id(),
        answer="On the shelf.",
        score=0.75,
        sources=["manual/1"],
        latency_ms={"total": 12.5},
        country="GB",
        user_agent="curl/8",
    )


def bodies_of(sent: dict[str, Any]) -> tuple[str, str]:
    query, response = entries(sent)
    return query["MessageBody"], response["MessageBody"]


def test_a_query_and_its_response_become_one_item_with_all_that_was_sent(client: Any) -> None:
    sent = full_exchange()

    failed = take(*bodies_of(sent))

    [item] = stored(client, "FINAL_TABLE")
    kept = {name: value for name, value in sent.items() if name not in {"type", "origin", "user_agent"}}
    assert failed == []
    assert json.loads(json.dumps(item, default=float)) == {**kept, "expires_at": sent["asked_at"] // 1000 + 90 * 86_400}
    assert stored(client, "INTERIM_TABLE") == []


def test_a_query_waits_in_the_interim_table(client: Any) -> None:
    query, _ = bodies_of(full_exchange())

    failed = take(query)

    assert failed == []
    assert len(stored(client, "INTERIM_TABLE")) == 1
    assert stored(client, "FINAL_TABLE") == []


def test_an_early_response_fails_alone_and_succeeds_after_its_query(client: Any) -> None:
    early, other = full_exchange(), full_exchange()
    query, response = bodies_of(early)

    first = take(response, *bodies_of(other))
    second = take(query, response)

    assert (first, second) == (["0"], [])
    assert {item["id"] for item in stored(client, "FINAL_TABLE")} == {early["id"], other["id"]}


def test_a_response_that_comes_twice_changes_nothing(client: Any) -> None:
    query, response = bodies_of(full_exchange())
    take(query, response)
    before = stored(client, "FINAL_TABLE")

    failed = take(response)

    assert failed == []
    assert stored(client, "FINAL_TABLE") == before


@pytest.mark.parametrize("body", ["no JSON", "{}", "[]", '{"type": "response"}', "1"])
def test_a_message_that_is_no_event_fails_alone(client: Any, body: str) -> None:
    sent = full_exchange()
    query, response = bodies_of(sent)

    failed = take(query, body, response)

    assert failed == ["1"]
    assert [item["id"] for item in stored(client, "FINAL_TABLE")] == [sent["id"]]


@pytest.mark.usefixtures("client")
def test_an_exchange_takes_put_get_put_and_delete() -> None:
    calls: list[str] = []
    used = baseline._correlator().client
    used.meta.events.register("before-call.dynamodb.*", lambda model, **_: calls.append(model.name))

    take(*bodies_of(full_exchange()))

    assert calls == ["PutItem", "GetItem", "PutItem", "DeleteItem"]


def test_both_events_of_an_exchange_share_a_group_of_their_own() -> None:
    query, response = entries(full_exchange())
    other, _ = entries(full_exchange())

    assert query["MessageGroupId"] == response["MessageGroupId"] != other["MessageGroupId"]
    assert query["MessageDeduplicationId"] != response["MessageDeduplicationId"]
