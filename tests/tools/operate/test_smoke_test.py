"""The smoke test sees a version that does not do its work, and leaves nothing in the table."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from operate.environment import Environment, OperationError
from operate.processor_rules import processor_rules
from operate.smoke_test import SITE, smoke_test
from tests.tools.operate.account import Account


class FakeProcessor:
    """A processor that stores what it says it stores, or less."""

    service = "processor"
    name = "edge-analytics-dev-processor"

    def __init__(self, environment: Environment, *, stores: bool = True, failures: bool = False) -> None:
        self.environment = environment
        self._stores = stores
        self._failures = failures
        self.seen = 0

    def invoke(self, payload: dict[str, Any], *, version: str) -> Any:
        assert version == "live"
        [record] = payload["Records"]
        if self._stores:
            key = {"pk": {"S": _partition()}, "sk": {"S": record["messageId"]}}
            boto3.client("dynamodb").put_item(TableName="table", Item=key)
            self.seen += len(boto3.client("dynamodb").scan(TableName="table")["Items"])
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}] if self._failures else []}


def _partition() -> str:
    return f"site#{SITE}#day#{datetime.now(UTC):%Y-%m-%d}"


class FakeReporter:
    """A reporter that fails at some reports."""

    service = "reporter"
    name = "edge-analytics-dev-reporter"

    def __init__(self, broken: str = "", answer: Any = None) -> None:
        self._broken = broken
        self._answer = answer

    def invoke(self, payload: dict[str, Any], *, version: str) -> Any:
        if payload["report"] == self._broken:
            raise OperationError(f"{self.name}:{version} fails: ZeroDivisionError")
        if payload["report"] == "weekly":
            assert payload["preview"] is True
            return self._answer
        return {"report": "daily", "reports": []}


def test_a_processor_that_stores_is_believed_and_its_item_is_deleted(
    account: Account, environment: Environment
) -> None:
    function: Any = FakeProcessor(environment)

    assert smoke_test(function) == "stores an event"

    assert function.seen == 1
    assert account.items() == []


@pytest.mark.parametrize(
    ("stores", "failures", "message"), [(False, True, "stores no event"), (False, False, "the table has none")]
)
def test_a_processor_that_stores_nothing_is_found_out(
    account: Account, environment: Environment, stores: bool, failures: bool, message: str
) -> None:
    function: Any = FakeProcessor(environment, stores=stores, failures=failures)

    with pytest.raises(OperationError, match=message):
        smoke_test(function)


def test_the_test_event_is_one_that_the_processor_accepts(environment: Environment) -> None:
    bodies: list[str] = []

    class Recording(FakeProcessor):
        def invoke(self, payload: dict[str, Any], *, version: str) -> Any:
            bodies.append(payload["Records"][0]["body"])
            return super().invoke(payload, version=version)

    function: Any = Recording(environment)
    smoke_test(function)

    with processor_rules() as rules:
        verdict = rules.check(bodies[0])
    assert verdict.reason is None
    assert [item.partition for item in verdict.items] == [_partition()]


def test_a_reporter_that_renders_is_believed() -> None:
    function: Any = FakeReporter(answer={"reports": [{"site": "docs.example.com"}]})

    assert smoke_test(function) == "renders the report of docs.example.com"


@pytest.mark.parametrize(
    ("broken", "answer", "message"),
    [("daily", None, "ZeroDivisionError"), ("weekly", None, "ZeroDivisionError"), ("", {"reports": []}, "no report")],
)
def test_a_reporter_that_fails_at_either_report_is_found_out(broken: str, answer: Any, message: str) -> None:
    function: Any = FakeReporter(broken, answer)

    with pytest.raises(OperationError, match=message):
        smoke_test(function)
