"""The Worker as another Worker calls it, by RPC."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import workerd
from configuration import Bindings
from edge_worker.identifier import random_id
from edge_worker.names import without_proof
from queue_server import QueueServer
from worker_client import Worker

pytestmark = pytest.mark.runtime

CALLER = Path(__file__).with_name("rpc_caller.mjs")


@pytest.fixture(scope="module")
def caller(queue_server: tuple[QueueServer, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    log = tmp_path_factory.mktemp("caller") / "log"
    with log.open("wb") as file, workerd.worker(queue_server[1], bindings=Bindings(caller=CALLER), log=file) as url:
        yield Worker(url, log)


def call(caller: Worker, method: str, argument: Any) -> dict[str, Any]:
    return caller.send("POST", "/", json.dumps({"method": method, "argument": argument}).encode()).json


def test_another_worker_records_an_exchange_and_gets_its_id(
    caller: Worker, queue: QueueServer, contract: Draft7Validator
) -> None:
    exchange = {
        "question": "Why?",
        "answer": "Because.",
        "score": 0.5,
        "sources": ["faq/1"],
        "latency_ms": {"total": 7},
    }

    exchange_id = call(caller, "track", exchange)["value"]

    (event,) = queue.wait_for(1)
    contract.validate({"version": 1, "events": [event]})
    assert (event["id"], event["question"], event["answer"]) == (without_proof(exchange_id), "Why?", "Because.")
    assert (event["score"], event["sources"], event["latency_ms"]) == (0.5, ["faq/1"], {"total": 7})


def test_another_worker_rates_an_exchange(caller: Worker, queue: QueueServer) -> None:
    rated = random_id(int(time.time() * 1000))

    result = call(caller, "feedback", {"id": rated, "rating": "down", "comment": "no"})

    (event,) = queue.wait_for(1)
    assert result == {"value": rated}
    assert (event["type"], event["id"], event["rating"], event["comment"]) == ("feedback", rated, "down", "no")


@pytest.mark.parametrize(
    ("method", "argument", "code"),
    [
        ("feedback", {"id": "no id", "rating": "up"}, "invalid_id"),
        ("track", {"question": ""}, "no_question"),
    ],
)
def test_another_worker_hears_what_is_wrong(caller: Worker, method: str, argument: dict[str, Any], code: str) -> None:
    assert code in call(caller, method, argument)["error"]
