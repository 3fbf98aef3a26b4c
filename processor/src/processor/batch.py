"""A batch of messages becomes items in the table. The same for both ways in which messages arrive.

A batch of a FIFO queue may hold several messages of one group, and AWS advises to stop a group at its first failure, to
keep its order. Order is worth nothing here, since merging does not depend on it; stopping would use up one of the later
messages' receives each time. So exactly those messages fail that were not stored.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from processor.item import Enrichment, Item, Key, item_of, merged
from processor.message import Event, InvalidMessageError, events_in
from processor.table import Clock, TableBusyError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One message of the queue."""

    id: str
    body: object


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
    invalid: set[str] = field(default_factory=set)
    """Ids of messages that can never be stored."""
    postponed: set[str] = field(default_factory=set)
    """Ids of messages that the table had no capacity for, or that met an unexpected error."""
    throttled: int = 0
    """Writes that the table refused for the moment."""
    ages: list[float] = field(default_factory=list)
    """Seconds from each stored event to its storage."""

    @property
    def failed(self) -> set[str]:
        """Ids of the messages that stay in the queue."""
        return self.invalid | self.postponed


def store(
    messages: Iterable[Message], table: Table, enrich: Enrichment, time_left: Clock, now: Callable[[], float]
) -> Outcome:
    """Stores the events of the messages, one write for each exchange.

    Args:
        messages: What was received.
        table: Where it goes.
        enrich: Attributes from a user agent.
        time_left: Seconds until the batch must be handed back.
        now: Seconds since 1970 UTC.

    Raises:
        Exception: Nothing could be stored, for a reason that lies not in the messages and not in the table's load.
    """
    outcome = Outcome()
    refusals_before = table.refusals
    needed_by: dict[Key, set[str]] = {}
    times: dict[Key, list[float]] = {}
    items: list[Item] = []
    for message in messages:
        outcome.received += 1
        try:
            events = events_in(message.body)
        except InvalidMessageError as error:
            logger.error("message refused", extra={"message_id": message.id, "reason": str(error)})  # noqa: TRY400
            outcome.invalid.add(message.id)
            continue
        for event in events:
            item = item_of(event, enrich)
            items.append(item)
            needed_by.setdefault(item.key, set()).add(message.id)
            times.setdefault(item.key, []).append(_happened_at(event))
    unexpected: Exception | None = None
    for key, item in merged(items).items():
        try:
            table.merge(item, time_left)
        except TableBusyError:
            outcome.postponed |= needed_by[key]
        except Exception as error:
            # One item must not take the others with it. Raised below, where there are no others.
            logger.exception("item not stored", extra={"message_ids": sorted(needed_by[key])})
            outcome.postponed |= needed_by[key]
            unexpected = error
        else:
            outcome.stored += 1
            outcome.ages += [max(0.0, now() - time) for time in times[key]]
    outcome.throttled = table.refusals - refusals_before
    if unexpected and not outcome.stored:
        raise unexpected
    return outcome


def _happened_at(event: Event) -> float:
    """Seconds since 1970 UTC."""
    return float(event["asked_at"] if event["type"] == "exchange" else event["sent_at"]) / 1000
