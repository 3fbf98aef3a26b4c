"""The function as Lambda calls it, with a table and a queue to look into afterwards."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError

from conftest import TABLE_NAME
from factories import body, exchange, feedback, plain, sqs_record
from processor import application as module
from processor.handler import NothingStoredError, handler
from processor.table import ItemTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OTHER = "019aa6c5-1c00-7abc-8def-00000000000b"
StoredItems: TypeAlias = Callable[[], list[dict[str, Any]]]
Fail: TypeAlias = Callable[..., None]


@dataclass
class Context:
    function_name: str = "processor"
    aws_request_id: str = "request-1"
    seconds: float = 30

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@pytest.fixture
def stored(dynamodb: "DynamoDBClient") -> Iterator[StoredItems]:
    boto3.client("sqs").create_queue(QueueName="events.fifo", Attributes={"FifoQueue": "true"})
    module.application.cache_clear()
    # The examples are of last year, so that their day is marked as changed late too.
    yield lambda: [
        plain(item) for item in dynamodb.scan(TableName=TABLE_NAME)["Items"] if not item["pk"]["S"].endswith("#changed")
    ]
    module.application.cache_clear()


@pytest.fixture
def fail(stored: StoredItems, monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Lets the table answer the next writes with an error; the function does not really sleep."""
    assert stored() == []
    table = module.application().batches.table
    assert isinstance(table, ItemTable)
    monkeypatch.setattr(table._writer, "_pause", lambda _seconds: None)

    def make(times: int, code: str | None = None, status: int = 400) -> None:
        left = [times]

        def answer(**_arguments: object) -> tuple[Any, dict[str, Any]] | None:
            if left[0] == 0:
                return None
            left[0] -= 1
            if code is None:
                raise ConnectTimeoutError(endpoint_url="https://dynamodb.eu-west-2.amazonaws.com")
            return SimpleNamespace(status_code=status), {
                "Error": {"Code": code, "Message": "text"},
                "ResponseMetadata": {"HTTPStatusCode": status},
            }

        table._writer._client.meta.events.register("before-call.dynamodb.UpdateItem", answer)  # type: ignore[arg-type]

    return make


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_batch_of_valid_messages_leaves_one_item_for_each_exchange_and_no_failure(stored: StoredItems) -> None:
    records = [
        sqs_record(body(exchange())),
        sqs_record(body(feedback())),
        sqs_record(body(exchange(id=OTHER), feedback(id=OTHER))),
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


def test_a_batch_of_nothing_but_invalid_messages_is_no_fault_of_the_function(stored: StoredItems) -> None:
    answer = handler({"Records": [sqs_record("", "1"), sqs_record("[]", "2")]}, Context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}
    assert stored() == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ProvisionedThroughputExceededException", 400),
        ("ThrottlingException", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
        (None, 0),
    ],
)
def test_a_failure_that_passes_is_waited_out(
    stored: StoredItems, fail: Fail, capsys: pytest.CaptureFixture[str], code: str | None, status: int
) -> None:
    fail(2, code, status)

    answer = handler({"Records": [sqs_record(body(exchange()))]}, Context())

    assert answer == {"batchItemFailures": []}
    assert len(stored()) == 1
    assert lines(capsys)[-1]["Throttled"] == 2


def test_a_message_for_which_no_time_is_left_is_handed_back(
    stored: StoredItems, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = handler({"Records": [sqs_record(body(exchange()), "1"), sqs_record("{", "2")]}, Context(seconds=8))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "1"}]}
    assert stored() == []
    assert lines(capsys)[-1]["message"] == "messages processed"


def test_a_table_that_refuses_everything_for_good_makes_the_function_fail(stored: StoredItems, fail: Fail) -> None:
    fail(10, "AccessDeniedException")

    with pytest.raises(NothingStoredError, match=r"^ClientError: AccessDeniedException$"):
        handler({"Records": [sqs_record(body(exchange())), sqs_record(body(exchange(id=OTHER)))]}, Context())

    assert stored() == []


def test_a_table_that_refuses_one_item_for_good_fails_that_message_alone(stored: StoredItems, fail: Fail) -> None:
    fail(1, "ValidationException")
    records = [sqs_record(body(exchange()), "1"), sqs_record(body(exchange(id=OTHER)), "2")]

    answer = handler({"Records": records}, Context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert [item["sk"] for item in stored()] == [OTHER]


def test_a_schedule_drains_the_queue(stored: StoredItems) -> None:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="events.fifo")["QueueUrl"]
    for number in range(12):
        event = exchange(id=f"019aa6c5-1c00-7abc-8def-{number:012x}")
        sqs.send_message(
            QueueUrl=url, MessageBody=body(event), MessageGroupId=event["id"], MessageDeduplicationId=event["id"]
        )

    answer = handler({"source": "aws.events", "detail-type": "Scheduled Event"}, Context(seconds=120))

    assert answer == {"received": 12, "stored": 12, "failed": 0}
    assert len(stored()) == 12


def test_each_invocation_is_one_line_that_is_also_the_measurement(
    stored: StoredItems, capsys: pytest.CaptureFixture[str]
) -> None:
    handler({"Records": [sqs_record(body(exchange()))]}, Context())

    (line,) = lines(capsys)
    assert len(stored()) == 1
    assert (line["request_id"], line["mode"], line["received"], line["failed"]) == ("request-1", "stream", 1, 0)
    assert (line["Stored"], line["Invalid"], line["Throttled"]) == (1, 0, 0)
    assert line["AgeAtStorage"] > 0


def test_nothing_that_a_visitor_sent_is_logged(
    stored: StoredItems, fail: Fail, capsys: pytest.CaptureFixture[str]
) -> None:
    fail(1, "ValidationException")
    secret = exchange(question="SECRET", session="SECRET", user_agent="SECRET")
    records = [sqs_record(body(secret)), sqs_record(body({**secret, "score": "SECRET"})), sqs_record("SECRET")]

    with pytest.raises(NothingStoredError) as caught:
        handler({"Records": records}, Context())

    printed = capsys.readouterr()
    assert stored() == []
    assert "SECRET" not in printed.out + printed.err + str(caught.value)
