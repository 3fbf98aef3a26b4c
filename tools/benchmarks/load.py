"""Puts questions to a server, at times of their own (open loop) or one after the other's answer (closed loop)."""

import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from benchmarks.connection import Connection
from stack.programs import ProgramError
from stack.worker import stored_id

_MOST_AT_A_TIME = 64
_TIMEOUT_SECONDS = 30
_IDLE_SECONDS = 3  # workerd closes a connection that nobody has used for 5 s


@dataclass(frozen=True)
class Sample:
    """One answered question."""

    milliseconds: float
    """Until the whole answer was there: in an open loop from when the question was to be asked."""
    id: str | None
    """Of the exchange, where the server gave one."""


Ask = Callable[[str], str | None]
"""Puts a question and returns the id that comes with the answer."""


class Client:
    """Asks a Worker. Any number of threads may use it; connections stay open and serve again."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        """Take the Worker's address, and headers that its requests have beside the usual ones."""
        self._address = urlsplit(url)
        sent = {"content-type": "application/json", **(headers or {})}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        self._idle: list[tuple[Connection, float]] = []  # the last one used is the first to be used again

    def ask(self, question: str) -> str | None:
        """Put a question and return the exchange's id, if the answer has one.

        Raises:
            ProgramError: it is not answered.
        """
        body = json.dumps({"question": question, "session": "benchmark"}).encode()
        try:
            connection = self._connection()
            status, content = connection.post("/query", self._headers, body)
        except OSError as error:
            raise ProgramError(f"the Worker does not answer: {error}") from error
        self._idle.append((connection, time.monotonic()))
        if status != HTTPStatus.OK:
            raise ProgramError(f"the Worker answered {status}: {content[:200]!r}")
        return stored_id(json.loads(content).get("id") or "") or None

    def close(self) -> None:
        """Close the connections that are open."""
        while self._idle:
            self._idle.pop()[0].close()

    def _connection(self) -> Connection:
        while self._idle:
            connection, used = self._idle.pop()
            if time.monotonic() - used < _IDLE_SECONDS:
                return connection
            connection.close()
        return Connection(self._address.hostname or "", self._address.port or 0, timeout_seconds=_TIMEOUT_SECONDS)


def poisson_moments(count: int, *, per_second: float, chance: random.Random) -> list[float]:
    """Return when the visitors of a Poisson process come, in seconds from its beginning."""
    return list(itertools.accumulate(chance.expovariate(per_second) for _ in range(count)))


def open_loop(ask: Ask, questions: Sequence[str], moments: Sequence[float]) -> list[Sample]:
    """Put each question at its moment, whether or not the ones before have been answered.

    The latency counts from that moment, so that a server that holds up one visitor is charged for all who come
    meanwhile ("coordinated omission", Gil Tene).

    Args:
        ask: puts one question; it is called by many threads.
        questions: one for each moment.
        moments: seconds from now, in their order.
    """
    samples: list[Sample | None] = [None] * len(moments)
    turns = iter(enumerate(zip(questions, moments, strict=True)))
    taking_turns = threading.Lock()
    begun = time.perf_counter()

    def visit() -> None:
        # Each visitor waits for its own moment: to be woken by somebody else who does takes time.
        while True:
            with taking_turns:
                turn = next(turns, None)
            if turn is None:
                return
            number, (question, moment) = turn
            time.sleep(max(0.0, begun + moment - time.perf_counter()))
            identifier = ask(question)
            samples[number] = Sample((time.perf_counter() - begun - moment) * 1000, identifier)

    with ThreadPoolExecutor(_MOST_AT_A_TIME) as visitors:
        for done in [visitors.submit(visit) for _ in range(_MOST_AT_A_TIME)]:
            done.result()
    return [sample for sample in samples if sample]


def closed_loop(ask: Ask, questions: Sequence[str], *, concurrency: int) -> list[Sample]:
    """Let some visitors put the questions, each the next one as soon as it has its answer."""

    def run(question: str) -> Sample:
        begun = time.perf_counter()
        identifier = ask(question)
        return Sample((time.perf_counter() - begun) * 1000, identifier)

    with ThreadPoolExecutor(concurrency) as visitors:
        return list(visitors.map(run, questions))
