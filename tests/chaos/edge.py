"""Lets the queue fail under the Worker and kills the Worker: every question that was answered must be in the table."""

import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from stack.paths import EDGE_WORKER
from stack.programs import ProgramError, program_variables, running, wait_until
from stack.progress import Progress
from stack.queue_faults import QueueFaults, Trouble, faulty_queue
from stack.stack import Stack

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
_GRACE_SECONDS = 600
_ID_LENGTH = 36
"""What follows proves to the Worker that the answer was given."""


@dataclass(frozen=True)
class EdgeVerdict:
    """What became of the questions that the Worker answered."""

    asked: int
    stored: int
    lost: int
    double: int
    """Items that more than one event made."""
    waited: int
    """Events in the outbox when the Worker was killed."""
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether every question is in the table, once, and the kill was worth the name."""
        return self.stored == self.asked and not (self.lost or self.double) and self.waited > 0


@dataclass
class _Worker:
    url: str
    token: str
    workerd: psutil.Process

    def ask(self, question: str) -> str:
        """Ask a question; return the id of the exchange."""
        body = json.dumps({"question": question}).encode()
        request = urllib.request.Request(f"{self.url}/query", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return str(json.load(response)["id"])[:_ID_LENGTH]

    def waiting(self) -> int:
        """Count the events in the outbox."""
        request = urllib.request.Request(f"{self.url}/health", headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(json.load(response)["waiting"] or 0)


def run_edge(stack: Stack, progress: Progress) -> EdgeVerdict:
    """Ask in each kind of trouble, kill the Worker while events wait, start it again, and count.

    Raises:
        ProgramError: the Worker does not start, or events are missing after a while.
    """
    faults, asked, begun = QueueFaults(), list[str](), time.monotonic()
    with faulty_queue(stack.emulator.address, faults) as address:
        with _worker(stack, address) as worker:
            for trouble, count in _PHASES:
                with progress.step(f"Edge: ask {count} questions, queue: {trouble}"):
                    faults.trouble = trouble
                    with ThreadPoolExecutor(_CONCURRENCY) as pool:
                        asked += pool.map(worker.ask, (f"What is question {number}?" for number in range(count)))
            with progress.step("Edge: kill the Worker while events wait"):
                # What was answered a moment ago shares a request with others, or is on its way to the outbox.
                time.sleep(_PAUSE_SECONDS)
                waited = worker.waiting()
                worker.workerd.kill()
        faults.trouble = "none"
        with _worker(stack, address), progress.step("Edge: start it again and wait until everything has arrived"):
            wait_until(
                lambda: not set(asked) - _stored(stack).keys(), what="the table", seconds=_GRACE_SECONDS, every=2
            )
    stored = _stored(stack)
    return EdgeVerdict(
        asked=len(asked),
        stored=len(stored),
        lost=len(set(asked) - stored.keys()),
        double=sum(origins > 1 for origins in stored.values()),
        waited=waited,
        seconds=round(time.monotonic() - begun, 1),
    )


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
