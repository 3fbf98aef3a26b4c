"""A batch of messages becomes items in the table. The same for both ways in which messages arrive.

A batch of a FIFO queue may hold several messages of one group, and AWS advises to stop a group at its first failure, to
keep its order. Order is worth nothing here, since merging does not depend on it; stopping would use up one of the later
messages' receives each time. So exactly those messages fail that were not stored.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, Self

from botocore.exceptions import ClientError

from processor.item import Enrichment, Item, Key, item_of
from processor.message import Event, InvalidMessageError, events_in
from processor.queue import Message
from processor.table import Clock, TableBusyError

logger = logging.getLogger(__name__)


class Table(Protocol):
    """Where items go."""

    refusals: int

    def merge(self, item: Item, time_left: Clock) -> None:
        """Stores the item, or raises TableBusyError when no time is left."""


@dataclass
class Outcome:
    """What became of the messages of one batch, or of several."""

    received: int = 0
    stored: int = 0
    """Items written, each the events of one exchange."""
    invalid: list[Message] = field(default_factory=list)
    """Messages that can never be stored."""
    refused: int = 0
    """How many of them were seen for the first time."""
    postponed: list[Message] = field(default_factory=list)
    """Messages that the table had no capacity for, or that met an unexpected error."""
    throttled: int = 0
    """Writes that the table refused for the moment."""
    oldest: float | None = None
    """Seconds from the earliest stored event to its storage."""
    fault: str | None = None
    """What else went wrong, if nothing at all could be stored: then it lies not in one of the messages."""

    @property
    def failed(self) -> list[Message]:
        """The messages that stay in the queue."""
        return self.invalid + self.postponed

    def __iadd__(self, other: "Outcome") -> Self:
        self.received += other.received
        self.stored += other.stored
        self.invalid += other.invalid
        self.refused += other.refused
        self.postponed += other.postponed
        self.throttled += other.throttled
        self.oldest = max(filter(None, (self.oldest, other.oldest)), default=None)
        self.fault = self.fault or other.fault
        return self


@dataclass
class _Write:
    """One item to be written, and who waits for it."""

    item: Item
    messages: list[Message]
    since: float
    """When the earliest of its events happened, in seconds since 1970 UTC."""

    def join(self, other: "_Write") -> "_Write":
        return _Write(self.item.merge(other.item), self.messages + other.messages, min(self.since, other.since))


@dataclass(frozen=True)
class BatchStore:
    """Stores batches: what it needs besides the messages."""

    table: Table
    enrich: Enrichment
    now: Callable[[], float]
    """Seconds since 1970 UTC."""

    def store(self, messages: Iterable[Message], time_left: Clock) -> Outcome:
        """Stores the events of the messages, one write for each exchange.

        Args:
            messages: What was received.
            time_left: Seconds until the batch must be handed back.
        """
        outcome = Outcome()
        refusals_before = self.table.refusals
        postponed: dict[str, Message] = {}
        for write in self._writes(messages, outcome):
            if not self._write(write, time_left, outcome):
                postponed |= {message.id: message for message in write.messages}
        outcome.postponed += postponed.values()
        outcome.throttled = self.table.refusals - refusals_before
        if outcome.stored:
            outcome.fault = None
        return outcome

    def _writes(self, messages: Iterable[Message], outcome: Outcome) -> Iterable[_Write]:
        """What there is to write: all events of one exchange at once."""
        writes: dict[Key, _Write] = {}
        for message in messages:
            outcome.received += 1
            for write in self._read(message, outcome):
                key = write.item.key
                writes[key] = writes[key].join(write) if key in writes else write
        return writes.values()

    def _read(self, message: Message, outcome: Outcome) -> list[_Write]:
        """What this message alone has to write; nothing if it fails, which must not take the others with it."""
        try:
            events = events_in(message.body)
            return [_Write(item_of(event, self.enrich), [message], _happened_at(event)) for event in events]
        except InvalidMessageError as error:
            _refuse(message, error, outcome)
        except Exception as error:
            outcome.fault = _name(error)
            outcome.postponed.append(message)
            logger.exception("message not read", extra={"message_id": message.id, "fault": outcome.fault})
        return []

    def _write(self, write: _Write, time_left: Clock, outcome: Outcome) -> bool:
        """Whether the item is stored. One that is not must not take the others with it."""
        try:
            self.table.merge(write.item, time_left)
        except TableBusyError:
            return False
        except Exception as error:
            outcome.fault = _name(error)
            message_ids = [message.id for message in write.messages]
            logger.exception("item not stored", extra={"message_ids": message_ids, "fault": outcome.fault})
            return False
        outcome.stored += 1
        outcome.oldest = max(outcome.oldest or 0.0, self.now() - write.since)
        return True


def _refuse(message: Message, error: InvalidMessageError, outcome: Outcome) -> None:
    outcome.invalid.append(message)
    # It comes back until the queue's receive limit; once is enough to say why.
    if message.receives == 1:
        outcome.refused += 1
        logger.error("message refused", extra={"message_id": message.id, "reason": str(error)})


def _name(error: Exception) -> str:
    """What it was, without its text: that may quote what it was given."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
    return f"{type(error).__name__}: {code}" if code else type(error).__name__


def _happened_at(event: Event) -> float:
    """Seconds since 1970 UTC."""
    return float(event["asked_at"] if event["type"] == "exchange" else event["sent_at"]) / 1000
