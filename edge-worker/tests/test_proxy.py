import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from edge_worker.mapping import ExchangeMapping
from edge_worker.proxy import CAPTURE_BYTES
from edge_worker.web import ClientDisconnectedError
from scene import FakeReply, Scene

MAPPING = ExchangeMapping(question="q", answer="text", session="session")
JSON = {"content-type": "application/json"}


def ask(scene: Any, upstream: Any, document: Any = None, **more: Any) -> Any:
    body = json.dumps(document or {"q": "Why?", "session": "s1"}).encode()
    headers = JSON | {"content-length": str(len(body))}
    return scene.request("POST", "/chat", body, headers, upstream=upstream, **more)


def test_a_question_is_passed_on_unchanged_and_recorded(contract: Draft7Validator) -> None:
    scene = Scene(mapping=MAPPING)
    reply = FakeReply({"text": "Because."})

    response = ask(scene, reply)

    (event,) = scene.events
    contract.validate({"version": 1, "events": [event]})
    assert (response.status, response.upstream, response.relayed) == (200, reply, True)
    assert response.headers == {"edge-analytics-id": event["id"]}
    assert scene.served.forwarded == [b'{"q": "Why?", "session": "s1"}']
    assert (event["question"], event["answer"], event["outcome"], event["session"]) == (
        "Why?",
        "Because.",
        "answered",
        "s1",
    )
    assert event["latency_ms"]["total"] >= event["latency_ms"]["model"] >= 0


@pytest.mark.parametrize(
    ("method", "body", "headers"),
    [
        ("GET", b"", {}),
        ("POST", b"", JSON | {"content-length": "0"}),
        ("POST", b"q=Why", {"content-type": "application/x-www-form-urlencoded", "content-length": "5"}),
        ("POST", b'{"q": "Why?"}', JSON),
        ("POST", b'{"q": "Why?"}', JSON | {"content-length": "99999999"}),
        ("POST", b'{"other": 1}', JSON | {"content-length": "12"}),
    ],
    ids=["page", "empty", "form", "unknown length", "too long", "no question"],
)
def test_what_asks_nothing_passes_unrecorded(method: str, body: bytes, headers: Any) -> None:
    scene = Scene(mapping=MAPPING)
    reply = FakeReply(b"page")

    response = scene.request(method, "/any/path", body, headers, upstream=reply)

    assert (response.upstream, response.relayed, dict(response.headers), scene.events) == (reply, False, {}, [])


def test_a_reply_too_long_to_be_read_is_taken_for_an_answer() -> None:
    scene = Scene(mapping=MAPPING)

    ask(scene, FakeReply({"text": "x" * CAPTURE_BYTES}))

    (event,) = scene.events
    assert event["outcome"] == "answered"
    assert "answer" not in event


def test_a_visitor_that_leaves_before_the_end_has_abandoned() -> None:
    scene = Scene(mapping=MAPPING)

    ask(scene, FakeReply({"text": "Because."}, stays=False))

    assert [event["outcome"] for event in scene.events] == ["abandoned"]
    assert scene.events[0]["latency_ms"]["total"] >= 0


def test_a_visitor_that_leaves_before_the_answer_has_abandoned() -> None:
    scene = Scene(mapping=MAPPING)

    ask(scene, ClientDisconnectedError("left"))

    assert [event["outcome"] for event in scene.events] == ["abandoned"]


def test_an_upstream_that_does_not_answer_is_an_error() -> None:
    scene = Scene(mapping=MAPPING)

    response = ask(scene, OSError("refused"))

    assert (response.status, response.body["error"]["code"]) == (502, "upstream_unreachable")
    assert [(event["outcome"], event["id"]) for event in scene.events] == [
        ("error", response.headers["edge-analytics-id"])
    ]


def test_an_upstream_that_breaks_off_is_an_error() -> None:
    scene = Scene(mapping=MAPPING)

    ask(scene, FakeReply(b"", breaks=True))

    assert [event["outcome"] for event in scene.events] == ["error"]


def test_an_unreachable_upstream_is_told_also_where_nothing_was_asked() -> None:
    response = Scene(mapping=MAPPING).request("GET", "/", upstream=OSError("refused"))

    assert (response.status, response.body["error"]["code"]) == (502, "upstream_unreachable")


def test_a_visitor_over_the_limit_does_not_reach_the_upstream() -> None:
    scene = Scene(mapping=MAPPING)

    response = ask(scene, FakeReply({"text": "Because."}), allowed=False)

    assert (response.status, scene.served.forwarded) == (429, [])
    assert [event["outcome"] for event in scene.events] == ["refused"]


def test_the_worker_s_own_paths_move_out_of_the_way() -> None:
    scene = Scene(mapping=MAPPING)
    reply = FakeReply(b"")

    assert scene.request("GET", "/edge-analytics/health").body["status"] == "ok"
    assert all(
        scene.request("GET", path, upstream=reply).upstream is reply for path in ("/health", "/query", "/feedback")
    )
