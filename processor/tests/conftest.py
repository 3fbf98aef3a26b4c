"""A table like the real one, in memory."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import hypothesis
import pytest
from moto import mock_aws

from factories import CONTRACT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE_NAME = "events"
QUEUE_URL = "https://sqs.eu-west-2.amazonaws.com/123456789012/events.fifo"

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that writes what the tests compare with."""
    parser.addoption("--write-examples", action="store_true", help="refresh the examples of stored items")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach an account."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    monkeypatch.setenv("TABLE_NAME", TABLE_NAME)
    monkeypatch.setenv("QUEUE_URL", QUEUE_URL)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture
def dynamodb() -> Iterator["DynamoDBClient"]:
    """A client of an account that holds the table."""
    with mock_aws():
        client = boto3.client("dynamodb")
        keys = json.loads((CONTRACT / "table-keys.json").read_text("utf-8"))
        client.create_table(
            TableName=TABLE_NAME,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": keys["partition_key"], "AttributeType": "S"},
                {"AttributeName": keys["sort_key"], "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": keys["partition_key"], "KeyType": "HASH"},
                {"AttributeName": keys["sort_key"], "KeyType": "RANGE"},
            ],
        )
        yield client
