"""What analytics cost the Worker's visitors: its three variants side by side."""

import json
import random
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import Sample, closed_loop, open_loop, poisson_moments
from benchmarks.plan import Plan
from benchmarks.worker import VARIANTS, RunningWorker, assemble, worker
from local.corpus import conversations
from local.paths import ROOT
from local.programs import ProgramError, environment, running, wait_until
from local.progress import Progress

PER_SECOND = 20.0
SINK_DELAY_MS = 100
CONCURRENCIES = (1, 10)

_WARM_UP = 300
_WARM_UP_CONCURRENCY = 5
_SETTLING_SECONDS = 0.3
_PATIENCE_SECONDS = 30
_SEED = 9


@dataclass
class Turn:
    """A variant's turn in the open loop."""

    variant: str
    milliseconds: list[float]
    cpu_seconds: float
    """Of workerd, background work included."""


def measure(directory: Path, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Measure the Worker and return the samples.

    Raises:
        ProgramError: the Worker does not start or does not answer.
    """
    chance = random.Random(_SEED)  # noqa: S311
    with ExitStack() as resources:
        with progress.step("Edge: start the three variants of the Worker"):
            sink = resources.enter_context(_sink(directory / "logs" / "sink.log"))
            workers = _start(directory, sink, resources)
        questions = _Questions(chance)
        made: list[str] = []
        for running_worker in workers.values():
            made += _ids(
                closed_loop(running_worker.client.ask, questions.take(_WARM_UP), concurrency=_WARM_UP_CONCURRENCY)
            )
        with progress.step(f"Edge: open loop, {plan.requests} requests of each, {PER_SECOND:.0f} a second"):
            turns = []
            for _ in range(plan.open_rounds):
                for variant in chance.sample(VARIANTS, len(VARIANTS)):
                    moments = poisson_moments(plan.open_requests, per_second=PER_SECOND, chance=chance)
                    turn, samples = _turn(variant, workers[variant], questions.take(plan.open_requests), moments)
                    turns.append(turn)
                    made += _ids(samples)
        with progress.step("Edge: closed loops"):
            closed: list[dict[str, Any]] = []
            for concurrency in CONCURRENCIES:
                for variant in VARIANTS:
                    asked = questions.take(plan.closed_requests)
                    samples = closed_loop(workers[variant].client.ask, asked, concurrency=concurrency)
                    made += _ids(samples)
                    closed.append(
                        {"variant": variant, "concurrency": concurrency, "milliseconds": _milliseconds(samples)}
                    )
        with progress.step(f"Edge: send events until {plan.events} have been sent"):
            asked = questions.take(max(0, plan.events - len(made)))
            made += _ids(closed_loop(workers["fire_and_forget"].client.ask, asked, concurrency=CONCURRENCIES[-1]))
            received = _received(sink, made)
    return {
        "per_second": PER_SECOND,
        "sink_delay_ms": SINK_DELAY_MS,
        "open": [vars(turn) for turn in turns],
        "closed": closed,
        "events": [{"id": identifier, "received": received.get(identifier, 0)} for identifier in made],
    }


class _Questions:
    """Real questions, in random order, as many as wanted."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._known = [conversation.question for conversation in conversations()]

    def take(self, count: int) -> list[str]:
        return self._chance.choices(self._known, k=count)


def _start(directory: Path, sink: str, resources: ExitStack) -> Mapping[str, RunningWorker]:
    assemble(directory / "worker")
    logs = directory / "logs"
    return {
        variant: resources.enter_context(
            worker(directory / "worker", variant, sink=sink, log=logs / f"worker-{variant}.log")
        )
        for variant in VARIANTS
    }


def _turn(
    variant: str, running_worker: RunningWorker, questions: Sequence[str], moments: Sequence[float]
) -> tuple[Turn, list[Sample]]:
    cpu_before = running_worker.cpu_seconds()
    samples = open_loop(running_worker.client.ask, questions, moments)
    time.sleep(_SETTLING_SECONDS)  # until what was put off is done: it belongs to this turn, not to the next
    return Turn(variant, _milliseconds(samples), running_worker.cpu_seconds() - cpu_before), samples


def _milliseconds(samples: Sequence[Sample]) -> list[float]:
    return [round(sample.milliseconds, 3) for sample in samples]


def _ids(samples: Sequence[Sample]) -> list[str]:
    return [sample.id for sample in samples if sample.id]


@contextmanager
def _sink(log: Path) -> Iterator[str]:
    """Run the slow queue for the length of the `with` block and give its address."""
    command = [sys.executable, "-m", "benchmarks.sink", str(SINK_DELAY_MS)]
    with running(command, cwd=ROOT, env=environment(), log=log) as process:
        port = process.stdout.readline().strip() if process.stdout else ""
        if not port:
            raise ProgramError(f"the queue's stand-in does not start; its log: {log}")
        yield f"127.0.0.1:{port}"


def _received(sink: str, made: Sequence[str]) -> dict[str, int]:
    """Return how often each event has arrived, as soon as all have, or when no more are to be expected."""
    found: dict[str, int] = {}

    def all_arrived() -> bool:
        with urllib.request.urlopen(f"http://{sink}/received", timeout=10) as response:
            found.update(json.load(response))
        return found.keys() >= set(made)

    with suppress(ProgramError):  # what is lost is counted
        wait_until(all_arrived, what="events", seconds=_PATIENCE_SECONDS, every=0.5)
    return found
