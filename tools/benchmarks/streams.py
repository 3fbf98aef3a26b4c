"""What recording costs a stream, and what the outbox loses while the queue is down and the Worker dies."""

import http.client
import json
import random
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.local_servers import Queue, serving
from benchmarks.plan import Plan
from benchmarks.worker import cpu_ms, plain_worker
from stack.paths import TOOLS
from stack.programs import ProgramError, program_variables, running, wait_until
from stack.progress import Progress
from stack.worker import stored_id

CHUNKS = (50, 300, 1_000)
PATHS = {"recorded": "/v1/chat/completions", "unrecorded": "/v1/embeddings"}
"""The second one asks nothing, so that nothing of it is recorded."""
_QUESTION = json.dumps({"stream": True, "messages": [{"role": "user", "content": "Why?"}]})
_SETTLING_SECONDS = 0.3
_WARM_UP_ROUNDS = 3
"""Some hundred streams: until then, the runtime compiles while it serves, on the same processor time."""
_VISITORS = 10
"""At a time: an event that is alone costs what ten together do."""
_ALONE = 2
_OUTBOX_QUESTIONS = 100
_TOKEN = "only-for-this-benchmark"  # noqa: S105 - nobody else can reach the Worker
_GRACE_SECONDS = 120


def measure(directory: Path, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Return the samples: processor time and time to the first byte of each kind of stream, and the outbox's count.

    Raises:
        ProgramError: the Worker does not start, or events do not arrive.
    """
    queue = Queue()
    with serving(queue) as sink:
        log = directory / "logs" / "streams.log"
        with (
            progress.step("Edge: streams"),
            _chatbot(directory / "logs" / "chatbot.log") as chatbot,
            plain_worker(sink, log, "--upstream", chatbot) as (url, workerd),
        ):
            streams = _streams(url, workerd, plan.stream_rounds)
        with progress.step("Edge: outbox, with the queue down and the Worker killed"):
            outbox = _outbox(directory, sink, queue)
    return {"streams": streams, "outbox": outbox}


@contextmanager
def _chatbot(log: Path) -> Iterator[str]:
    """Run the chatbot as a program of its own, so that it does not share the measuring one's time; give its address."""
    command = [sys.executable, "-m", "benchmarks.local_servers"]
    with running(command, cwd=TOOLS, env=program_variables(), log=log) as process:
        address = process.stdout.readline().strip() if process.stdout else ""
        if not address:
            raise ProgramError(f"the chatbot does not start; its log: {log}")
        yield address


def _streams(url: str, workerd: psutil.Process, rounds: int) -> list[dict[str, Any]]:
    """Let visitors read streams: several at a time for the processor time, one alone for the first byte."""
    chance = random.Random(1)  # noqa: S311 - chance need not be secret
    kinds = [(kind, chunks) for kind in PATHS for chunks in CHUNKS]
    samples = []
    with ThreadPoolExecutor(_VISITORS) as pool:
        for number in range(_WARM_UP_ROUNDS + rounds):
            for kind, chunks in chance.sample(kinds, len(kinds)):
                count = max(_VISITORS, CHUNKS[-1] // chunks)
                before = cpu_ms(workerd)
                list(pool.map(lambda _, kind=kind, chunks=chunks: _stream(url, kind, chunks), range(count)))
                time.sleep(_SETTLING_SECONDS)  # until what was put off is done: it belongs to these streams
                cpu = (cpu_ms(workerd) - before) / count
                first = [_stream(url, kind, chunks) for _ in range(_ALONE)]
                time.sleep(_SETTLING_SECONDS)
                if number >= _WARM_UP_ROUNDS:
                    samples.append({"kind": kind, "chunks": chunks, "cpu_ms": cpu, "first_byte_ms": first})
    return samples


def _stream(url: str, kind: str, chunks: int) -> float:
    """Read a stream; return after how many ms its first byte came."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    begun = time.perf_counter()
    headers = {"Content-Type": "application/json", "chunks": str(chunks)}
    connection.request("POST", PATHS[kind], _QUESTION, headers)
    response = connection.getresponse()
    response.read(1)
    took = (time.perf_counter() - begun) * 1000
    response.read()
    connection.close()
    return round(took, 3)


def _outbox(directory: Path, sink: str, queue: Queue) -> dict[str, int]:
    """Ask while the queue is down, kill the Worker, ask the next one, and let the queue come back.

    Returns:
        How many asked, and of how many the event did not arrive, or arrived as two messages.
    """
    log, storage = directory / "logs" / "outbox.log", directory / "outbox"
    shutil.rmtree(storage, ignore_errors=True)
    options = ("--storage", storage, "--var", f"COLLECTOR_TOKEN={_TOKEN}")
    queue.is_down = True
    with plain_worker(sink, log, *options) as (url, workerd):
        asked = _asked(url)
        wait_until(lambda: _waiting(url) >= len(asked), what="the outbox", seconds=_GRACE_SECONDS, every=0.2)
        workerd.kill()
    with plain_worker(sink, log, *options) as (url, _):
        asked += _asked(url)
        queue.is_down = False
        with suppress(ProgramError):  # what is lost is counted
            wait_until(lambda: queue.ids.keys() >= set(asked), what="events", seconds=_GRACE_SECONDS, every=0.2)
    return {
        "asked": len(asked),
        "lost": sum(identifier not in queue.ids for identifier in asked),
        "double": sum(queue.ids[identifier] > 1 for identifier in asked),
    }


def _asked(url: str) -> list[str]:
    """Ask questions; return the ids of the exchanges."""

    def ask(_: int) -> str:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        connection.request("POST", "/query", json.dumps({"question": "Why?"}), {"Content-Type": "application/json"})
        identifier = stored_id(json.loads(connection.getresponse().read())["id"])
        connection.close()
        return identifier

    with ThreadPoolExecutor(_VISITORS) as pool:
        return list(pool.map(ask, range(_OUTBOX_QUESTIONS)))


def _waiting(url: str) -> int:
    """Count the events in the outbox."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    connection.request("GET", "/health", headers={"Authorization": f"Bearer {_TOKEN}"})
    waiting: int | None = json.loads(connection.getresponse().read())["waiting"]
    connection.close()
    return waiting or 0
