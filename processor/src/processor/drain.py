"""Drain mode: a schedule invokes the function, which receives from the queue until it is empty."""

from typing import Protocol

from processor.batch import BatchStore, Outcome
from processor.limits import ProcessingLimits
from processor.queue import Message
from processor.writer import Clock


class Queue(Protocol):
    """Where messages come from."""

    def receive(self) -> list[Message]:
        """Return some messages; none if the queue is empty."""

    def delete(self, messages: list[Message]) -> None:
        """Delete messages from the queue."""

    def postpone(self, messages: list[Message]) -> None:
        """Hide messages for a while."""


def drain(queue: Queue, batches: BatchStore, time_left: Clock) -> Outcome:
    """Receive and store until the queue is empty, time runs short, or the table takes no more.

    What could not be stored stays in the queue, which delivers it again later and moves it to the dead-letter queue
    after its receive limit.
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
