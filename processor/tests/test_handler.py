"""The function as Lambda calls it, with a table to look into afterwards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from conftest import TABLE_NAME
from factories import body, exchange, feedback, sqs_record

from processor import handler as module
from processor.handler import handler

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


StoredItems: TypeAlias = Callable[[], list[dict[str, Any]]]


@dataclass
class Context:
    function_name: str = "processor"
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


@pytest.fixture
def stored(dynamodb: "DynamoDBClient") -> Iterator[StoredItems]:
    module.processor.cache_clear()
    yield lambda: dynamodb.scan(TableName=TABLE_NAME)["Items"]
    module.processor.cache_clear()


def test_a_batch_of_valid_messages_leaves_one_item_for_each_exchange_and_no_failure(stored: StoredItems) -> None:
    other = "019aa6c5-1c00-7abc-8def-00000000000b"
    records = [
        sqs_record(body(exchange())),
        sqs_record(body(feedback())),
        sqs_record(body(exchange(id=other), feedback(id=other))),
    ]

    answer = handler({"Records": records}, Context())

    assert answer == {"batchItemFailures": []}
    assert len(stored()) == 2
    assert all("outcome" in item and "rating" in item for item in stored())


def test_an_invalid_message_fails_alone(stored: StoredItems) -> None:
    records = [sqs_record("{", "bad"), sqs_record(body(exchange()), "good"), sqs_record(None, "worse")]

    answer = handler({"Records": records}, Context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}, {"itemIdentifier": "worse"}]}
    assert len(stored()) == 1
