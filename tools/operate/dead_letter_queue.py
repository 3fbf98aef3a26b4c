"""The dead-letter queue (DLQ): which messages it holds, and how they are put back, sent on or changed."""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operate.nesting import parse_json

Event = dict[str, Any]

_HIDDEN_SECONDS = 600
"""How long a received message stays hidden from others, unless it is put back earlier."""


@dataclass(frozen=True)
class DeadLetter:
    """A message of the dead-letter queue."""

    id: str
    body: str
    group: str
    attributes: dict[str, Any]
    receipt_handle: str
    sent_at: datetime
    """UTC. SQS keeps the time at which the message was first sent."""

    @property
    def document(self) -> dict[str, Any] | None:
        """The body as JSON, or None where it is not of the form that events come in."""
        try:
            document = parse_json(self.body)
        except ValueError:
            return None
        events = document.get("events") if isinstance(document, dict) else None
        return document if isinstance(events, list) and all(isinstance(event, dict) for event in events) else None

    @property
    def events(self) -> list[Event]:
        """Its events, which may be invalid in any way; none where the body cannot be read."""
        return list(self.document["events"]) if self.document else []


class DeadLetterQueue:
    """The queue of messages that the processor could not store."""

    def __init__(self, client: Any, url: str, *, wait_seconds: int = 1) -> None:
        """Work on a queue.

        Args:
            client: of SQS.
            url: the queue's.
            wait_seconds: how long to wait for a message before the queue counts as empty; with 0, SQS asks only some
                of its servers.
        """
        self._client = client
        self._url = url
        self._wait_seconds = wait_seconds

    def receive_all(self) -> Iterator[DeadLetter]:
        """Yield each message once, hidden from others meanwhile.

        Of one message group only the first ten come, unless they are deleted as they come: SQS keeps the group's order.
        """
        seen: set[str] = set()
        while True:
            messages = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=self._wait_seconds,
                MessageSystemAttributeNames=["MessageGroupId", "SentTimestamp"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not messages or any(message["MessageId"] in seen for message in messages):
                return
            for message in messages:
                seen.add(message["MessageId"])
                yield _letter(message)

    def read_all(self) -> list[DeadLetter]:
        """Return all messages, and leave them in the queue."""
        letters = list(self.receive_all())
        self.put_back(letters)
        return letters

    def put_back(self, letters: Iterable[DeadLetter]) -> None:
        """Make received messages visible again."""
        for letter in letters:
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=letter.receipt_handle, VisibilityTimeout=0
            )

    def move(self, letter: DeadLetter, queue_url: str) -> None:
        """Send a received message to another queue, in its message group, and delete it here.

        If this ends half-way, the message is in both queues, which is harmless: storing an event twice changes nothing.
        """
        self._send(queue_url, letter, letter.body)
        self._delete(letter)

    def erase(
        self, is_unwanted: Callable[[Event], bool], is_unwanted_text: Callable[[str], bool] = lambda _text: False
    ) -> int:
        """Remove these events, leave all others in the queue, and return how many were removed.

        A message that holds other events too is replaced by one with those alone. If this ends half-way, the message
        is there twice, which is harmless. Of messages that cannot be read, those of an unwanted text go whole.
        """
        erased = 0
        kept = []
        for letter in self.receive_all():
            if letter.document is None and is_unwanted_text(letter.body):
                self._delete(letter)
                continue
            others = [event for event in letter.events if not is_unwanted(event)]
            unwanted = len(letter.events) - len(others)
            if not unwanted:
                kept.append(letter)
                continue
            if others:
                document = {**(letter.document or {}), "events": others}
                self._send(self._url, letter, json.dumps(document, ensure_ascii=False))
            self._delete(letter)
            erased += unwanted
        self.put_back(kept)
        return erased

    def _send(self, queue_url: str, letter: DeadLetter, body: str) -> None:
        self._client.send_message(
            QueueUrl=queue_url,
            MessageBody=body,
            MessageAttributes=letter.attributes,
            MessageGroupId=letter.group,
            # SQS drops a message whose deduplication id it saw in the last five minutes.
            MessageDeduplicationId=str(uuid.uuid4()),
        )

    def _delete(self, letter: DeadLetter) -> None:
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt_handle)


def _letter(message: dict[str, Any]) -> DeadLetter:
    """Return a message as `ReceiveMessage` gives it."""
    return DeadLetter(
        id=message["MessageId"],
        body=message["Body"],
        group=message["Attributes"]["MessageGroupId"],
        attributes=dict(message.get("MessageAttributes", {})),
        receipt_handle=message["ReceiptHandle"],
        sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
    )
