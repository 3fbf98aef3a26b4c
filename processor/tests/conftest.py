"""A table like the real one, in memory."""

import json
import sys
from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import boto3
import botocore.session
import hypothesis
import pytest
from botocore.client import BaseClient
from botocore.session import Session
from moto import mock_aws

from factories import CONTRACT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

P = ParamSpec("P")
T = TypeVar("T")

TABLE_NAME = "events"
QUEUE_URL = "https://sqs.eu-west-2.amazonaws.com/123456789012/events.fifo"

# How long an example takes says more about the machine than about the code. Each run has the same examples, so that a
# test fails for a change and never by chance; `--hypothesis-profile=search` looks for others.
hypothesis.settings.register_profile(
    "any machine", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("search", hypothesis.settings.get_profile("any machine"), derandomize=False)
hypothesis.settings.load_profile("any machine")


def _untraced(function: Callable[P, T]) -> Callable[P, T]:
    """Let coverage measure nothing of a library's function, which takes twice as long with it."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return run


@pytest.fixture(scope="session", autouse=True)
def _quick_libraries() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # Every test has sessions of its own: they read the descriptions of the services once for all.
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        for owner, name in ((Session, "create_client"), (BaseClient, "_make_api_call")):
            patch.setattr(owner, name, _untraced(getattr(owner, name)))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage of property tests: it is another at every run, and takes twice as long."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("no_cover")


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
