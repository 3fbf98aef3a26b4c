"""The unchanged Worker in workerd, with a queue on this machine."""

import itertools
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import workerd
from edge_worker.names import without_proof
from queue_server import WAIT_SECONDS, QueueServer, fail, take, wait_until
from worker_client import COLLECTOR_TOKEN, Worker

pytestmark = pytest.mark.runtime

KNOWN = "What is Edge Analytics?"
BODY_SECONDS = 10
BEARER = {"Authorization": f"Bearer {COLLECTOR_TOKEN}"}


def test_a_question_is_answered_and_recorded(worker: Worker, queue: QueueServer, contract: Draft7Validator) -> None:
    reply = worker.ask(KNOWN, {"CF-Connecting-IP": "192.0.2.7", "Accept-Language": "en-GB"}, session="s1")

    (event,) = queue.wait_for(1)
    assert (reply.status, reply.json["outcome"]) == (200, "answered")
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["edge-analytics-id"] == reply.json["id"]
    assert without_proof(reply.json["id"]) == event["id"]
    contract.validate({"version": 1, "events": [event]})
    assert (event["question"], event["language"]) == (KNOWN, "en-GB")
    assert len(event["session"]) == 32
    assert len(event["visitor"]) == 16


def test_the_message_goes_signed_to_the_host_of_the_queue_in_a_group_of_its_own(
    worker: Worker, queue: QueueServer
) -> None:
    reply = worker.ask(KNOWN)

    queue.wait_for(1)
    (message,) = queue.messages
    assert queue.hosts == ["sqs.eu-west-2.amazonaws.com"]
    assert message["MessageGroupId"] == without_proof(reply.json["id"])
    assert message["MessageDeduplicationId"].startswith(f"{without_proof(reply.json['id'])}:exchange:")


def test_the_answer_does_not_wait_for_the_queue(worker: Worker, queue: QueueServer) -> None:
    answered = threading.Event()
    queue.answer = lambda entries: take(entries) if answered.wait(WAIT_SECONDS) else fail(entries)

    worker.ask(KNOWN)
    answered.set()

    queue.wait_for(1)
    assert len(queue.hosts) == 1


def test_a_queue_that_fails_once_gets_the_event_again(worker: Worker, queue: QueueServer) -> None:
    answers = iter([fail])
    queue.answer = lambda entries: next(answers, take)(entries)  # noqa: PLW0108 - next() is called each time

    worker.ask(KNOWN)

    queue.wait_for(1)
    assert len(queue.hosts) == 2


