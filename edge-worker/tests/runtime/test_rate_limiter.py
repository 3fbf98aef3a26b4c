"""The Worker in workerd with a rate limiter bound, as the SDK's own wrapper of the binding calls it."""

from collections.abc import Iterator
from typing import Any

import pytest

import workerd
from configuration import Bindings
from edge_worker.names import without_proof
from queue_server import QueueServer
from worker_client import Worker

pytestmark = pytest.mark.runtime

KNOWN = "What is Edge Analytics?"
ALLOWED = 2


@pytest.fixture(scope="module")
def limited_worker(queue_server: tuple[QueueServer, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    log = tmp_path_factory.mktemp("limited-worker") / "log"
    with (
        log.open("wb") as file,
        workerd.worker(queue_server[1], bindings=Bindings(rate_limit=ALLOWED), log=file) as url,
    ):
        yield Worker(url, log)


def test_a_visitor_above_the_limit_is_refused_and_recorded_and_others_are_served(
    limited_worker: Any, queue: QueueServer
) -> None:
    eager, other = {"CF-Connecting-IP": "192.0.2.7"}, {"CF-Connecting-IP": "192.0.2.8"}

    replies = [limited_worker.ask(KNOWN, eager) for _ in range(ALLOWED + 1)] + [limited_worker.ask(KNOWN, other)]

    assert [reply.status for reply in replies] == [200, 200, 429, 200]
    assert replies[2].json["error"]["code"] == "too_many_requests"
    outcomes = {event["id"]: event["outcome"] for event in queue.wait_for(len(replies))}
    assert [outcomes[without_proof(reply.headers["edge-analytics-id"])] for reply in replies] == [
        "answered",
        "answered",
        "refused",
        "answered",
    ]
