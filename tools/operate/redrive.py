"""Lists the dead-letter queue with the reasons, and sends messages back to the queue.

Messages are sent back one by one, not by SQS's own StartMessageMoveTask: that can neither leave out what would only be
refused again nor say what became of each message.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from operate.dead_letter_queue import DeadLetter, DeadLetterQueue
from operate.processor_rules import ProcessorRules, Verdict
from operate.stored_items import StoredItems

_ACCEPTABLE = "acceptable now"
_PROGRESS_SECONDS = 2.0


@dataclass(frozen=True)
class _Redriven:
    letter: DeadLetter
    verdict: Verdict


def listing(queue: DeadLetterQueue, rules: ProcessorRules, *, bodies: bool) -> Iterator[str]:
    """Yield a line for each message (since when, id, reason), and below it, if asked for, its text, escaped."""
    letters = []
    try:
        for letter in queue.receive_all():
            letters.append(letter)
            yield _line(letter, rules.check(letter.body).reason or _ACCEPTABLE)
            if bodies:
                # A terminal obeys control characters, and this is a stranger's text.
                yield f"    {json.dumps(letter.body)}"
    finally:
        queue.put_back(letters)
    yield f"{len(letters)} messages in the dead-letter queue"


def redrive(
    dead_letters: DeadLetterQueue,
    queue_url: str,
    rules: ProcessorRules,
    stored: StoredItems,
    *,
    everything: bool,
    wait_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[str]:
    """Send back what would be accepted now, or everything. Yields lines that say what became of each message.

    Args:
        dead_letters: where from.
        queue_url: where to.
        rules: decide what would be accepted.
        stored: where events are looked for.
        everything: also what would be refused again.
        wait_seconds: for how long to wait until what was sent back is stored.
        sleep: waits for some seconds.
    """
    sent: list[_Redriven] = []
    kept: list[DeadLetter] = []
    for letter in dead_letters.receive_all():
        verdict = rules.check(letter.body)
        if everything or verdict.reason is None:
            dead_letters.move(letter, queue_url)
            sent.append(_Redriven(letter, verdict))
        else:
            kept.append(letter)
            yield _line(letter, f"kept: {verdict.reason}")
    dead_letters.put_back(kept)
    waiting = sent
    deadline = time.monotonic() + wait_seconds
    printed_at = time.monotonic()
    while waiting:
        done = [redriven for redriven in waiting if _is_stored(redriven.verdict, stored)]
        waiting = [redriven for redriven in waiting if redriven not in done]
        for redriven in done:
            yield _line(redriven.letter, "sent back and stored")
        if not waiting or time.monotonic() > deadline:
            break
        if time.monotonic() - printed_at >= _PROGRESS_SECONDS:
            printed_at = time.monotonic()
            yield f"waiting for {len(waiting)} messages to be stored, {deadline - printed_at:.0f} s at most"
        sleep(min(1.0, wait_seconds))
    for redriven in waiting:
        reason = redriven.verdict.reason
        outlook = f"will be refused again: {reason}" if reason else "not stored yet"
        yield _line(redriven.letter, f"sent back, {outlook}")
    yield f"{len(sent)} sent back, {len(sent) - len(waiting)} of them stored, {len(kept)} kept"


def _is_stored(verdict: Verdict, stored: StoredItems) -> bool:
    """Whether all events of a message are in the table: their items, and their origins where events have them."""
    keys = [((item.partition, item.id), item.origins) for item in verdict.items]
    return bool(keys) and all(stored.holds(key) and origins <= stored.origins(key) for key, origins in keys)


def _line(letter: DeadLetter, status: str) -> str:
    return f"{letter.sent_at:%Y-%m-%d %H:%M:%SZ}  {letter.id}  {status}"
