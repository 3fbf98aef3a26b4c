"""SQS messages from either mode, and the queue that they are received from, deleted from and hidden in."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from processor.limits import ProcessingLimits

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = logging.getLogger(__name__)

MAX_BATCH_SIZE = 10
"""The most that SQS hands out or takes back at once."""

_WAIT_SECONDS = 1
"""Seconds. Any wait makes SQS ask all its servers, so that an empty answer means an empty queue."""


@dataclass(frozen=True)
class Message:
    """A message as it was received once."""

    id: str
    body: object
    receipt_handle: str = ""
    receives: int = 1
    """How often it has been received, this time included."""
    first_received: float | None = None
    """Unix epoch seconds."""

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> "Message":
        """Convert one of the `Records` that an event source mapping passes to the function."""
        return _message(record["messageId"], record["body"], record.get("receiptHandle"), record.get("attributes"))


def _message(message_id: str, body: object, handle: str | None, attributes: Mapping[Any, str] | None) -> Message:
    attributes = attributes or {}
    first = attributes.get("ApproximateFirstReceiveTimestamp")
    return Message(
        id=message_id,
        body=body,
        receipt_handle=handle or "",
        receives=int(attributes.get("ApproximateReceiveCount", "1")),
        first_received=int(first) / 1000 if first else None,
    )


class SourceQueue:
    """The queue that messages come from."""

    def __init__(self, client: "SQSClient", url: str, now: Callable[[], float] = time.time) -> None:
        self._client = client
        self._url = url
        self._now = now

    def receive(self) -> list[Message]:
        """Return up to ten messages; none if the queue is empty or all its message groups are in flight."""
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=MAX_BATCH_SIZE,
            WaitTimeSeconds=_WAIT_SECONDS,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp"],
        )
        return [
            _message(found["MessageId"], found["Body"], found["ReceiptHandle"], found.get("Attributes"))
            for found in answer.get("Messages", [])
        ]

    def delete(self, messages: Collection[Message]) -> None:
        """Delete up to ten messages. One that cannot be deleted is delivered again, which changes nothing."""
        if not messages:
            return
        entries = _numbered({"ReceiptHandle": message.receipt_handle} for message in messages)
        answer = self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
        for failure in answer.get("Failed", []):
            logger.warning("message not deleted", extra={"code": failure.get("Code")})

    def postpone(self, messages: Collection[Message]) -> None:
        """Hide up to ten messages for three times as long as they have been tried already, for a minute at least.

        A message is not at fault if the table has no capacity or the function is broken, but each receive brings it
        nearer to the dead-letter queue. With this back-off, five receives outlast many hours of outage, not just five
        times the queue's visibility timeout. If this request fails, that timeout holds.
        """
        if not messages:
            return
        entries = _numbered(
            {"ReceiptHandle": message.receipt_handle, "VisibilityTimeout": self._visibility_timeout(message)}
            for message in messages
        )
        try:
            answer = self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            logger.warning("messages not postponed", extra={"error": type(error).__name__})
            return
        for failure in answer.get("Failed", []):
            logger.warning("message not postponed", extra={"code": failure.get("Code")})

    def _visibility_timeout(self, message: Message) -> int:
        tried_for = max(0.0, self._now() - message.first_received) if message.first_received else 0.0
        limits = ProcessingLimits.of_contract()
        delay = max(int(limits.visibility_backoff_factor * tried_for), limits.min_visibility_timeout_seconds)
        return min(delay, limits.max_visibility_timeout_seconds)


def _numbered(entries: Iterable[dict[str, Any]]) -> list[Any]:
    return [{"Id": str(number), **entry} for number, entry in enumerate(entries)]
