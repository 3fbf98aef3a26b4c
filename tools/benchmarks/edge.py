"""What analytics cost the Worker's visitors: its three variants in turn."""

import json
import random
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import Sample, closed_loop, open_loop, poisson_moments
from benchmarks.plan import Plan
from benchmarks.worker import VARIANTS, assemble, worker
from stack.paths import TOOLS
from stack.programs import ProgramError, program_variables, running, wait_until
from stack.progress import Progress
from stack.sample_traffic.corpus import conversations

PER_SECOND = 20.0
SINK_DELAY_MS = 100
CONCURRENCIES = (1, 10)

_WARM_UP = 300
_WARM_UP_CONCURRENCY = 5
_SETTLING_SECONDS = 0.3
_GRACE_SECONDS = 30
_SEED = 9


@dataclass
class Turn:
    """A variant's turn in the open loop."""

    variant: str
    milliseconds: list[float]
    cpu_seconds: float
    """Of workerd, background work included."""


class Edge:
    """Measures the Worker. It is made when the Worker has started and is warm, which is not measured."""

    def __init__(self, directory: Path, progress: Progress, resources: ExitStack) -> None:
        """Start the Worker and the slow queue, which run until `resources` is closed.

        Raises:
            ProgramError: one does not start or does not answer.
        """
        self._progress = progress
        self._chance = random.Random(_SEED)  # noqa: S311 - chance need not be secret
        self._questions = [conversation.question for conversation in conversations()]
        self._made: list[str] = []
        logs = directory / "logs"
        with progress.step("Edge: start the Worker"):
            self._sink = resources.enter_context(_sink(logs / "sink.log"))
            assemble(directory / "worker")
            self._worker = resources.enter_context(
                worker(directory / "worker", sink=self._sink, log=logs / "worker.log")
            )
            self._clients = {variant: self._worker.client(variant) for variant in VARIANTS}
        with progress.step("Edge: warm the variants up"):
            for variant in VARIANTS:
                self._closed_loop(variant, _WARM_UP, _WARM_UP_CONCURRENCY)

    def measure(self, plan: Plan) -> dict[str, Any]:
        """Return the samples.

        Raises:
            ProgramError: the Worker does not answer, or does so sooner than the variant can.
        """
        with self._progress.step(f"Edge: open loop, {plan.requests} requests of each, {PER_SECOND:.0f} a second"):
            turns = [
                self._turn(variant, plan.open_requests)
                for _ in range(plan.open_rounds)
                for variant in self._chance.sample(VARIANTS, len(VARIANTS))
            ]
        with self._progress.step("Edge: closed loops"):
            closed = [
                {
                    "variant": variant,
                    "concurrency": concurrency,
                    "milliseconds": self._closed_loop(variant, plan.closed_requests, concurrency),
                }
                for concurrency in CONCURRENCIES
                for variant in VARIANTS
            ]
        for loop in (*map(vars, turns), *closed):
            if loop["variant"] == "blocking" and min(loop["milliseconds"]) < SINK_DELAY_MS:
                raise ProgramError("a visitor did not wait for the queue where all do; the figures would mean nothing")
        with self._progress.step(f"Edge: send events until {plan.events} have been sent"):
            self._closed_loop("fire_and_forget", max(0, plan.events - len(self._made)), CONCURRENCIES[-1])
            received = _received(self._sink, self._made)
        return {
            "per_second": PER_SECOND,
            "sink_delay_ms": SINK_DELAY_MS,
            "open": [vars(turn) for turn in turns],
            "closed": closed,
            "events": [{"id": identifier, "received": received.get(identifier, 0)} for identifier in self._made],
        }

    def _turn(self, variant: str, count: int) -> Turn:
        moments = poisson_moments(count, per_second=PER_SECOND, chance=self._chance)
        cpu_before = self._worker.cpu_seconds()
        samples = open_loop(self._clients[variant].ask, self._ask_about(count), moments)
        time.sleep(_SETTLING_SECONDS)  # until what was put off is done: it belongs to this turn, not to the next
        return Turn(variant, self._noted(samples), self._worker.cpu_seconds() - cpu_before)

    def _closed_loop(self, variant: str, count: int, concurrency: int) -> list[float]:
        ask = self._clients[variant].ask
        return self._noted(closed_loop(ask, self._ask_about(count), concurrency=concurrency))

    def _ask_about(self, count: int) -> list[str]:
        return self._chance.choices(self._questions, k=count)

    def _noted(self, samples: Sequence[Sample]) -> list[float]:
        """Remember which events were made, and return the latencies."""
        self._made += [sample.id for sample in samples if sample.id]
        return [round(sample.milliseconds, 3) for sample in samples]


@contextmanager
def _sink(log: Path) -> Iterator[str]:
    """Run the slow queue for the length of the `with` block and give its address."""
    command = [sys.executable, "-m", "benchmarks.sink", str(SINK_DELAY_MS)]
    with running(command, cwd=TOOLS, env=program_variables(), log=log) as process:
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
        wait_until(all_arrived, what="events", seconds=_GRACE_SECONDS, every=0.5)
    return found
