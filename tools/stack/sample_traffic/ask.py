"""Asks a running Worker questions, as visitors do, and rates some of the answers."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import urllib3

from stack.programs import ProgramError
from stack.sample_traffic.visits import Visit
from stack.worker import stored_id

_CLIENTS = 4


@dataclass(frozen=True)
class Sent:
    """The ids of the exchanges that were sent, and of those that were rated."""

    exchanges: frozenset[str]
    rated: frozenset[str]

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.exchanges | other.exchanges, self.rated | other.rated)


def ask_all(worker_url: str, asked: list[Visit]) -> Sent:
    """Put all questions to the Worker, some at a time, and let those visitors rate the answers who do.

    Raises:
        ProgramError: it does not answer one.
    """
    pool = urllib3.PoolManager(maxsize=_CLIENTS)

    def post(visit: Visit, path: str, body: dict[str, str]) -> dict[str, Any]:
        response = pool.request("POST", worker_url + path, json=body, headers=visit.headers(), retries=False)
        if response.status not in {200, 202}:
            raise ProgramError(f"the Worker answered {response.status} to {body}: {response.data[:200]!r}")
        answer: dict[str, Any] = response.json()
        return answer

    def ask(visit: Visit) -> str:
        answer = post(visit, "/query", {"question": visit.question, "session": visit.session})
        visible_id = str(answer["id"])
        if visit.rates:
            post(visit, "/feedback", {"id": visible_id, "rating": visit.rating(answer["answer"])})
        return stored_id(visible_id)

    with ThreadPoolExecutor(_CLIENTS) as clients:
        ids = list(clients.map(ask, asked))
    return Sent(
        frozenset(ids), frozenset(identifier for identifier, visit in zip(ids, asked, strict=True) if visit.rates)
    )
