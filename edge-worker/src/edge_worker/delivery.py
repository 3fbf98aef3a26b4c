"""Brings events to the queue, off the response path, and says so when one is lost."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from edge_worker.event import Event
from edge_worker.log import Log
from edge_worker.origin import Isolate, Origin
from edge_worker.queue import MAX_ENTRIES, Failure, Queue, entry, read_reply
from edge_worker.signing import SignedRequest

ATTEMPTS = 3
# A Worker's background work is ended after 30 s: three attempts and two pauses stay below 25 s.
ATTEMPT_SECONDS = 7.0
FIRST_PAUSE_SECONDS = 1.0
# After a request that failed as a whole, events go straight to the outbox for so long.
REST_SECONDS = 5.0
# How long an isolate waits before it asks the outbox again whether something waits.
COUNT_SECONDS = 60.0

Post = Callable[[SignedRequest, float], Awaitable[tuple[int, str]]]
Sleep = Callable[[float], Awaitable[None]]
_RESTING = Failure("the queue failed a moment ago", retryable=True)


class OutboxClient(Protocol):
    """Keeps messages until the queue takes them. Each method raises OSError where it cannot be reached."""

    async def keep(self, entries: Sequence[Mapping[str, str]]) -> int | None:
        """Keep messages; return how many events wait, None where there is no room."""

    async def count(self) -> int:
        """Count the events that wait."""


class Delivery:
    """Sends messages: to the queue, else to the outbox; without one, with bounded retries.

    `post(request, seconds)` gives the reply's status and text; it raises OSError where there is none in time.
    """

    def __init__(
        self,
        queue: Queue,
        isolate: Isolate,
        post: Post,
        sleep: Sleep,
        log: Log,
        *,
        outbox: OutboxClient | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._queue = queue
        self._isolate = isolate
        self._post = post
        self._sleep = sleep
        self._log = log
        self._outbox = outbox
        self._clock = clock
        self._rests_until = 0.0
        self._waiting = 0
        self._counts_from = 0.0

    async def send(self, messages: Sequence[Sequence[Event]]) -> None:
        """Send messages, each carrying its events. Never raises: what cannot be sent is counted and logged."""
        await asyncio.gather(
            *(self._send_batch(messages[start : start + MAX_ENTRIES]) for start in range(0, len(messages), MAX_ENTRIES))
        )

    async def news_of_waiting(self) -> int | None:
        """Count the events that wait in the outbox, for the next event to tell; None where there is no news."""
        now = self._clock()
        if self._outbox is None or not self._waiting or now < self._counts_from:
            return None
        self._counts_from = now + COUNT_SECONDS
        try:
            self._waiting = await self._outbox.count()
        except OSError as error:
            self._log({"level": "error", "message": "outbox failed", "reason": str(error)})
            return None
        return self._waiting

    async def count_waiting(self) -> int | None:
        """Count the events that wait in the outbox; None where there is none. Raises OSError."""
        return None if self._outbox is None else await self._outbox.count()

    async def deliver(self, events: Sequence[Event]) -> bool:
        """Send one message at once, for somebody who waits; tell whether queue or outbox took it. Never raises."""
        for attempt in range(1, ATTEMPTS + 1):
            failure = (await self._request({"0": events})).get("0")
            if failure is None:
                return True
            if not failure.retryable or attempt == ATTEMPTS:
                if not await self._kept({"0": events}, {"0": failure}):
                    return True
                self._log({"level": "error", "message": "event not sent", "reason": failure.reason})
                return False
            await self._sleep(random.uniform(0, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)))  # noqa: S311 - not secret
        return False

    async def _send_batch(self, messages: Sequence[Sequence[Event]]) -> None:
        batch = {str(i): events for i, events in enumerate(messages)}
        try:
            await self._try(batch)
        except Exception as error:  # noqa: BLE001 - nobody waits for this work: an exception would vanish
            self._give_up(batch, dict.fromkeys(batch, Failure(type(error).__name__, retryable=False)), 1)

    async def _try(self, batch: dict[str, Sequence[Event]]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            failures = await self._attempt(batch)
            failures = await self._kept(batch, failures)
            final = {i: f for i, f in failures.items() if attempt == ATTEMPTS or not f.retryable}
            self._give_up(batch, final, attempt)
            batch = {i: events for i, events in batch.items() if i in failures.keys() - final.keys()}
            if not batch:
                return
            # "Full jitter": a random share of a doubling pause, so that isolates do not come back together.
            await self._sleep(random.uniform(0, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)))  # noqa: S311 - not secret

    async def _kept(self, batch: Mapping[str, Sequence[Event]], failures: dict[str, Failure]) -> dict[str, Failure]:
        """Give the outbox what was not delivered, or whose delivery is unknown; return the failures that remain."""
        entries = [entry(batch[i]) for i, failure in failures.items() if not failure.is_rejected]
        if self._outbox is None or not entries:
            return failures
        try:
            waiting = await self._outbox.keep(entries)
        except OSError as error:
            self._log({"level": "error", "message": "outbox failed", "reason": str(error)})
            return failures
        if waiting is None:
            return failures
        self._waiting, self._counts_from = max(waiting, 1), 0.0
        reasons = sorted({failure.reason for failure in failures.values()})
        self._log({"level": "warning", "message": "events wait in the outbox", "reason": reasons, "waiting": waiting})
        return {i: failure for i, failure in failures.items() if failure.is_rejected}

    async def _attempt(self, batch: dict[str, Sequence[Event]]) -> dict[str, Failure]:
        if self._outbox is not None and self._clock() < self._rests_until:
            return dict.fromkeys(batch, _RESTING)
        failures = await self._request(batch)
        if len(failures) == len(batch):
            self._rests_until = self._clock() + REST_SECONDS
        return failures

    async def _request(self, batch: dict[str, Sequence[Event]]) -> dict[str, Failure]:
        request = self._queue.send_request([entry(events, i) for i, events in batch.items()])
        try:
            status, text = await self._post(request, ATTEMPT_SECONDS)
        except OSError as error:
            return dict.fromkeys(batch, Failure(f"no reply: {error}", retryable=True))
        return read_reply(status, text, list(batch))

    def _give_up(self, batch: Mapping[str, Sequence[Event]], failures: Mapping[str, Failure], attempts: int) -> None:
        for entry_id, failure in failures.items():
            for event in batch[entry_id]:
                origin = event["origin"]
                self._isolate.count_lost(Origin(**origin))
                self._log(
                    {
                        "level": "error",
                        "message": "event lost",
                        "reason": failure.reason,
                        "attempts": attempts,
                        "type": event["type"],
                        "id": event["id"],
                        "site": event["site"],
                        "origin": origin,
                    }
                )
