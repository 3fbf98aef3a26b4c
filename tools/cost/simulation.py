"""How the paced parts behave: queue, pollers or drains, function, table. Discrete events; nothing is random in it.

Time moves from one invocation to the next, not from second to second, so that a day of a million exchanges takes
seconds. What is left out: the order within a message group (every exchange has a group of its own), cold starts of
functions, and messages that are delivered twice.
"""

import heapq
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cost.processing import LIMITS
from cost.simulated_day import NO_TROUBLE, Run, Settings, Trouble

BURST_SECONDS = 300
"""For how long DynamoDB keeps unused capacity, at best: docs.aws.amazon.com, "burst-adaptive-capacity"."""
BUCKETS = 288


class _Table:
    """A bucket of write units that fills steadily; those who ask first are served first."""

    def __init__(self, rate: float, trouble: Trouble) -> None:
        self._rate = rate
        self._most = rate * BURST_SECONDS
        self._level = self._most
        self._at = 0.0
        self._trouble = trouble

    def take(self, time: float, count: int, deadline: float) -> tuple[int, int, float]:
        """Return how many writes are done by the deadline, how many had to wait, and when the last is done."""
        self._level = min(self._most, self._level + (time - self._at) * self._rate)
        self._at = time
        begin = time
        if self._trouble.outage_begin <= time < self._trouble.outage_end:
            begin = self._trouble.outage_end
            if begin >= deadline:
                return 0, count, deadline if count else time
        at_once = min(count, max(0, int(self._level)))
        waits = count if begin > time else count - at_once
        by_deadline = int(self._level + (deadline - begin) * self._rate)
        done = min(count, max(0, by_deadline))
        if not count:
            return 0, 0, time
        ready = begin + max(0.0, (done - self._level) / self._rate) if done == count else deadline
        self._level -= done
        return done, waits, ready


class _Message(NamedTuple):
    """A message that was received."""

    arrived: float
    number: int
    first_received: float
    receives: int


class _Queue:
    """Messages that wait, and those that are hidden after a receive."""

    def __init__(self, arrivals: Sequence[float], run: Run, receive_limit: int) -> None:
        self._arrivals = arrivals
        self._next = 0
        self._waiting: deque[_Message] = deque()
        self._hidden: list[tuple[float, _Message]] = []
        self._run = run
        self._receive_limit = receive_limit

    def soonest(self) -> float | None:
        """Return when there is a message to be received; None if there never is."""
        if self._waiting:
            return 0.0
        moments = [self._arrivals[self._next]] if self._next < len(self._arrivals) else []
        if self._hidden:
            moments.append(self._hidden[0][0])
        return min(moments, default=None)

    def receive(self, time: float, most: int) -> list[_Message]:
        """Return messages, the first that came first; those that were received too often are dead-lettered."""
        self._show(time)
        while self._next < len(self._arrivals) and self._arrivals[self._next] <= time:
            self._run.arrive(self._arrivals[self._next])
            self._waiting.append(_Message(self._arrivals[self._next], self._next, time, 0))
            self._next += 1
        batch: list[_Message] = []
        while self._waiting and len(batch) < most:
            message = self._waiting.popleft()
            first = message.first_received if message.receives else time
            batch.append(_Message(message.arrived, message.number, first, message.receives + 1))
        return batch

    def hide(self, message: _Message, until: float) -> None:
        """Keep a message from being received for a while."""
        heapq.heappush(self._hidden, (until, message))

    def _show(self, time: float) -> None:
        while self._hidden and self._hidden[0][0] <= time:
            visible, message = heapq.heappop(self._hidden)
            if message.receives >= self._receive_limit:
                self._run.depart(visible, message.arrived, dead=True)
            else:
                self._waiting.append(message)


@dataclass(frozen=True)
class _Processor:
    """Writes batches."""

    settings: Settings
    trouble: Trouble
    queue: _Queue
    table: _Table
    run: Run

    def process(self, batch: list[_Message], begin: float, invoked: float) -> tuple[float, bool]:
        """Return when the batch is done, and whether the table took all of it in time.

        Args:
            batch: the messages.
            begin: when the first is written at the earliest.
            invoked: when the invocation began, whose time is limited.
        """
        settings, run = self.settings, self.run
        every = self.trouble.invalid_every
        good = [message for message in batch if not (every and message.number % every == 0)]
        deadline = invoked + settings.timeout_seconds - LIMITS.deadline_margin_seconds
        written, waited, ready = self.table.take(begin, len(good), deadline)
        finished = max(begin + len(batch) * settings.message_seconds, ready)
        run.throttled += waited
        for message in good[:written]:
            run.depart(finished, message.arrived)
        for message in good[written:]:
            run.postponed += 1
            tried = finished - message.first_received
            self.queue.hide(message, finished + LIMITS.visibility_timeout(tried))
        if len(good) < len(batch):
            for message in batch:
                if message.number % every == 0:
                    self.queue.hide(message, begin + settings.visibility_seconds)
        return finished, written == len(good)


def simulate(arrivals: Sequence[float], settings: Settings, trouble: Trouble = NO_TROUBLE) -> Run:
    """Return how a day goes.

    Args:
        arrivals: when exchanges come, in seconds from the beginning, sorted.
        settings: of the pipeline.
        trouble: what goes wrong.
    """
    run = Run(bucket_seconds=max(1.0, (arrivals[-1] if arrivals else 0.0) / BUCKETS))
    queue = _Queue(arrivals, run, settings.receive_limit)
    processor = _Processor(settings, trouble, queue, _Table(settings.write_units, trouble), run)
    if settings.drain_seconds is None:
        _poll(queue, processor, settings)
    else:
        _drain(queue, processor, settings, settings.drain_seconds)
    return run


def _poll(queue: _Queue, processor: _Processor, settings: Settings) -> None:
    """Let Lambda invoke the function whenever there are messages, as many times at once as it may."""
    free_at = [0.0] * settings.concurrency
    while (soonest := queue.soonest()) is not None:
        begin = max(heapq.heappop(free_at), soonest)
        batch = queue.receive(begin, settings.batch_size)
        finished = begin
        if batch:
            finished, _ = processor.process(batch, begin + settings.invocation_seconds, begin)
            processor.run.invocations += 1
        heapq.heappush(free_at, finished)


def _drain(queue: _Queue, processor: _Processor, settings: Settings, interval: float) -> None:
    """Let a schedule invoke the function, which receives until there is nothing left or its time is used up."""
    tick = 0.0
    while (soonest := queue.soonest()) is not None:
        tick = max(tick + interval, math.ceil(soonest / interval) * interval)
        now = tick + settings.invocation_seconds
        processor.run.invocations += 1
        while tick + settings.timeout_seconds - LIMITS.deadline_margin_seconds - now > LIMITS.min_seconds_to_receive:
            batch = queue.receive(now, settings.batch_size)
            if not batch:
                break
            now, all_written = processor.process(batch, now, tick)
            if not all_written:
                break
