"""Stores a batch of messages, in stream and in drain mode alike.

A batch of a FIFO queue may hold several messages of one group, and AWS advises to stop a group at its first failure, to
keep its order. Order is worth nothing here, since merging does not depend on it; stopping would use up one of the later
messages' receives each time. So exactly those messages fail that were not stored.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, Self

from botocore.exceptions import ClientError

from processor.item import Day, Enrichment, Item, Key, item_from_event
from processor.limits import ProcessingLimits
from processor.message import Event, InvalidMessageError, parse_events
from processor.queue import Message
from processor.writer import Clock, TableBusyError

logger = logging.getLogger(__name__)

# Kept for the marks of days: much history would otherwise leave no time for them, and come again as a whole.
_MARKING_SECONDS = 2.0


class Table(Protocol):
    """Where items go."""

    @property
    def throttled(self) -> int:
        """Writes so far that were throttled or failed with a temporary error."""

    def merge(self, item: Item, time_left: Clock) -> None:
        """Store the item, or raise TableBusyError when no time is left."""

    def mark_changed(self, day: Day, now: float, time_left: Clock) -> None:
        """Note that the day has changed late, or raise TableBusyError when no time is left."""


@dataclass
class Outcome:
    """What became of the messages of one batch, or of several."""

    received: int = 0
    stored: int = 0
    """Items written, each the events of one exchange."""
    invalid: list[Message] = field(default_factory=list)
    """Messages that can never be stored."""
    first_rejected: int = 0
    """How many of them were received for the first time."""
    postponed: list[Message] = field(default_factory=list)
    """Messages that the table had no capacity for, or that met an unexpected error."""
    throttled: int = 0
    """Writes that the table refused for the moment."""
    oldest_seconds: float | None = None
    """From the earliest stored event to its storage."""
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
        self.first_rejected += other.first_rejected
        self.postponed += other.postponed
        self.throttled += other.throttled
        self.oldest_seconds = max(filter(None, (self.oldest_seconds, other.oldest_seconds)), default=None)
        self.fault = self.fault or other.fault
        return self


@dataclass
class _Write:
    """One item to be written, and who waits for it."""

    item: Item
    messages: list[Message]
    since: float
    """Time of its earliest event, in Unix epoch seconds."""

    def join(self, other: "_Write") -> "_Write":
        return _Write(self.item.merge(other.item), self.messages + other.messages, min(self.since, other.since))


@dataclass(frozen=True)
class BatchStore:
    """Stores batches: what it needs besides the messages."""

    table: Table
    enrich: Enrichment
    now: Callable[[], float]
    """Unix epoch seconds."""

    def store(self, messages: Iterable[Message], time_left: Clock) -> Outcome:
        """Store the events of the messages, with one write for each exchange.

        Args:
            messages: What was received.
            time_left: Seconds until the rest of the batch must be returned to the queue.
        """
        outcome = Outcome()
        throttled_before = self.table.throttled
        postponed: dict[str, Message] = {}
        late: dict[Day, list[Message]] = {}
        reserve = min(_MARKING_SECONDS, time_left() / 10)
        for write in self._writes(messages, outcome):
            if not self._write(write, lambda: time_left() - reserve, outcome):
                postponed |= {message.id: message for message in write.messages}
            elif self._is_late(write.item.key):
                late.setdefault(write.item.key.day, []).extend(write.messages)
        # After the items: whoever reads a mark and then the day's items finds them.
        for day, waiting in late.items():
            if not self._mark_changed(day, waiting, time_left, outcome):
                postponed |= {message.id: message for message in waiting}
        outcome.postponed += postponed.values()
        outcome.throttled = self.table.throttled - throttled_before
        if outcome.stored:
            outcome.fault = None
        return outcome

    def _writes(self, messages: Iterable[Message], outcome: Outcome) -> Iterable[_Write]:
        """Group the events of all valid messages by exchange."""
        writes: dict[Key, _Write] = {}
        for message in messages:
            outcome.received += 1
            for write in self._read(message, outcome):
                key = write.item.key
                writes[key] = writes[key].join(write) if key in writes else write
        return writes.values()

    def _read(self, message: Message, outcome: Outcome) -> list[_Write]:
        """Return the writes of one message; none if it is invalid, which must not affect the others."""
        try:
            events = parse_events(message.body)
            return [_Write(item_from_event(event, self.enrich), [message], _event_time(event)) for event in events]
        except InvalidMessageError as error:
            _reject(message, error, outcome)
        except Exception as error:
            outcome.fault = _error_name(error)
            outcome.postponed.append(message)
            logger.exception("message not read", extra={"message_id": message.id, "fault": outcome.fault})
        return []

    def _write(self, write: _Write, time_left: Clock, outcome: Outcome) -> bool:
        """Return whether the item is stored. One that is not must not affect the others."""
        if not _attempt("item not stored", write.messages, outcome, lambda: self.table.merge(write.item, time_left)):
            return False
        outcome.stored += 1
        outcome.oldest_seconds = max(outcome.oldest_seconds or 0.0, self.now() - write.since)
        return True

    def _is_late(self, key: Key) -> bool:
        """Return whether the day's scheduled rollups may be over, so that none would count the item."""
        age_seconds = self.now() - key.created_at.timestamp()
        return not key.is_decision and age_seconds > ProcessingLimits.of_contract().late_after_seconds

    def _mark_changed(self, day: Day, messages: list[Message], time_left: Clock, outcome: Outcome) -> bool:
        """Return whether the day is marked. If not, its messages come again, which changes nothing of their items."""
        return _attempt(
            "day not marked", messages, outcome, lambda: self.table.mark_changed(day, self.now(), time_left)
        )


def _attempt(problem: str, messages: list[Message], outcome: Outcome, write: Callable[[], None]) -> bool:
    """Return whether the write succeeded; log what failed, unless the table was busy."""
    try:
        write()
    except TableBusyError:
        return False
    except Exception as error:
        outcome.fault = _error_name(error)
        message_ids = [message.id for message in messages]
        logger.exception(problem, extra={"message_ids": message_ids, "fault": outcome.fault})
        return False
    return True


def _reject(message: Message, error: InvalidMessageError, outcome: Outcome) -> None:
    outcome.invalid.append(message)
    # It comes back until the queue's receive limit; once is enough to say why.
    if message.receives == 1:
        outcome.first_rejected += 1
        logger.error("message rejected", extra={"message_id": message.id, "reason": str(error)})


def _error_name(error: Exception) -> str:
    """Return the error's type and code, without its text, which may quote its input."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
    return f"{type(error).__name__}: {code}" if code else type(error).__name__


def _event_time(event: Event) -> float:
    """Return Unix epoch seconds."""
    attribute = {"exchange": "asked_at", "feedback": "sent_at", "decision": "decided_at"}[event["type"]]
    return float(event[attribute]) / 1000
