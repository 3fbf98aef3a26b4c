"""Drain mode: empties the queue when called, instead of being called with what is in it."""

from typing import Protocol

from processor.batch import BatchStore, Outcome
from processor.limits import ProcessingLimits
from processor.queue import Message
from processor.table import Clock


class Queue(Protocol):
    """Where messages come from."""

    def receive(self) -> list[Message]:
        """Some messages; none if there are none to be had."""

    def delete(self, messages: list[Message]) -> None:
        """Takes messages off the queue."""

    def postpone(self, messages: list[Message]) -> None:
        """Hides messages for a while."""


def drain(queue: Queue, batches: BatchStore, time_left: Clock) -> Outcome:
    """Receives and stores until the queue is empty, time runs short, or the table takes no more.

    What could not be stored is left to the queue: it shows it again after a while, and after a number of receives moves
    it to the dead-letter queue.
    """
    total = Outcome()
    while time_left() > ProcessingLimits.of_contract().min_seconds_to_receive:
        messages = queue.receive()
        if not messages:
            break
        outcome = batches.store(messages, time_left)
        failed = {message.id for message in outcome.failed}
        queue.delete([message for message in messages if message.id not in failed])
        queue.postpone(outcome.postponed)
        total += outcome
        if outcome.postponed:
            break
    return total
