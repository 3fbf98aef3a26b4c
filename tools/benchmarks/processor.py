"""The processor on the stack: what it costs in calls and write units, and how fast it is beside the baseline."""

import json
import time
from typing import TYPE_CHECKING, Any

from benchmarks.baseline import deployment, producer
from benchmarks.plan import Plan
from benchmarks.throughput import Consumer
from stack.paths import PROCESSOR, TOOLS
from stack.programs import ProgramError, program_variables, run
from stack.progress import Progress
from stack.sample_traffic.replay import ReplayedEvent, entries_of_events
from stack.sample_traffic.visits import visits
from stack.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEED = 5
_MILLISECONDS_AN_HOUR = 3_600_000


def exchanges(running: Stack, count: int, *, seed: int) -> list[ReplayedEvent]:
    """Return exchanges of the last hour, made by the Worker's code of real questions.

    Older ones change a day that has been rolled up, which takes a write of its own for each day and invocation.
    """
    now = round(time.time() * 1000)
    asked = visits(count, begin=now - _MILLISECONDS_AN_HOUR, end=now, seed=seed)
    return [event for event in entries_of_events(asked, knowledge=running.knowledge) if event.type == "exchange"]


def count(running: Stack, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Let the processor's own code store exchanges in both modes, and count every request it makes.

    Raises:
        ProgramError: it fails.
    """
    queue = running.emulator.client("sqs").create_queue(
        QueueName="benchmark-counted.fifo",
        Attributes={
            "FifoQueue": "true",
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
        },
    )["QueueUrl"]
    counted: dict[str, Any] = {}
    for mode in ("stream", "drain"):
        entries = running.directory / f"entries-{mode}.json"
        events = exchanges(running, plan.counted_exchanges, seed=_SEED + len(counted))
        entries.write_text(json.dumps([event.entry for event in events]), encoding="utf-8")
        with progress.step(f"Processor: count the requests of {len(events)} exchanges, {mode}"):
            printed = run(
                [
                    PROCESSOR / ".venv" / "bin" / "python",
                    TOOLS / "benchmarks" / "probes" / "counted_requests.py",
                    mode,
                    entries,
                ],
                cwd=PROCESSOR,
                env=program_variables(
                    **running.emulator.variables,
                    PYTHONPATH="src:.",
                    PYTHONSAFEPATH="1",
                    QUEUE_URL=queue,
                    TABLE_NAME=running.parameters["table-name"],
                ),
                log=running.directory / "logs" / "counted-requests.log",
            )
        counted[mode] = json.loads(printed.splitlines()[-1])
    return counted


def race(running: Stack, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Let our processor and the baseline empty their queues in turn.

    Both queues hold as many messages, since the emulator's own time grows with a queue's length. One of ours carries
    an exchange, one of the baseline's half of one.

    Raises:
        ProgramError: a queue does not become empty, or an exchange is missing afterwards.
    """
    ours, baseline = _our_consumer(running), deployment.deploy(running.emulator)
    turns: list[dict[str, Any]] = []
    sent: set[str] = set()
    pairs = 0
    with progress.step(f"Processor and baseline: {plan.rounds} rounds of {plan.round_messages} messages"):
        for number in range(plan.rounds + 1):
            events = exchanges(running, plan.round_messages * 3 // 2, seed=_SEED + 100 + number)
            first, second = events[: plan.round_messages], events[plan.round_messages :]
            sent |= {event.id for event in first}
            pairs += len(second)
            turn = {"processor": ours.empty([event.entry for event in first])}
            turn["baseline"] = baseline.empty([entry for event in second for entry in _pair(event)])
            if number:  # in the first round, both functions start and fill their caches
                turns += [{"of": of, "messages": plan.round_messages, "left": left} for of, left in turn.items()]
    stored = {item["sk"]["S"] for item in running.items()}
    if not sent <= stored or deployment.final_table_size(running.emulator) != pairs:
        raise ProgramError("not every exchange is in its table; the comparison would mean nothing")
    return {"messages_per_exchange": {"processor": 1, "baseline": 2}, "turns": turns}


def baseline_units(running: Stack, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Let the baseline's own code store as many exchanges, after the race, and add up its write units.

    Raises:
        ProgramError: the emulator does not answer.
    """
    events = exchanges(running, plan.counted_exchanges, seed=_SEED)
    with progress.step(f"Baseline: count the write units of {len(events)} exchanges"):
        messages = [entry["MessageBody"] for event in events for entry in _pair(event)]
        return {"exchanges": len(events), "write_units": deployment.write_units(running.emulator, messages)}


def _our_consumer(running: Stack) -> Consumer:
    functions = running.emulator.client("lambda")
    mappings: Sequence[dict[str, Any]] = functions.list_event_source_mappings(
        EventSourceArn=running.parameters["queue-arn"]
    )["EventSourceMappings"]
    return Consumer(functions, mappings[0]["UUID"], running.queue)


def _pair(event: ReplayedEvent) -> list[dict[str, str]]:
    [exchange] = json.loads(event.entry["MessageBody"])["events"]
    return producer.entries(exchange)
