"""Lets the queue fail under the Worker and kills the Worker, and accounts for every question that was answered.

An event is in the Worker's memory for the tenth of a second in which it waits for others, and until queue or outbox
has taken it: a kill takes what was answered that shortly before. All other questions must be in the table, once.
"""

import http.client
import itertools
import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from stack.paths import EDGE_WORKER
from stack.programs import ProgramError, program_variables, running, wait_until
from stack.progress import Progress
from stack.queue_faults import QueueFaults, Trouble, faulty_queue
from stack.stack import Stack
from stack.worker import stored_id

if TYPE_CHECKING:
    from pathlib import Path

SITE = "edge.example.com"
_PHASES: tuple[tuple[Trouble, int], ...] = (
    ("none", 50),
    ("down", 100),
    ("slow", 40),
    ("every third refused", 100),
    ("down", 100),
)
_CONCURRENCY = 10
_PAUSE_SECONDS = 3
_SECONDS_TO_THE_KILL = 2.0
_IN_MEMORY_SECONDS = 2.0
"""The tenth of a second, a request that the queue refuses and one to the outbox, on a machine that is busy."""
_GRACE_SECONDS = 600


@dataclass(frozen=True)
class EdgeVerdict:
    """What became of the questions that the Worker answered."""

    answered: int
    stored: int
    lost: int
    """Answered well before a kill, and not in the table."""
    in_memory: int
    """Answered right before the kill under load, and gone with the process."""
    double: int
    """Items that more than one event made."""
    waited: int
    """Events in the outbox when the Worker was killed."""
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether every question is accounted for, each stored one once, and the kills were worth the name."""
        is_complete = self.stored + self.in_memory == self.answered
        return is_complete and not (self.lost or self.double) and self.waited > 0


@dataclass
class _Worker:
    url: str
    token: str
    workerd: psutil.Process

    def ask(self, question: str) -> str:
        """Ask a question; return the id of the exchange."""
        body = json.dumps({"question": question}).encode()
        request = urllib.request.Request(f"{self.url}/query", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as response:
            return stored_id(json.load(response)["id"])

    def waiting(self) -> int:
        """Count the events in the outbox."""
        request = urllib.request.Request(f"{self.url}/health", headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=120) as response:
            return int(json.load(response)["waiting"] or 0)


@dataclass
class _Answered:
    """The questions that were answered: by their ids, when, on the monotonic clock."""

    at: dict[str, float] = field(default_factory=dict)
    killed_at: float = float("inf")

    def ask(self, worker: _Worker, number: int) -> None:
        """Ask a question, and note that it was answered."""
        self.at[worker.ask(f"What is question {number}?")] = time.monotonic()

    def ask_until_killed(self, worker: _Worker) -> None:
        """Ask one question after the other, until nobody answers."""
        for number in itertools.count():
            try:
                self.ask(worker, number)
            except (urllib.error.URLError, OSError, http.client.HTTPException):
                return

    def missing(self, stored: Mapping[str, int]) -> tuple[set[str], set[str]]:
        """Give what is not in the table: lost, and gone with the memory of the process that was killed."""
        missing = self.at.keys() - stored.keys()
        in_memory = {each for each in missing if self.killed_at - self.at[each] < _IN_MEMORY_SECONDS}
        return missing - in_memory, in_memory


def run_edge(stack: Stack, progress: Progress) -> EdgeVerdict:
    """Ask in each kind of trouble, kill the Worker twice, start it again, and count.

    Raises:
        ProgramError: the Worker does not start, or events are missing after a while.
    """
    faults, answered, begun = QueueFaults(), _Answered(), time.monotonic()
    with faulty_queue(stack.emulator.address, faults) as address:
        with _worker(stack, address) as worker:
            waited = _ask_in_trouble(worker, faults, answered, progress)
            worker.workerd.kill()
        with _worker(stack, address) as worker, progress.step("Edge: kill the Worker while it answers, queue: down"):
            _kill_under_load(worker, answered)
        faults.trouble = "none"
        with _worker(stack, address) as worker, progress.step("Edge: start it again and wait until all has arrived"):
            wait_until(
                lambda: worker.waiting() == 0 and not answered.missing(_stored(stack))[0],
                what="the table", seconds=_GRACE_SECONDS, every=2,
            )  # fmt: skip
            stack.queue.wait_until_empty(seconds=_GRACE_SECONDS)
    stored = _stored(stack)
    lost, in_memory = answered.missing(stored)
    return EdgeVerdict(
        answered=len(answered.at),
        stored=len(answered.at.keys() & stored.keys()),
        lost=len(lost),
        in_memory=len(in_memory),
        double=sum(origins > 1 for origins in stored.values()),
        waited=waited,
        seconds=round(time.monotonic() - begun, 1),
    )


def _ask_in_trouble(worker: _Worker, faults: QueueFaults, answered: _Answered, progress: Progress) -> int:
    """Ask with each trouble of the queue, the last of which stays; return how many events wait in the end."""
    for trouble, count in _PHASES:
        with progress.step(f"Edge: ask {count} questions, queue: {trouble}"):
            faults.trouble = trouble
            with ThreadPoolExecutor(_CONCURRENCY) as pool:
                list(pool.map(lambda number: answered.ask(worker, number), range(count)))
    # What was answered a moment ago shares a request with others, or is on its way to the outbox.
    time.sleep(_PAUSE_SECONDS)
    return worker.waiting()


def _kill_under_load(worker: _Worker, answered: _Answered) -> None:
    """Kill the Worker while it answers as much as it can."""
    askers = [threading.Thread(target=answered.ask_until_killed, args=[worker]) for _ in range(_CONCURRENCY)]
    for asker in askers:
        asker.start()
    time.sleep(_SECONDS_TO_THE_KILL)
    answered.killed_at = time.monotonic()
    worker.workerd.kill()
    for asker in askers:
        asker.join()


def _stored(stack: Stack) -> dict[str, int]:
    """Return of each item of the site how many events made it."""
    return {
        item["sk"]["S"]: len(item["origins"]["SS"])
        for item in stack.items()
        if item["pk"]["S"].startswith(f"site#{SITE}#day#")
    }


@contextmanager
def _worker(stack: Stack, aws: str) -> Iterator[_Worker]:
    variables = {**stack.worker_variables, "SITE": SITE}
    log: Path = stack.directory / "logs" / "edge-chaos.log"
    command: list[str | Path] = [
        sys.executable,
        EDGE_WORKER / "runtime" / "workerd.py",
        "--aws",
        aws,
        "--storage",
        stack.directory / "edge-chaos-outbox",
        "--no-assets",
        *(word for name, value in variables.items() for word in ("--var", f"{name}={value}")),
    ]
    with running(command, cwd=EDGE_WORKER, env=program_variables(), log=log) as process:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise ProgramError(f"the Worker does not start; its log: {log}")
        [workerd] = psutil.Process(process.pid).children()
        yield _Worker(url, variables["COLLECTOR_TOKEN"], workerd)
