"""Makes events of exchanges and ratings and hands them to the delivery: the one way into the queue."""

import asyncio
from collections.abc import Sequence

from edge_worker.delivery import Delivery, Log
from edge_worker.event import Event, Exchange, Feedback, exchange_event, feedback_event, message_body
from edge_worker.failure import describe
from edge_worker.identifier import noise_share
from edge_worker.origin import Isolate, Origin
from edge_worker.queue import MAX_ENTRIES, MAX_MESSAGE_BYTES
from edge_worker.web import Runtime

# How long events wait for others of the same isolate, to share a request with them. It also lets the response go first:
# the runtime begins background work before it hands the response over, and is one thread.
LINGER_SECONDS = 0.1
# How late the sending may be before the runtime is taken to have ended it.
OVERDUE_MS = 1000

_Numbered = Sequence[tuple[Exchange | Feedback, Origin]]


class Recorder:
    """Records what happened. `sample_rate` is the share of exchanges that are recorded, above 0 up to 1."""

    def __init__(
        self,
        isolate: Isolate,
        delivery: Delivery,
        sample_rate: float,
        log: Log,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._isolate = isolate
        self._log = log
        self._delivery = delivery
        self._sample_rate = sample_rate
        self._linger_seconds = linger_seconds
        self._waiting: list[_Numbered] = []
        self._due_ms = 0.0

    def record(self, happenings: Sequence[Exchange | Feedback], runtime: Runtime) -> None:
        """Numbers the happenings now, so that one that is lost from here on is missed, and does the rest later.

        The first of up to ten requests sends for all of them. Where the runtime has ended it before it could, one that
        comes later does.

        Whether an exchange is in the sample follows from its id alone, so its ratings share its fate.
        """
        numbered = [
            (happening, self._isolate.next_origin())
            for happening in happenings
            if noise_share(happening.id) < self._sample_rate
        ]
        if not numbered:
            return
        is_first = len(self._waiting) % MAX_ENTRIES == 0
        self._waiting.append(numbered)
        now = runtime.now_ms()
        if is_first or now > self._due_ms + OVERDUE_MS:
            self._due_ms = now + self._linger_seconds * 1000
            runtime.defer(self._send_waiting())

    async def _send_waiting(self) -> None:
        """Sends what waits, whichever request it is of: as much as one request to the queue holds."""
        await asyncio.sleep(self._linger_seconds)
        together, self._waiting = self._waiting[:MAX_ENTRIES], self._waiting[MAX_ENTRIES:]
        messages = [message for numbered in together for message in in_messages(self._events(numbered))]
        if messages:
            await self._delivery.send(messages)

    def _events(self, numbered: _Numbered) -> list[Event]:
        events: list[Event] = []
        for happening, origin in numbered:
            try:
                events.append(self._event(happening, origin))
            except Exception as error:  # noqa: BLE001  # nobody waits for this work: an exception would vanish
                self._isolate.count_lost(origin)
                self._log(describe("event not made", error) | {"id": happening.id})
        return events

    def _event(self, happening: Exchange | Feedback, origin: Origin) -> Event:
        if isinstance(happening, Feedback):
            return feedback_event(happening, origin)
        happening.sample_rate = self._sample_rate
        return exchange_event(happening, origin)


def in_messages(events: Sequence[Event]) -> list[list[Event]]:
    """The events in as few messages as fit the size that is billed as one request, in their order."""
    messages: list[list[Event]] = []
    for event in events:
        if not messages or len(message_body([*messages[-1], event])) > MAX_MESSAGE_BYTES:
            messages.append([])
        messages[-1].append(event)
    return messages
