"""What becomes of messages in the queue, with a queue in memory, and drain mode on top of it."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws

from factories import body, exchange, sqs_record
from processor.batch import BatchStore
from processor.drain import drain
from processor.item import Day, Item
from processor.queue import Message, SourceQueue
from processor.writer import Clock, TableBusyError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

NOW = 1_763_734_600.0


class RecordingTable:
    """Takes items, so many at most, and is too busy for the rest."""

    def __init__(self, capacity: int = 1_000_000) -> None:
        self.items: list[Item] = []
        self.throttled = 0
        self._capacity = capacity

    def merge(self, item: Item, time_left: Clock) -> None:
        assert time_left() > 0
        if len(self.items) >= self._capacity:
            raise TableBusyError
        self.items.append(item)

    def mark_changed(self, day: Day, now: float, time_left: Clock) -> None:
        pytest.fail(f"{day} did not change late: {now}, {time_left()} s left")


@pytest.fixture
def sqs() -> Iterator["SQSClient"]:
    with mock_aws():
        yield boto3.client("sqs")


@pytest.fixture
def url(sqs: "SQSClient") -> str:
    return sqs.create_queue(QueueName="events.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]


def send(sqs: "SQSClient", url: str, *bodies: str) -> None:
    for number, text in enumerate(bodies):
        sqs.send_message(QueueUrl=url, MessageBody=text, MessageGroupId=str(number), MessageDeduplicationId=str(number))


def identifier(number: int) -> str:
    return f"019aa6c5-1c00-7abc-8def-{number:012x}"


def numbers(sqs: "SQSClient", url: str) -> tuple[int, int]:
    """How many messages are visible, and how many are hidden."""
    names: list[Any] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def batches(table: RecordingTable) -> BatchStore:
    return BatchStore(table, lambda _user_agent: {}, lambda: NOW)


def minutes() -> float:
    return 100.0


def test_draining_stores_everything_and_leaves_an_empty_queue(sqs: "SQSClient", url: str) -> None:
    send(sqs, url, *(body(exchange(id=identifier(number))) for number in range(23)))
    table = RecordingTable()

    outcome = drain(SourceQueue(sqs, url), batches(table), minutes)

    assert (outcome.received, outcome.stored, len(table.items)) == (23, 23, 23)
    assert numbers(sqs, url) == (0, 0)


def test_draining_leaves_an_invalid_message_to_the_queue(sqs: "SQSClient", url: str) -> None:
    send(sqs, url, "{}", body(exchange()))

    outcome = drain(SourceQueue(sqs, url), batches(RecordingTable()), minutes)

    assert (outcome.stored, len(outcome.invalid)) == (1, 1)
    assert numbers(sqs, url) == (0, 1)


def test_draining_stops_when_the_table_takes_no_more(sqs: "SQSClient", url: str) -> None:
    send(sqs, url, *(body(exchange(id=identifier(number))) for number in range(25)))

    outcome = drain(SourceQueue(sqs, url), batches(RecordingTable(capacity=12)), minutes)

    assert (outcome.received, outcome.stored, len(outcome.postponed)) == (20, 12, 8)
    assert numbers(sqs, url) == (5, 8)


def test_draining_receives_nothing_when_there_is_too_little_time_to_store_it(sqs: "SQSClient", url: str) -> None:
    send(sqs, url, body(exchange()))

    outcome = drain(SourceQueue(sqs, url), batches(RecordingTable()), lambda: 9.9)

    assert outcome.received == 0
    assert numbers(sqs, url) == (1, 0)


def test_a_received_message_says_how_often_and_since_when(sqs: "SQSClient", url: str) -> None:
    send(sqs, url, "text")

    (message,) = SourceQueue(sqs, url).receive()

    assert (message.body, message.receives) == ("text", 1)
    assert message.first_received is not None
    assert message.receipt_handle


def test_a_record_of_the_event_source_says_the_same() -> None:
    message = Message.from_record(sqs_record("text", "id-1"))

    assert message == Message("id-1", "text", "handle-id-1", receives=1, first_received=1_763_734_527.010)


def test_a_record_without_attributes_is_taken_for_a_first_delivery() -> None:
    message = Message.from_record({"messageId": "id-1", "body": "text"})

    assert message == Message("id-1", "text")


@pytest.mark.parametrize(
    ("first_received", "delay"),
    [
        (None, 60),
        (NOW, 60),
        (NOW + 5, 60),
        (NOW - 19, 60),
        (NOW - 22, 66),
        (NOW - 200, 600),
        (NOW - 10_000, 30_000),
        (NOW - 86_400, 39_600),
    ],
)
def test_a_message_is_postponed_for_three_times_as_long_as_it_was_tried(
    first_received: float | None, delay: int
) -> None:
    sent: list[dict[str, Any]] = []

    def answer(**arguments: object) -> dict[str, Any]:
        sent.append(arguments)
        return {}

    SourceQueue(FakeClient(answer), "url", now=lambda: NOW).postpone(  # type: ignore[arg-type]
        [Message("id-1", "", "handle", receives=2, first_received=first_received)]
    )

    assert sent == [
        {"QueueUrl": "url", "Entries": [{"Id": "0", "ReceiptHandle": "handle", "VisibilityTimeout": delay}]}
    ]


@pytest.mark.parametrize(
    ("seconds", "hours"),
    [pytest.param(22, 8, id="a table that takes nothing"), pytest.param(0, 4, id="a function that fails at once")],
)
def test_five_receives_outlast_hours(seconds: float, hours: float) -> None:
    clock, delays = [NOW], [0]

    def answer(**arguments: list[dict[str, int]]) -> dict[str, Any]:
        delays.append(arguments["Entries"][0]["VisibilityTimeout"])
        return {}

    queue = SourceQueue(FakeClient(answer), "url", now=lambda: clock[0])  # type: ignore[arg-type]
    for receives in range(1, 6):
        clock[0] += delays[-1] + seconds
        queue.postpone([Message("id-1", "", receives=receives, first_received=NOW)])

    assert clock[0] + delays[-1] - NOW > hours * 3600


class FakeClient:
    """An SQS client whose every call is answered by one function."""

    def __init__(self, answer: Callable[..., dict[str, Any]]) -> None:
        self.change_message_visibility_batch = answer
        self.delete_message_batch = answer


def test_a_message_that_cannot_be_postponed_or_deleted_is_left_to_the_queue(caplog: pytest.LogCaptureFixture) -> None:
    failing = FakeClient(lambda **_: {"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]})
    queue = SourceQueue(failing, "url")  # type: ignore[arg-type]

    queue.postpone([Message("id-1", "")])
    queue.delete([Message("id-1", "")])

    assert [record.message for record in caplog.records] == ["message not postponed", "message not deleted"]


def test_a_queue_out_of_reach_does_not_undo_what_was_stored(caplog: pytest.LogCaptureFixture) -> None:
    def fail(**_arguments: object) -> dict[str, Any]:
        raise ReadTimeoutError(endpoint_url="https://sqs.eu-west-2.amazonaws.com")

    SourceQueue(FakeClient(fail), "url").postpone([Message("id-1", "")])  # type: ignore[arg-type]

    assert [record.message for record in caplog.records] == ["messages not postponed"]


def test_nothing_is_asked_of_the_queue_for_no_messages() -> None:
    def fail(**_arguments: object) -> dict[str, Any]:
        pytest.fail("a request was made")

    queue = SourceQueue(FakeClient(fail), "url")  # type: ignore[arg-type]

    queue.postpone([])
    queue.delete([])


def test_messages_that_a_queue_gave_up_keep_their_text(sqs: "SQSClient", url: str) -> None:
    dead = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"})
    send(sqs, url, "{}")
    queue = SourceQueue(sqs, url)

    receives = [message.receives for _ in range(3) for message in queue.receive()]

    assert receives == [1, 2]
    assert [message.body for message in SourceQueue(sqs, dead).receive()] == ["{}"]
