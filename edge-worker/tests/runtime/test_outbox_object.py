"""The Worker with its outbox in workerd, while the queue is down, slow, or refuses."""

import itertools
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import workerd
from configuration import Bindings
from edge_worker.names import without_proof
from queue_server import WAIT_SECONDS, QueueServer, take, wait_until
from worker_client import COLLECTOR_TOKEN, Worker

pytestmark = pytest.mark.runtime

KNOWN = "What is Edge Analytics?"
BEARER = {"Authorization": f"Bearer {COLLECTOR_TOKEN}"}
VARIABLES = {"COLLECTOR_TOKEN": COLLECTOR_TOKEN}
ALARM_SECONDS = 40


def down(_entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    return 503, {}


def wrong_key(_entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    return 403, {"__type": "com.amazon#InvalidClientTokenId"}


class Slow:
    """Takes what it is sent, but says so only once the Worker has given up waiting."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def __call__(self, entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        self.go_on.wait(WAIT_SECONDS)
        return take(entries)


@pytest.fixture
def worker(queue_server: tuple[QueueServer, str], queue: QueueServer, tmp_path: Path) -> Iterator[Worker]:
    log, storage = tmp_path / "log", tmp_path / "storage"
    storage.mkdir()
    bindings = Bindings(storage=storage)
    with (
        log.open("wb") as file,
        workerd.worker(queue_server[1], variables=VARIABLES, bindings=bindings, log=file) as url,
    ):
        yield Worker(url, log)


def waiting(worker: Worker) -> int:
    found: int = worker.send("GET", "/health", headers=BEARER).json["waiting"]
    return found


def arrived(queue: QueueServer) -> list[str]:
    """The ids of the events that the queue took, each once: it drops a repeated message, as SQS does."""
    return list(dict.fromkeys(event["id"] for event in queue.events))


def ask(worker: Worker, count: int) -> list[str]:
    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(lambda _: without_proof(worker.ask(KNOWN).json["id"]), range(count)))


def test_what_is_asked_while_the_queue_is_down_arrives_later_and_the_next_event_tells(
    worker: Worker, queue: QueueServer, contract: Draft7Validator
) -> None:
    queue.answer = down
    asked = ask(worker, 20)
    wait_until(lambda: waiting(worker) == 20, lambda: worker.log)
    asked.append(without_proof(worker.ask(KNOWN).json["id"]))
    wait_until(lambda: waiting(worker) == 21, lambda: worker.log)
    assert "waiting" not in worker.send("GET", "/health").json

    queue.answer = take
    wait_until(lambda: set(arrived(queue)) == set(asked), lambda: worker.log, ALARM_SECONDS)

    assert "event lost" not in worker.log
    told = [event for event in queue.events if "waiting" in event["origin"]]
    assert told
    assert told[-1]["origin"]["waiting"] >= 10
    contract.validate({"version": 1, "events": told})
    assert not any("lost_before" in event["origin"] for event in queue.events)
    wait_until(lambda: waiting(worker) == 0, lambda: worker.log)


@pytest.mark.parametrize("is_slow", [False, True], ids=["wrong key", "slow"])
def test_what_the_queue_refuses_or_is_slow_to_take_is_not_lost(
    worker: Worker, queue: QueueServer, is_slow: bool
) -> None:
    slow = Slow()
    queue.answer = slow if is_slow else wrong_key
    asked = ask(worker, 12)
    wait_until(lambda: "wait in the outbox" in worker.log, lambda: worker.log)
    queue.answer = take
    slow.go_on.set()

    wait_until(lambda: set(arrived(queue)) == set(asked), lambda: worker.log, ALARM_SECONDS)
    wait_until(lambda: waiting(worker) == 0, lambda: worker.log, ALARM_SECONDS)
    assert "event lost" not in worker.log


def test_a_queue_that_refuses_every_third_call_gets_everything(worker: Worker, queue: QueueServer) -> None:
    calls = itertools.count(1)
    queue.answer = lambda entries: take(entries) if next(calls) % 3 else wrong_key(entries)

    asked = ask(worker, 100)

    wait_until(lambda: set(arrived(queue)) == set(asked), lambda: worker.log, ALARM_SECONDS)
    assert "event lost" not in worker.log


def test_what_waits_outlives_a_worker_that_is_killed(
    queue_server: tuple[QueueServer, str], queue: QueueServer, tmp_path: Path
) -> None:
    log, storage = tmp_path / "log", tmp_path / "storage"
    storage.mkdir()
    queue.answer = down
    options: dict[str, Any] = {"variables": VARIABLES, "bindings": Bindings(storage=storage)}
    with log.open("wb") as file, workerd.running(queue_server[1], **options, log=file) as (url, process):
        worker = Worker(url, log)
        asked = ask(worker, 25)
        wait_until(lambda: waiting(worker) == 25, lambda: worker.log)
        process.send_signal(signal.SIGKILL)
        process.wait()
    queue.answer = take

    with log.open("ab") as file, workerd.worker(queue_server[1], **options, log=file) as url:
        # Without a request that would wake it.
        wait_until(lambda: set(arrived(queue)) == set(asked), lambda: log.read_text("utf-8"), ALARM_SECONDS)

    assert "event lost" not in log.read_text("utf-8")
