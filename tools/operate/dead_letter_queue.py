"""The dead-letter queue, as far as erasing goes: which events lie in it, and how some of a message are taken out."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]

_HIDDEN_SECONDS = 600
"""How long a message that was looked at stays hidden, unless it is put back earlier."""


@dataclass(frozen=True)
class DeadLetter:
    """A message of the dead-letter queue."""

    id: str
    body: str
    group: str
    receipt_handle: str

    @property
    def document(self) -> dict[str, Any] | None:
        """The message, or None where it is not of the form that events come in."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        events = document.get("events") if isinstance(document, dict) else None
        return document if isinstance(events, list) and all(isinstance(event, dict) for event in events) else None

    @property
    def events(self) -> list[Event]:
        """Its events, which may be invalid in any way, or none where it is not readable."""
        return list(self.document["events"]) if self.document else []


class DeadLetterQueue:
    """The queue of messages that could not be stored."""

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

    def look(self) -> list[DeadLetter]:
        """Return all messages, and leave them where they are."""
        letters = list(self._take())
        self._put_back(letters)
        return letters

    def erase(self, is_unwanted: Callable[[Event], bool]) -> int:
        """Take these events out, leave all others in the queue, and return how many were taken out.

        A message that holds other events too is replaced by one with those alone. If this ends half-way, the message
        is there twice, which does no harm.
        """
        erased = 0
        kept = []
        for letter in self._take():
            others = [event for event in letter.events if not is_unwanted(event)]
            unwanted = len(letter.events) - len(others)
            if not unwanted:
                kept.append(letter)
                continue
            if others:
                self._send(letter, others)
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt_handle)
            erased += unwanted
        self._put_back(kept)
        return erased

    def _send(self, letter: DeadLetter, events: list[Event]) -> None:
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=json.dumps({**(letter.document or {}), "events": events}, ensure_ascii=False),
            MessageGroupId=letter.group,
            # With the old one, SQS would swallow a message that came less than five minutes ago.
            MessageDeduplicationId=str(uuid.uuid4()),
        )

    def _take(self) -> Iterator[DeadLetter]:
        """Yield each message once, hidden from others meanwhile."""
        seen: set[str] = set()
        while True:
            messages = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=self._wait_seconds,
                MessageSystemAttributeNames=["MessageGroupId"],
            ).get("Messages", [])
            if not messages or any(message["MessageId"] in seen for message in messages):
                return
            for message in messages:
                seen.add(message["MessageId"])
                yield DeadLetter(
                    message["MessageId"],
                    message["Body"],
                    message["Attributes"]["MessageGroupId"],
                    message["ReceiptHandle"],
                )

    def _put_back(self, letters: list[DeadLetter]) -> None:
        for letter in letters:
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=letter.receipt_handle, VisibilityTimeout=0
            )
