"""What recording costs a stream, and what the outbox loses while the queue is down."""

import http.client
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from benchmarks.local_servers import Queue, serving
from benchmarks.plan import Plan
from benchmarks.worker import plain_worker
from stack.programs import wait_until
from stack.progress import Progress

CHUNKS = (50, 300, 1_000)
PATHS = {"recorded": "/v1/chat/completions", "unrecorded": "/v1/embeddings"}
"""The second one asks nothing, so that nothing of it is recorded."""
_QUESTION = json.dumps({"stream": True, "messages": [{"role": "user", "content": "Why?"}]})
_SETTLING_SECONDS = 0.3
_MOST_IN_A_TURN = 5
_OUTBOX_QUESTIONS = 200
_GRACE_SECONDS = 120
_ID_LENGTH = 36
"""What follows proves to the Worker that the answer was given."""


def measure(directory: Path, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Return the samples: processor time and time to the first byte of each kind of stream, and the outbox's count.

    Raises:
        ProgramError: the Worker does not start, or events do not arrive.
    """
    queue = Queue()
    with serving() as chatbot, serving(queue) as sink:
        log = directory / "logs" / "streams.log"
        with progress.step("Edge: streams"), plain_worker(sink, log, "--upstream", chatbot) as (url, workerd):
            streams = _streams(url, workerd, plan.open_rounds)
        log, storage = directory / "logs" / "outbox.log", directory / "outbox"
        with progress.step("Edge: outbox"), plain_worker(sink, log, "--storage", storage) as (url, _):
            outbox = _outbox(url, queue)
    return {"streams": streams, "outbox": outbox}


def _streams(url: str, workerd: psutil.Process, rounds: int) -> list[dict[str, Any]]:
    chance = random.Random(1)  # noqa: S311 - chance need not be secret
    kinds = [(kind, chunks) for kind in PATHS for chunks in CHUNKS]
    for kind, chunks in kinds:
        _stream(url, kind, chunks)
    samples = []
    for _ in range(rounds):
        for kind, chunks in chance.sample(kinds, len(kinds)):
            before = _cpu_ms(workerd)
            first = []
            for _ in range(min(CHUNKS[-1] // chunks, _MOST_IN_A_TURN)):
                first.append(_stream(url, kind, chunks))
                time.sleep(_SETTLING_SECONDS)  # until what was put off is done: it belongs to this stream
            cpu = (_cpu_ms(workerd) - before) / len(first)
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


def _cpu_ms(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system) * 1000


def _outbox(url: str, queue: Queue) -> dict[str, int]:
    """Ask while the queue is down, then let it come back; count what did not arrive, or arrived as two messages."""

    def ask(_: int) -> str:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        connection.request("POST", "/query", json.dumps({"question": "Why?"}), {"Content-Type": "application/json"})
        identifier: str = json.loads(connection.getresponse().read())["id"][:_ID_LENGTH]
        connection.close()
        return identifier

    queue.is_down = True
    with ThreadPoolExecutor(10) as pool:
        asked = list(pool.map(ask, range(_OUTBOX_QUESTIONS)))
    queue.is_down = False
    wait_until(lambda: set(asked) <= queue.ids.keys(), what="the outbox", seconds=_GRACE_SECONDS, every=0.2)
    return {
        "asked": len(asked),
        "lost": sum(identifier not in queue.ids for identifier in asked),
        "double": sum(queue.ids[identifier] > 1 for identifier in asked),
    }
