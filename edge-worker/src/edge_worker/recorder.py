"""Makes events of exchanges and ratings and hands them to the delivery: the one way into the queue."""

from collections.abc import Sequence

from edge_worker.delivery import Delivery
from edge_worker.event import Event, Exchange, Feedback, exchange_event, feedback_event, message_body
from edge_worker.identifier import noise_share
from edge_worker.origin import Isolate
from edge_worker.queue import MAX_MESSAGE_BYTES
from edge_worker.web import Runtime


class Recorder:
    """Records what happened. `sample_rate` is the share of exchanges that are recorded, above 0 up to 1."""

    def __init__(self, isolate: Isolate, delivery: Delivery, sample_rate: float) -> None:
        self._isolate = isolate
        self._delivery = delivery
        self._sample_rate = sample_rate

    def record(self, happenings: Sequence[Exchange | Feedback], runtime: Runtime) -> None:
        """Makes the events now and has them sent after the response.

        Whether an exchange is in the sample follows from its id alone, so its ratings share its fate.
        """
        events = [self._event(each) for each in happenings if noise_share(each.id) < self._sample_rate]
        if events:
            runtime.defer(self._delivery.send(in_messages(events)))

    def _event(self, happening: Exchange | Feedback) -> Event:
        origin = self._isolate.next_origin()
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