def test_a_lost_event_is_logged_without_its_text_and_counted_in_the_next(worker: Worker, queue: QueueServer) -> None:
    queue.answer = lambda _entries: (403, {"__type": "com.amazonaws.sqs#AccessDenied"})
    lost = without_proof(worker.ask("A question nobody hears").json["id"])
    wait_until(lambda: lost in worker.log, lambda: worker.log)
    lines = [line for line in worker.log_lines if line.get("id") == lost]
    queue.reset()

    worker.ask(KNOWN)

    (event,) = queue.wait_for(1)
    assert event["origin"]["lost_before"] == 1
    assert [(line["message"], line["reason"]) for line in lines] == [("event lost", "AccessDenied")]
    assert "nobody hears" not in worker.log


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/query", b"", 400, "invalid_json"),
        ("POST", "/query", b"no json", 400, "invalid_json"),
        ("POST", "/query", b'{"question": "\xff"}', 400, "invalid_encoding"),
        ("POST", "/query", b"[" * 65_000, 400, "invalid_json"),
        ("POST", "/query", b'{"question":' * 5_000, 400, "invalid_json"),
        ("POST", "/query", b'{"question": ' + b"9" * 60_000 + b"}", 400, "invalid_json"),
        ("POST", "/query", json.dumps({"question": "x" * 2001}).encode(), 400, "question_too_long"),
        ("POST", "/query", b"x" * 10_000_000, 413, "body_too_large"),
        ("GET", "/query", None, 405, "method_not_allowed"),
        ("DELETE", "/query", None, 405, "method_not_allowed"),
        ("GET", "/nothing/here?question=x", None, 404, "not_found"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_bad_request_gets_a_code(
    worker: Worker, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    reply = worker.send(method, path, body)

    assert (reply.status, reply.json["error"]["code"]) == (status, code)
    assert worker.send("GET", "/health").status == 200


def test_a_large_body_of_unknown_length_is_refused(worker: Worker) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 100_000

    reply = worker.send("POST", "/query", chunks())

    assert (reply.status, reply.json["error"]["code"]) == (413, "body_too_large")


def test_a_rating_follows_its_answer(worker: Worker, queue: QueueServer, contract: Draft7Validator) -> None:
    answered = worker.ask(KNOWN).json["id"]

    reply = worker.send("POST", "/feedback", json.dumps({"id": answered, "rating": "down", "comment": "No"}).encode())

    exchange, feedback = queue.wait_for(2)
    contract.validate({"version": 1, "events": [feedback]})
    assert reply.status == 202
    assert (feedback["id"], feedback["rating"], feedback["comment"]) == (exchange["id"], "down", "No")


def test_events_of_other_programs_are_collected_in_one_request(
    worker: Worker, queue: QueueServer, contract: Draft7Validator
) -> None:
    events = [{"question": f"Question {number}?", "answer": "Yes."} for number in range(20)]

    reply = worker.send("POST", "/v1/events", json.dumps({"events": events}).encode(), BEARER)

    found = queue.wait_for(20)
    contract.validate({"version": 1, "events": found})
    assert (reply.status, reply.json["accepted"], len(queue.messages)) == (202, 20, 1)
    assert [event["id"] for event in found] == [verdict["id"] for verdict in reply.json["events"]]


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer \xfc"])
def test_a_wrong_token_collects_nothing(worker: Worker, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    reply = worker.send("POST", "/v1/events", b'{"events": [{"question": "Why?"}]}', headers)

    assert (reply.status, reply.json["error"]["code"]) == (401, "unauthorised")


def test_a_foreign_page_may_not_ask(worker: Worker) -> None:
    reply = worker.ask(KNOWN, {"Origin": "https://evil.example"})

    assert (reply.status, reply.json["error"]["code"]) == (403, "origin_not_allowed")


def test_an_opted_out_visitor_leaves_no_words(worker: Worker, queue: QueueServer) -> None:
    worker.ask(KNOWN, {"Sec-GPC": "1", "CF-Connecting-IP": "192.0.2.7"})

    (event,) = queue.wait_for(1)
    assert {"question", "answer", "visitor", "user_agent"}.isdisjoint(event)


def test_a_client_that_sends_slowly_is_told_so_and_holds_up_nobody(worker: Worker) -> None:
    with socket.create_connection(worker.host_and_port, timeout=60) as connection:
        connection.sendall(b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
        begun = time.monotonic()
        assert worker.ask(KNOWN).status == 200
        assert time.monotonic() - begun < BODY_SECONDS
        answer = b""
        while b"}}" not in answer and (piece := connection.recv(4096)):
            answer += piece

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"body_too_slow" in answer


def test_what_was_made_is_what_arrived_and_what_is_reported_lost(
    queue_server: tuple[QueueServer, str], queue: QueueServer, tmp_path: Path
) -> Any:
    """The queue fails every third call. A worker of its own, so that its count begins at 1."""
    calls = itertools.count(1)
    refused: set[str] = set()

    def fail_every_third(entries: Any) -> Any:
        if next(calls) % 3:
            return take(entries)
        refused.update(entry["MessageGroupId"] for entry in entries)
        return 403, {"__type": "AccessDenied"}

    queue.answer = fail_every_third
    log = tmp_path / "log"
    with log.open("wb") as file, workerd.worker(queue_server[1], log=file) as url, ThreadPoolExecutor(10) as pool:
        worker = Worker(url, log)
        statuses = list(pool.map(lambda _: worker.ask(KNOWN).status, range(300)))
        wait_until(
            lambda: len({event["id"] for event in queue.events}) + worker.log.count("event lost") >= 300,
            lambda: f"the queue has {len(queue.events)} events",
        )
        queue.answer = take
        worker.ask(KNOWN)
        events = queue.wait_until(lambda events: any(event["origin"]["sequence"] == 301 for event in events))

    origins = [event["origin"] for event in events]
    assert statuses == [200] * 300
    assert {origin["isolate"] for origin in origins} == {origins[0]["isolate"]}
    assert len({origin["sequence"] for origin in origins}) == len(origins) == 301 - len(refused)
    assert sum(1 + origin.get("lost_before", 0) for origin in origins) == 301
    assert {line["id"] for line in worker.log_lines} == refused
    # 300 events are 30 requests at least, however they share them, and each third was refused.
    assert len(refused) >= 10


def test_a_visitor_that_leaves_while_asking_harms_nobody(worker: Worker) -> None:
    with socket.create_connection(worker.host_and_port) as connection:
        connection.sendall(b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")

    assert worker.ask(KNOWN).status == 200


def test_no_traceback_reached_the_log(worker: Worker) -> None:
    worker.ask(KNOWN)

    assert "Traceback" not in worker.log


def test_a_worker_without_its_secrets_says_which_in_its_log_only(
    queue_server: tuple[QueueServer, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file, workerd.worker(queue_server[1], variables={"VISITOR_KEY": ""}, log=file) as url:
        reply = Worker(url, log).send("GET", "/health")

    assert (reply.status, reply.json["error"]["code"]) == (500, "misconfigured")
    assert "VISITOR_KEY" not in reply.text
    assert "VISITOR_KEY is not set" in log.read_text(encoding="utf-8")


def test_without_a_queue_visitors_notice_nothing_and_the_log_tells_what_was_lost(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with socket.socket() as taken, log.open("wb") as file:
        taken.bind(("127.0.0.1", 0))  # and nobody listens, nor can anybody begin to
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        with workerd.worker(nobody, log=file) as url:
            worker = Worker(url, log)
            reply = worker.ask(KNOWN)
            wait_until(lambda: worker.log_lines, lambda: worker.log)

    assert reply.status == 200
    assert [(line["message"], line["id"], line["attempts"]) for line in worker.log_lines] == [
        ("event lost", without_proof(reply.json["id"]), 3)
    ]
    assert "no reply" in worker.log_lines[0]["reason"]


def test_the_command_line_prints_the_url_and_stops_when_told(
    queue_server: tuple[QueueServer, str], tmp_path: Path
) -> None:
    knowledge = tmp_path / "knowledge.json"
    entry = {"id": "1", "question": "Is this mine?", "answer": "It is.", "source": "own"}
    knowledge.write_text(json.dumps({"entries": [entry]}), encoding="utf-8")
    command = [sys.executable, workerd.__file__, "--aws", queue_server[1], "--var", "SITE=a.example"]

    with subprocess.Popen(
        [*command, "--knowledge", knowledge], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        worker = Worker(process.stdout.readline().strip(), tmp_path / "log")
        health, reply = worker.send("GET", "/health"), worker.ask("Is this mine?")
        # As where make hands the signal on: none of them leaves workerd behind.
        for _ in range(5):
            process.terminate()
            time.sleep(0.002)

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(worker.host_and_port)
    assert health.json == {"status": "ok", "site": "a.example", "entries": 1}
    assert reply.json["answer"] == "It is."
    assert process.returncode == 0
