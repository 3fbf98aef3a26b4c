"""Makes events of exchanges and ratings and hands them to the delivery: the one way into the queue."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from edge_worker.delivery import Delivery
from edge_worker.event import Event, Exchange, Feedback, exchange_event, feedback_event
from edge_worker.identifier import sampling_fraction, time_of
from edge_worker.log import Log, describe_failure
from edge_worker.origin import Isolate, Origin
from edge_worker.queue import MAX_ENTRIES, MAX_MESSAGE_BYTES, message_body
from edge_worker.redaction import NO_PATTERNS, OwnerPatterns
from edge_worker.web import Context

# How long events wait for others of the same isolate, to share a request with them. It also lets the response go first:
# the runtime begins background work before it hands the response over, and is one thread.
LINGER_SECONDS = 0.1
# How late the sending may be before the runtime is taken to have ended it.
OVERDUE_MS = 1000
# What the processor can write within 30 s, at 25 writes a second: two invocations at a time with ten messages each.
MAX_MESSAGE_EVENTS = 25
_DAY_MS = 86_400_000
HISTORY_MS = 7 * _DAY_MS
"""How long ago an exchange is history: a week's report looks for what is missing in the seven days after it, too."""

_Numbered = Sequence[tuple[Exchange | Feedback, Origin]]


class Recorder:
    """Records exchanges and ratings. `sample_rate` is the share of exchanges that are recorded, above 0 up to 1.

    `patterns` are cut out of texts besides what is personal.
    """

    def __init__(
        self,
        isolate: Isolate,
        delivery: Delivery,
        sample_rate: float,
        log: Log,
        *,
        patterns: OwnerPatterns = NO_PATTERNS,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._isolate = isolate
        self._log = log
        self._delivery = delivery
        self._sample_rate = sample_rate
        self._patterns = patterns
        self._linger_seconds = linger_seconds
        self._waiting: list[_Numbered] = []
        self._due_ms = 0.0

    def record(self, records: Sequence[Exchange | Feedback], context: Context) -> None:
        """Give the records their numbers now, so that a loss is noticed from here on, and do the rest later.

        The first of up to ten requests sends for all of them. Where the runtime has ended it before it could, one that
        comes later does.

        Whether an exchange is in the sample follows from its id alone, so its ratings share its fate.
        """
        now = context.now_ms()
        numbered = [
            (record, self._isolate.next_origin(_day_of_history(record, now)))
            for record in records
            if sampling_fraction(record.id) < self._sample_rate
        ]
        if not numbered:
            return
        is_first = len(self._waiting) % MAX_ENTRIES == 0
        self._waiting.append(numbered)
        if is_first or now > self._due_ms + OVERDUE_MS:
            self._due_ms = now + self._linger_seconds * 1000
            context.defer(self._send_waiting())

    async def _send_waiting(self) -> None:
        """Send what waits, whichever request it is of: as much as one request to the queue holds."""
        await asyncio.sleep(self._linger_seconds)
        together, self._waiting = self._waiting[:MAX_ENTRIES], self._waiting[MAX_ENTRIES:]
        if together:
            together[0] = await self._with_news(together[0])
        messages = [message for numbered in together for message in in_messages(self._events(numbered))]
        if messages:
            await self._delivery.send(messages)

    async def _with_news(self, numbered: _Numbered) -> _Numbered:
        """Let the first event tell how many wait in the outbox, where that has changed or may have.

        A rating does not: the processor stores the count with exchanges only, and the last one, of 0, would be lost.
        """
        if isinstance(numbered[0][0], Feedback):
            return numbered
        waiting = await self._delivery.news_of_waiting()
        if waiting is None:
            return numbered
        (record, origin), *others = numbered
        return [(record, replace(origin, waiting=waiting)), *others]

    def _events(self, numbered: _Numbered) -> list[Event]:
        events: list[Event] = []
        for record, origin in numbered:
            try:
                events.append(self._event(record, origin))
            except Exception as error:  # noqa: BLE001 - nobody waits for this work: an exception would vanish
                self._isolate.count_lost(origin)
                self._log(describe_failure("event not made", error) | {"id": record.id})
        return events

    def _event(self, record: Exchange | Feedback, origin: Origin) -> Event:
        if isinstance(record, Feedback):
            return feedback_event(record, origin, self._patterns)
        record.sample_rate = self._sample_rate
        return exchange_event(record, origin, self._patterns)


def _day_of_history(record: Exchange | Feedback, now_ms: float) -> int | None:
    """Return the day, since the Unix epoch, of what happened long ago; None for what belongs to now."""
    # Feedback is stored with its exchange, whose time is in the id.
    at = record.asked_at if isinstance(record, Exchange) else time_of(record.id)
    return at // _DAY_MS if at < now_ms - HISTORY_MS else None


def in_messages(events: Sequence[Event]) -> list[list[Event]]:
    """Put events into as few messages as may be, in their order, each of the size that is billed as one request."""
    messages: list[list[Event]] = []
    for event in events:
        is_full = bool(messages) and len(messages[-1]) == MAX_MESSAGE_EVENTS
        if not messages or is_full or len(message_body([*messages[-1], event])) > MAX_MESSAGE_BYTES:
            messages.append([])
        messages[-1].append(event)
    return messages
