"""Puts questions to a server, at times of their own (open loop) or one after the other's answer (closed loop)."""

import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from local.programs import ProgramError

_MOST_AT_A_TIME = 64
_TIMEOUT_SECONDS = 30


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
    """Asks a Worker, over a connection for each thread that stays open."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._local = threading.local()

    def ask(self, question: str) -> str | None:
        """Put a question and return the exchange's id, if the answer has one.

        Raises:
            ProgramError: it is not answered.
        """
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self._address, timeout=_TIMEOUT_SECONDS)
            self._local.connection = connection
        body = json.dumps({"question": question, "session": "benchmark"}).encode()
        connection.request("POST", "/query", body, {"content-type": "application/json"})
        response = connection.getresponse()
        content = response.read()
        if response.status != http.client.OK:
            raise ProgramError(f"the Worker answered {response.status}: {content[:200]!r}")
        identifier: str | None = json.loads(content).get("id")
        return identifier


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
    begun = time.perf_counter()

    def run(question: str, moment: float) -> Sample:
        identifier = ask(question)
        return Sample((time.perf_counter() - begun - moment) * 1000, identifier)

    with ThreadPoolExecutor(_MOST_AT_A_TIME) as visitors:
        futures = []
        for question, moment in zip(questions, moments, strict=True):
            time.sleep(max(0.0, begun + moment - time.perf_counter()))
            futures.append(visitors.submit(run, question, moment))
        return [future.result() for future in futures]


def closed_loop(ask: Ask, questions: Sequence[str], *, concurrency: int) -> list[Sample]:
    """Let some visitors put the questions, each the next one as soon as it has its answer."""

    def run(question: str) -> Sample:
        begun = time.perf_counter()
        identifier = ask(question)
        return Sample((time.perf_counter() - begun) * 1000, identifier)

    with ThreadPoolExecutor(concurrency) as visitors:
        return list(visitors.map(run, questions))
