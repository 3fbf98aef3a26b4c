"""The unchanged Worker before a foreign chatbot, both on this machine."""

import http.client
import json
import re
import socket
import struct
import time
from collections.abc import Iterator
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft7Validator

import workerd
from chatbot_server import MAPPING, PIECES, Chatbot, serving
from configuration import Bindings
from edge_worker.names import without_proof
from queue_server import WAIT_SECONDS, QueueServer, wait_until
from worker_client import Worker

pytestmark = [pytest.mark.runtime, pytest.mark.usefixtures("bot")]

BODY_SECONDS = 10
READING_SECONDS = 0.3
QUESTION = {"messages": [{"role": "user", "content": "Why is ann@example.com here?"}]}
CHUNK = re.compile(rb"(?m)^[0-9A-Fa-f]+\r\ndata: ")


@pytest.fixture(scope="module")
def chatbot_server() -> Iterator[Any]:
    bot = Chatbot()
    with serving(bot) as address:
        yield bot, address


@pytest.fixture
def bot(chatbot_server: Any) -> Any:
    chatbot_server[0].reset()
    return chatbot_server[0]


@pytest.fixture(scope="module")
def proxy(
    queue_server: tuple[QueueServer, str], chatbot_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    log = tmp_path_factory.mktemp("proxy") / "log"
    variables = {"PROXY_MAPPING": json.dumps(MAPPING)}
    with (
        log.open("wb") as file,
        workerd.worker(
            queue_server[1], variables=variables, bindings=Bindings(upstream=chatbot_server[1]), log=file
        ) as url,
    ):
        yield Worker(url, log)


def ask(proxy: Any, path: Any = "/v1/chat/completions", **more: Any) -> Any:
    return proxy.send("POST", path, json.dumps({**QUESTION, **more}).encode(), {"Content-Type": "application/json"})


def test_an_exchange_passes_unchanged_and_is_recorded(
    proxy: Any, bot: Chatbot, queue: QueueServer, contract: Draft7Validator
) -> None:
    reply = ask(proxy)

    (event,) = queue.wait_for(1)
    contract.validate({"version": 1, "events": [event]})
    assert (reply.status, reply.json["choices"][0]["message"]["content"]) == (200, "Because.")
    assert without_proof(reply.headers["edge-analytics-id"]) == event["id"]
    assert reply.headers["content-length"] == str(len(reply.text))
    assert json.loads(bot.requests[0][3]) == QUESTION
    assert (event["question"], event["answer"], event["outcome"]) == ("Why is [email] here?", "Because.", "answered")
    assert event["model"] == {"name": "small-1", "input_tokens": 12, "output_tokens": 3}


def test_an_answer_is_streamed_as_it_comes(proxy: Any, bot: Chatbot, queue: QueueServer) -> None:
    bot.go_on.clear()
    connection = http.client.HTTPConnection(proxy.address, timeout=WAIT_SECONDS)
    body = json.dumps({**QUESTION, "stream": True})

    connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    first = response.readline()
    time.sleep(READING_SECONDS)
    bot.go_on.set()
    rest = response.read()
    connection.close()

    (event,) = queue.wait_for(1)
    assert b"piece 0" in first
    assert b"piece 5" in rest
    assert (event["answer"], event["outcome"]) == ("".join(PIECES).strip(), "answered")
    assert event["latency_ms"]["total"] - event["latency_ms"]["model"] >= READING_SECONDS * 900


def test_a_visitor_that_leaves_a_stream_has_abandoned_after_the_time_waited(
    proxy: Any, bot: Chatbot, queue: QueueServer
) -> None:
    bot.pause = 0.5
    connection = http.client.HTTPConnection(proxy.address, timeout=WAIT_SECONDS)
    connection.request(
        "POST", "/v1/chat", json.dumps({**QUESTION, "stream": True}), {"Content-Type": "application/json"}
    )
    connection.getresponse().readline()

    connection.close()

    (event,) = queue.wait_for(1)
    assert event["outcome"] == "abandoned"
    assert "piece 0" in event["answer"]
    assert 0 < event["latency_ms"]["total"] < bot.pause * len(PIECES) * 1000
    assert bot.broken_off.wait(WAIT_SECONDS), "the chatbot went on writing for nobody"


def stream(proxy: Worker, path: str) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(proxy.address, timeout=WAIT_SECONDS)
    body = json.dumps({**QUESTION, "stream": True})
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    return connection, connection.getresponse()


def test_an_upstream_that_breaks_off_is_an_error_for_the_visitor_as_well(
    proxy: Worker, bot: Chatbot, queue: QueueServer
) -> None:
    connection, response = stream(proxy, "/breaks-off")

    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()

    (event,) = queue.wait_for(1)
    assert (event["outcome"], event["answer"]) == ("error", "".join(PIECES).strip())


def test_a_visitor_who_closes_after_the_last_event_has_not_abandoned(
    proxy: Worker, bot: Chatbot, queue: QueueServer
) -> None:
    connection, response = stream(proxy, "/lingers")
    while b"[DONE]" not in response.readline():
        pass
    reset(connection)

    (event,) = queue.wait_for(1)
    bot.has_finished.set()
    assert (event["outcome"], event["answer"]) == ("answered", "".join(PIECES).strip())


def test_an_upload_may_take_longer_than_a_question_of_our_own(proxy: Worker, bot: Chatbot, queue: QueueServer) -> None:
    body = json.dumps(QUESTION).encode()
    head = f"POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(proxy.host_and_port, timeout=WAIT_SECONDS) as connection:
        connection.sendall(head.encode() + body[:10])
        time.sleep(BODY_SECONDS + 0.5)
        connection.sendall(body[10:])
        answer = connection.recv(4096)

    (event,) = queue.wait_for(1)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert (bot.requests[0][3], event["outcome"]) == (body, "answered")


def test_chunks_reach_the_visitor_as_they_left_the_chatbot(proxy: Worker, bot: Any, queue: QueueServer) -> None:
    # Each leaves when the one before has arrived: on a busy machine, two that came together would leave as one.
    arrived: SimpleQueue[None] = SimpleQueue()
    bot.go_on = SimpleNamespace(wait=arrived.get)
    body = json.dumps({**QUESTION, "stream": True}).encode()
    head = f"POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    content = b""
    with socket.create_connection(proxy.host_and_port, timeout=WAIT_SECONDS) as connection:
        connection.sendall(head.encode() + body)
        while not content.endswith(b"\r\n0\r\n\r\n"):
            before = len(CHUNK.findall(content))
            content += connection.recv(4096)
            for _ in CHUNK.findall(content)[before:]:
                arrived.put(None)

    queue.wait_for(1)
    assert len(CHUNK.findall(content)) == len(PIECES)


def reset(connection: http.client.HTTPConnection) -> None:
    """Close a connection so that the other side notices at once."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_visitor_that_leaves_before_the_answer_has_abandoned(proxy: Any, bot: Chatbot, queue: QueueServer) -> None:
    bot.pause = 3.0
    connection = http.client.HTTPConnection(proxy.address, timeout=WAIT_SECONDS)
    connection.request("POST", "/slow", json.dumps(QUESTION), {"Content-Type": "application/json"})
    wait_until(lambda: bot.requests, lambda: "the chatbot was not asked")
    reset(connection)

    (event,) = queue.wait_for(1)

    assert event["outcome"] == "abandoned"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_requests_pass_unchanged_and_unrecorded(
    proxy: Any, bot: Chatbot, queue: QueueServer, method: str
) -> None:
    begun = time.time() * 1000

    reply = proxy.send(method, "/any/path?a=1&b=%20", b"x" * 100 if method == "PUT" else None, {"X-Mine": "kept"})

    assert (reply.status, reply.text, reply.headers["x-own"]) == (200, "<h1>Chat</h1>", "kept")
    assert "edge-analytics-id" not in reply.headers
    (seen_method, seen_path, seen_headers, seen_body) = bot.requests[0]
    assert (seen_method, seen_path, seen_headers["x-mine"]) == (method, "/any/path?a=1&b=%20", "kept")
    assert len(seen_body) == (100 if method == "PUT" else 0)
    assert not [event for event in queue.events if event["asked_at"] >= begun]


def test_a_redirect_is_the_visitor_s_to_follow(proxy: Any, bot: Chatbot, queue: QueueServer) -> None:
    reply = ask(proxy, "/redirect")

    queue.wait_for(1)
    assert (reply.status, reply.headers["location"], len(bot.requests)) == (307, "/elsewhere", 1)


def test_a_large_upload_passes(proxy: Any, bot: Chatbot) -> None:
    reply = proxy.send(
        "POST", "/upload", json.dumps({"file": "x" * 3_000_000}).encode(), {"Content-Type": "application/json"}
    )

    assert reply.status == 200
    assert len(bot.requests[0][3]) > 3_000_000


def test_a_busy_chatbot_s_429_passes_and_is_recorded_as_an_error(proxy: Any, queue: QueueServer) -> None:
    reply = ask(proxy, "/busy")

    (event,) = queue.wait_for(1)
    assert (reply.status, event["outcome"]) == (429, "error")


def test_a_chatbot_that_hangs_up_is_an_error(proxy: Any, queue: QueueServer) -> None:
    reply = ask(proxy, "/broken")

    (event,) = queue.wait_for(1)
    assert (reply.status, reply.json["error"]["code"], event["outcome"]) == (502, "upstream_unreachable", "error")


def test_answers_of_the_chatbot_can_be_rated(proxy: Any, queue: QueueServer) -> None:
    answered = ask(proxy).headers["edge-analytics-id"]
    rating = json.dumps({"id": answered, "rating": "up"}).encode()

    reply = proxy.send("POST", "/edge-analytics/feedback", rating)

    assert reply.status == 202
    assert {event["type"] for event in queue.wait_for(2)} == {"exchange", "feedback"}
