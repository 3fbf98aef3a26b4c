"""The simulation of the paced parts does what the stack does, on a small scale."""

import statistics
import threading
import time

import pytest

from cost.cloudtrail import call_log
from cost.count import unrated_visits
from cost.simulated_day import Settings
from cost.simulation import simulate
from stack.programs import wait_until
from stack.sample_traffic.replay import entries_of_events
from stack.stack import Stack

pytestmark = pytest.mark.stack

ALONE = 10
FULL = 100
BURST_AT = 2.0
PROFILE = sorted([*(quarter / 4 for quarter in range(12)), *[BURST_AT] * 300])
"""Four a second for three seconds, with 300 at once among them."""


def send_on_time(running: Stack, arrivals: list[float]) -> tuple[float, list[float]]:
    """Return how many seconds after the first message the queue was empty, and the seconds of each invocation."""
    visits = unrated_visits(len(arrivals))
    entries = [event.entry for event in entries_of_events(visits, knowledge=running.knowledge)]
    log = running.parameters["processor-log-group-name"]
    times = sorted(set(arrivals))
    with call_log(running.emulator, [log]) as kept:
        begun = time.monotonic()
        for moment in times:
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            now, entries = entries[: arrivals.count(moment)], entries[arrivals.count(moment) :]
            threading.Thread(target=running.queue.send, args=(now,)).start()
        time.sleep(0.1)
        wait_until(lambda: running.queue.depth() == 0, what="an empty queue", seconds=120, every=0.02)
        seconds = time.monotonic() - begun
    return seconds, [duration / 1000 for duration in kept.durations[log]]


def test_the_simulation_agrees_with_the_stack(running: Stack) -> None:
    """Calibrated by messages that come alone and by full batches, it predicts a larger burst within a trickle."""
    _, alone = send_on_time(running, [float(number) for number in range(ALONE)])
    full_seconds, full = send_on_time(running, [0.0] * FULL)
    message = (full_seconds / len(full) - statistics.median(alone)) / 9
    settings = Settings(
        concurrency=1,  # the emulator's event source for FIFO
        batch_size=10,
        timeout_seconds=30,
        visibility_seconds=180,
        receive_limit=5,
        write_units=1e6,  # the emulator refuses no writes
        invocation_seconds=statistics.median(alone) - message,
        message_seconds=message,
    )

    seconds, invocations = send_on_time(running, PROFILE)
    predicted = simulate(PROFILE, settings)

    print(
        f"{len(PROFILE)} messages: {len(invocations)} invocations, the burst gone after {seconds - BURST_AT:.2f} s; "
        f"predicted {predicted.invocations} and {predicted.finished - BURST_AT:.2f} s"
    )
    assert len(invocations) == pytest.approx(predicted.invocations, rel=0.35)
    # Other programs run on the machine as well, now more and now less.
    assert 0.4 < (seconds - BURST_AT) / (predicted.finished - BURST_AT) < 2.5
