"""Makes events of exchanges and ratings and hands them to the delivery: the one way into the queue."""

import asyncio
from collections.abc import Sequence

from edge_worker.delivery import Delivery, Log
from edge_worker.event import Event, Exchange, Feedback, exchange_event, feedback_event, message_body
from edge_worker.failure import describe
from edge_worker.identifier import noise_share
from edge_worker.origin import Isolate, Origin
from edge_worker.queue import MAX_MESSAGE_BYTES
from edge_worker.web import Runtime

# The runtime begins background work before it hands the response over, and is one thread: this is time for it to do so.
PAUSE_SECONDS = 0.005


class Recorder:
    """Records what happened. `sample_rate` is the share of exchanges that are recorded, above 0 up to 1."""

    def __init__(self, isolate: Isolate, delivery: Delivery, sample_rate: float, log: Log) -> None:
        self._isolate = isolate
        self._log = log
        self._delivery = delivery
        self._sample_rate = sample_rate

    def record(self, happenings: Sequence[Exchange | Feedback], runtime: Runtime) -> None:
        """Numbers the happenings now, so that one that is lost from here on is missed, and does the rest later.

        Whether an exchange is in the sample follows from its id alone, so its ratings share its fate.
        """
        numbered = [
            (happening, self._isolate.next_origin())
            for happening in happenings
            if noise_share(happening.id) < self._sample_rate
        ]
        if numbered:
            runtime.defer(self._send(numbered))

    async def _send(self, numbered: Sequence[tuple[Exchange | Feedback, Origin]]) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        events: list[Event] = []
        for happening, origin in numbered:
            try:
                events.append(self._event(happening, origin))
            except Exception as error:  # noqa: BLE001  # nobody waits for this work: an exception would vanish
                self._isolate.count_lost(origin)
                self._log(describe("event not made", error) | {"id": happening.id})
        await self._delivery.send(in_messages(events))

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
