"""The dead-letter queue: what is in it and why, and how it is sent back.

Messages are sent back one by one, not by SQS's own StartMessageMoveTask: that can neither leave out what would only be
refused again nor say what became of each message.
"""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from processor.item import item_from_event
from processor.message import InvalidMessageError, parse_events
from processor.writer import TableKeys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

HIDDEN_SECONDS = 120
"""How long a message that was looked at stays hidden, unless it is put back earlier."""

ACCEPTABLE = "acceptable now"


@dataclass(frozen=True)
class DeadLetter:
    """A message of the dead-letter queue."""

    id: str
    body: str
    group: str
    attributes: dict[str, Any]
    receipt_handle: str
    since: datetime
    """When it came into the queue it is in, UTC."""

    @property
    def reason(self) -> str:
        """Why this version of the processor refuses it, or that it would not."""
        try:
            parse_events(self.body)
        except InvalidMessageError as error:
            return str(error)
        return ACCEPTABLE


class DeadLetterQueue:
    """The queue of messages that could not be stored."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def take(self) -> Iterator[DeadLetter]:
        """Each message once, hidden from others meanwhile.

        Of one message group only the first ten come, unless they are deleted as they come: SQS keeps its order.
        """
        seen: set[str] = set()
        while True:
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["MessageGroupId", "SentTimestamp"],
                MessageAttributeNames=["All"],
            )
            found_again = seen & {found["MessageId"] for found in answer.get("Messages", [])}
            if not answer.get("Messages") or found_again:
                return
            for found in answer["Messages"]:
                seen.add(found["MessageId"])
                yield DeadLetter(
                    id=found["MessageId"],
                    body=found["Body"],
                    group=found["Attributes"]["MessageGroupId"],
                    attributes=dict(found.get("MessageAttributes", {})),
                    receipt_handle=found["ReceiptHandle"],
                    since=datetime.fromtimestamp(int(found["Attributes"]["SentTimestamp"]) / 1000, UTC),
                )

    def put_back(self, letter: DeadLetter) -> None:
        """Shows it to others again."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=letter.receipt_handle, VisibilityTimeout=0
        )

    def send(self, letter: DeadLetter, queue_url: str) -> None:
        """Sends it to another queue, in its group, and deletes it here.

        With the old deduplication id, SQS would swallow a message that was first sent less than five minutes ago, and
        the deletion would lose it. If this ends half-way, the message is in both queues, which does no harm.
        """
        self._client.send_message(
            QueueUrl=queue_url,
            MessageBody=letter.body,
            MessageAttributes=letter.attributes,
            MessageGroupId=letter.group,
            MessageDeduplicationId=str(uuid.uuid4()),
        )
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt_handle)


def listing(queue: DeadLetterQueue, *, bodies: bool) -> Iterator[str]:
    """A line for each message: since when, id, reason; and below it, if asked for, its text, escaped."""
    letters = []
    try:
        for letter in queue.take():
            letters.append(letter)
            yield _line(letter, letter.reason)
            if bodies:
                # A terminal obeys control characters, and this is a stranger's text.
                yield f"    {json.dumps(letter.body)}"
    finally:
        for letter in letters:
            queue.put_back(letter)
    yield f"{len(letters)} dead letters"


def redrive(
    dead_letters: DeadLetterQueue, queue_url: str, stored: "StoredEvents", *, everything: bool, wait: float
) -> Iterator[str]:
    """Sends back what would be accepted now, or everything; a line for each message says what became of it.

    Args:
        dead_letters: Where from.
        queue_url: Where to.
        stored: Looks for the events in the table.
        everything: Also what would be refused again.
        wait: For how many seconds to wait for the messages sent back to be stored.
    """
    sent: list[DeadLetter] = []
    kept: list[DeadLetter] = []
    for letter in dead_letters.take():
        if everything or letter.reason == ACCEPTABLE:
            dead_letters.send(letter, queue_url)
            sent.append(letter)
        else:
            kept.append(letter)
            yield _line(letter, f"kept: {letter.reason}")
    for letter in kept:
        dead_letters.put_back(letter)
    waiting = sent
    deadline = time.monotonic() + wait
    while waiting:
        for letter in [letter for letter in waiting if letter in stored]:
            yield _line(letter, "sent back and stored")
            waiting = [other for other in waiting if other is not letter]
        if time.monotonic() > deadline:
            break
        time.sleep(min(1.0, wait))
    for letter in waiting:
        outlook = "not stored yet" if letter.reason == ACCEPTABLE else f"will be refused again: {letter.reason}"
        yield _line(letter, f"sent back, {outlook}")
    yield f"{len(sent)} sent back, {len(sent) - len(waiting)} of them stored, {len(kept)} kept"


class StoredEvents:
    """Whether a message's events are in the table."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name
        self._keys = TableKeys.of_contract()

    def __contains__(self, letter: DeadLetter) -> bool:
        """Whether all of them are, by their origins."""
        try:
            events = parse_events(letter.body)
        except InvalidMessageError:
            return False
        serialize = TypeSerializer().serialize
        for item in (item_from_event(event, lambda _user_agent: {}) for event in events):
            found = self._client.get_item(
                TableName=self._table_name,
                Key={
                    self._keys.partition_key: serialize(item.key.partition),
                    self._keys.sort_key: serialize(item.key.id),
                },
                ProjectionExpression="origins",
                ConsistentRead=True,
            )
            origins = found.get("Item", {}).get("origins")
            if origins is None or not item.origins <= TypeDeserializer().deserialize(origins):
                return False
        return True


def _line(letter: DeadLetter, status: str) -> str:
    return f"{letter.since:%Y-%m-%d %H:%M:%SZ}  {letter.id}  {status}"
