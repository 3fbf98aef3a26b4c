import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from edge_worker.client_keys import MOST_KEYS
from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.names import without_proof
from edge_worker.proxy import CAPTURE_BYTES
from edge_worker.web import ClientDisconnectedError
from scene import FakeReply, Scene

MAPPING = ExchangeMapping.parse('{"question": "q", "answer": "text", "session": "session"}')
RECORDED_PATH = ExchangeMapping.parse('{"question": "q", "answer": "text", "record": ["/mine"]}')
CHAT = "/v1/chat/completions"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "Why?"}], "user": "ann@example.com"}
JSON = {"content-type": "application/json"}


def ask(scene: Any, upstream: Any, document: Any = None, path: str = "/chat", headers: Any = None, **more: Any) -> Any:
    body = json.dumps(document or {"q": "Why?", "session": "s1"}).encode()
    headers = JSON | {"content-length": str(len(body))} | (headers or {})
    return scene.request("POST", path, body, headers, upstream=upstream, **more)


def completion(text: Any, **message: Any) -> FakeReply:
    return FakeReply({"model": "m-1", "choices": [{"message": {"content": text, **message}, "finish_reason": "stop"}]})


def test_a_question_is_passed_on_unchanged_and_recorded(contract: Draft7Validator) -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)
    reply = FakeReply({"text": "Because."})

    response = ask(scene, reply)

    (event,) = scene.events
    contract.validate({"version": 1, "events": [event]})
    assert (response.status, response.upstream) == (200, reply)
    assert without_proof(response.headers["edge-analytics-id"]) == event["id"]
    assert scene.served.forwarded == [b'{"q": "Why?", "session": "s1"}']
    assert (event["question"], event["answer"], event["outcome"]) == ("Why?", "Because.", "answered")
    assert event["latency_ms"]["total"] >= event["latency_ms"]["model"] >= 0


@pytest.mark.parametrize(
    ("method", "body", "headers"),
    [
        ("GET", b"", {}),
        ("POST", b"", JSON | {"content-length": "0"}),
        ("POST", b"q=Why", {"content-type": "application/x-www-form-urlencoded", "content-length": "5"}),
        ("POST", b'{"q": "Why?"}', JSON | {"content-length": "99999999"}),
        ("POST", b'{"q": "' + b"x" * 1_048_576 + b'"}', JSON),
        ("POST", b'{"other": 1}', JSON | {"content-length": "12"}),
    ],
    ids=["page", "empty", "form", "too long", "too long in chunks", "no question"],
)
def test_what_asks_nothing_passes_unrecorded(method: str, body: bytes, headers: Any) -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)
    reply = FakeReply(b"page")

    response = scene.request(method, "/any/path", body, headers, upstream=reply)

    assert (response.upstream, dict(response.headers), scene.events) == (reply, {}, [])


QUESTION = b'{"q": "Why?"}'


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (QUESTION, JSON | {"content-length": "13"}),
        (QUESTION, JSON | {"transfer-encoding": "chunked"}),
        (QUESTION, {"content-type": "text/plain"}),
        (QUESTION, {}),
        (b" " * CAPTURE_BYTES + QUESTION, JSON),
        (b"\x1f\x8b gzip", JSON | {"content-encoding": "gzip"}),
        (b'{"Q": "Why?"}', JSON),
        (b"[" * 10_000, JSON),
    ],
    ids=["known length", "chunked", "plain text", "no type", "too long", "compressed", "no question", "nested"],
)
def test_no_form_of_a_question_passes_the_limit(body: bytes, headers: dict[str, str]) -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    response = scene.request("POST", "/chat", body, headers, upstream=FakeReply(b""), allowed=False)

    assert response.status == 429
    assert scene.served.forwarded == []
    assert "Why?" not in json.dumps(scene.events)


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "application/x-www-form-urlencoded", "x"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/chat", "/v1/responses", "/mine"])
def test_no_type_of_a_question_on_a_chats_path_passes_the_limit(path: str, kind: str) -> None:
    scene = Scene(is_proxy=True, mapping=RECORDED_PATH if path == "/mine" else None)
    body = b'{"q": "Why?", "input": "Why?", "messages": [{"role": "user", "content": "Why?"}]}'

    response = scene.request("POST", path, body, {"content-type": kind}, upstream=FakeReply(b""), allowed=False)

    assert response.status == 429
    assert [event["outcome"] for event in scene.events] == ["refused"]


def test_a_question_of_unknown_length_is_recorded() -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    scene.request("POST", "/chat", QUESTION, {"content-type": "text/plain"}, upstream=FakeReply({"text": "Because."}))

    assert [(event["question"], event["answer"]) for event in scene.events] == [("Why?", "Because.")]


def test_a_reply_too_long_to_be_read_is_taken_for_an_answer() -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    ask(scene, FakeReply({"text": "x" * CAPTURE_BYTES}))

    (event,) = scene.events
    assert event["outcome"] == "answered"
    assert "answer" not in event


def test_a_visitor_that_leaves_before_the_end_has_abandoned() -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    ask(scene, FakeReply({"text": "Because."}, stays=False))

    assert [event["outcome"] for event in scene.events] == ["abandoned"]
    assert scene.events[0]["latency_ms"]["total"] >= 0


def test_a_visitor_that_leaves_before_the_answer_has_abandoned() -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    ask(scene, ClientDisconnectedError("left"))

    assert [event["outcome"] for event in scene.events] == ["abandoned"]


def test_an_upstream_that_does_not_answer_is_an_error() -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    response = ask(scene, OSError("refused"))

    assert (response.status, response.body["error"]["code"]) == (502, "upstream_unreachable")
    assert [(event["outcome"], event["id"]) for event in scene.events] == [
        ("error", response.headers["edge-analytics-id"])
    ]


def test_an_upstream_that_breaks_off_is_an_error() -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    ask(scene, FakeReply(b"", breaks=True))

    assert [event["outcome"] for event in scene.events] == ["error"]


def test_an_unreachable_upstream_is_told_also_where_nothing_was_asked() -> None:
    response = Scene(is_proxy=True, mapping=MAPPING).request("GET", "/", upstream=OSError("refused"))

    assert (response.status, response.body["error"]["code"]) == (502, "upstream_unreachable")


def test_a_visitor_over_the_limit_does_not_reach_the_upstream() -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    response = ask(scene, FakeReply({"text": "Because."}), allowed=False)

    assert (response.status, scene.served.forwarded) == (429, [])
    assert [event["outcome"] for event in scene.events] == ["refused"]


def test_the_worker_s_own_paths_move_out_of_the_way() -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)
    reply = FakeReply(b"")

    assert scene.request("GET", "/edge-analytics/health").body["status"] == "ok"
    assert all(
        scene.request("GET", path, upstream=reply).upstream is reply for path in ("/health", "/query", "/feedback")
    )


def test_a_known_format_is_recorded_without_any_configuration(contract: Draft7Validator) -> None:
    scene = Scene(is_proxy=True)

    response = ask(scene, completion("Because."), ASKED, CHAT)

    (event,) = scene.events
    contract.validate({"version": 1, "events": [event]})
    assert (event["question"], event["answer"], event["model"]) == ("Why?", "Because.", {"name": "m-1"})
    assert without_proof(response.headers["edge-analytics-id"]) == event["id"]


def test_a_session_is_recorded_as_a_hash_only() -> None:
    scene = Scene(is_proxy=True)

    for user in ("ann@example.com", "ann@example.com", "bob"):
        ask(scene, completion("Because."), {**ASKED, "user": user}, CHAT)

    sessions = [event["session"] for event in scene.events]
    assert sessions[0] == sessions[1] != sessions[2]
    assert "ann" not in sessions[0]


def test_one_question_with_two_rounds_of_tools_is_one_exchange() -> None:
    scene = Scene(is_proxy=True)
    call = {"role": "assistant", "tool_calls": [{"id": "c"}]}
    result = {"role": "tool", "content": "in transit"}

    for rounds, reply in enumerate([completion(None, **call), completion(None, **call), completion("Because.")]):
        ask(scene, reply, {**ASKED, "messages": [*ASKED["messages"], *[call, result] * rounds]}, CHAT)

    assert [(event["question"], event["answer"], event["tool_rounds"]) for event in scene.events] == [
        ("Why?", "Because.", 2)
    ]


def test_an_answer_after_many_rounds_takes_the_place_of_what_was_recorded_in_case_none_came() -> None:
    scene = Scene(is_proxy=True)
    call = {"role": "assistant", "tool_calls": [{"id": "c"}]}
    result = {"role": "tool", "content": "in transit"}

    for rounds in range(9):
        reply = completion("Because.") if rounds == 8 else completion(None, **call)
        ask(scene, reply, {**ASKED, "messages": [*ASKED["messages"], *[call, result] * rounds]}, CHAT)

    abandoned, answered = scene.events
    assert abandoned["id"] == answered["id"]
    assert (abandoned["outcome"], abandoned["tool_rounds"]) == ("abandoned", 6)
    assert (answered["outcome"], answered["tool_rounds"]) == ("answered", 8)


def test_a_visitor_that_leaves_after_the_end_of_a_stream_was_answered() -> None:
    scene = Scene(is_proxy=True)
    stream = b'data: {"choices": [{"delta": {"content": "Because."}}]}\n\ndata: [DONE]\n\n'

    ask(scene, FakeReply(stream, content_type="text/event-stream", stays=False), ASKED, CHAT)

    assert [event["outcome"] for event in scene.events] == ["answered"]


@pytest.mark.parametrize(
    ("path", "document", "error"),
    [
        (
            CHAT,
            ASKED,
            {"error": {"message": "m", "type": "rate_limit_error", "param": None, "code": "too_many_requests"}},
        ),
        ("/v1/messages", ASKED, {"type": "error", "error": {"type": "rate_limit_error", "message": "m"}}),
        ("/api/chat", ASKED, {"error": "m"}),
        (
            "/v1beta/models/m:generateContent",
            {"contents": [{"parts": [{"text": "Why?"}]}]},
            {"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED"}},
        ),
    ],
)
def test_an_error_has_the_shape_of_the_format_and_says_when_to_try_again(path: str, document: Any, error: Any) -> None:
    response = ask(Scene(is_proxy=True), None, document, path, {"origin": "https://other.example"}, allowed=False)

    told = json.loads(json.dumps(response.body).replace("too many requests; try again in a minute", "m"))
    assert (response.status, told, response.headers["retry-after"]) == (429, error, "60")
    assert response.headers["access-control-allow-origin"] == "https://other.example"
    assert response.headers["access-control-expose-headers"] == "edge-analytics-id, retry-after"


@pytest.mark.parametrize("path", [CHAT, "/other"])
def test_an_unreachable_upstream_is_told_to_pages_of_other_origins(path: str) -> None:
    response = ask(Scene(is_proxy=True), OSError("no"), ASKED, path, {"origin": "https://other.example"})

    assert response.status == 502
    assert response.headers["access-control-allow-origin"] == "https://other.example"


@pytest.mark.parametrize(
    ("headers", "exposed"),
    [
        ({}, None),
        ({"access-control-allow-origin": "*"}, "edge-analytics-id"),
        (
            {"access-control-allow-origin": "*", "access-control-expose-headers": "x-request-id"},
            "x-request-id, edge-analytics-id",
        ),
    ],
)
def test_the_id_can_be_read_by_pages_that_may_read_the_reply(headers: Any, exposed: str | None) -> None:
    reply = completion("Because.")
    reply.headers |= headers

    response = ask(Scene(is_proxy=True), reply, ASKED, CHAT)

    assert response.headers.get("access-control-expose-headers") == exposed


def test_what_is_recorded_and_what_not_is_counted_for_those_with_the_token() -> None:
    scene = Scene(is_proxy=True, collector_token="a-token-of-sixteen-characters")
    ask(scene, completion("Because."), ASKED, CHAT)
    ask(scene, completion(None, tool_calls=[{"id": "c"}]), ASKED, CHAT)
    ask(scene, FakeReply({}), {"input": "x"}, "/v1/embeddings")
    ask(scene, FakeReply({}), {"messages": []}, CHAT)
    ask(scene, FakeReply({}), {"other": 1}, "/any")
    ask(scene, FakeReply(b"<html>"), ASKED, CHAT)

    bearer = {"authorization": "bearer a-token-of-sixteen-characters"}
    health = scene.request("GET", "/edge-analytics/health", headers=bearer).body

    assert "proxy" not in scene.request("GET", "/edge-analytics/health").body
    assert health["proxy"] == {
        "recorded": 2,
        "unreadable_replies": 1,
        "not_chat": 1,
        "no_question": 1,
        "tool_calls": 1,
        "unmatched": 1,
    }


@pytest.mark.parametrize(
    ("document", "message", "reason"),
    [
        ({"other": 1}, "no request could be read", "question (q)"),
        ({"q": "Why?"}, "no reply could be read", "PROXY_MAPPING"),
    ],
)
def test_a_mapping_that_matches_nothing_says_so_once(document: Any, message: str, reason: str) -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    for _ in range(45):
        ask(scene, FakeReply({"elsewhere": "Because."}), document)

    (line,) = scene.lines
    assert (line["message"], line["count"]) == (message, 20)
    assert reason in line["reason"]
    assert "preview" in line["advice"]


KEY = {"authorization": "Bearer sk-1"}


@pytest.mark.parametrize(
    ("headers", "settings", "status"),
    [
        ({}, {}, 429),
        (KEY, {}, 200),
        ({"x-api-key": "k"}, {}, 200),
        (KEY | {"origin": "https://www.example.com"}, {}, 429),
        (KEY | {"sec-fetch-mode": "cors"}, {}, 429),
        (KEY, {"limit_clients_with_keys": True}, 429),
    ],
    ids=["visitor", "backend", "backend of another kind", "page with a key", "browser", "limited by setting"],
)
def test_the_rate_limit_does_not_hit_a_backend_whose_key_the_upstream_takes(
    headers: Any, settings: Any, status: int
) -> None:
    scene = Scene(is_proxy=True, **settings)
    assert ask(scene, completion("Because."), ASKED, CHAT, headers).status == 200

    assert ask(scene, completion("Because."), ASKED, CHAT, headers, allowed=False).status == status


def limited(scene: Scene, headers: Any = KEY) -> bool:
    return bool(ask(scene, completion("Because."), ASKED, CHAT, headers, allowed=False).status == 429)


def test_a_key_that_nobody_has_seen_the_upstream_take_is_limited_as_a_visitor_is() -> None:
    scene = Scene(is_proxy=True)

    invented = [{"authorization": f"Bearer invented-{number}"} for number in range(3)]

    assert all(limited(scene, each) for each in [KEY, *invented])


def test_a_key_that_the_upstream_refuses_lifts_no_limit() -> None:
    scene = Scene(is_proxy=True)
    ask(scene, completion("Because."), ASKED, CHAT, KEY)
    ask(scene, FakeReply({"error": {}}, status=401), ASKED, CHAT, {"authorization": "Bearer guessed"})

    assert (limited(scene), limited(scene, {"authorization": "Bearer guessed"})) == (False, True)
    ask(scene, FakeReply({"error": {}}, status=401), ASKED, CHAT, KEY)
    assert limited(scene)


def test_no_key_lifts_the_limit_of_an_upstream_that_answers_without_one() -> None:
    scene = Scene(is_proxy=True)
    ask(scene, completion("Because."), ASKED, CHAT, KEY)
    ask(scene, FakeReply(b"<html>"), {"page": 1}, "/login")
    assert not limited(scene)

    ask(scene, completion("Because."), ASKED, CHAT)
    ask(scene, completion("Because."), ASKED, CHAT, KEY)

    assert limited(scene)


def test_few_keys_are_remembered() -> None:
    scene = Scene(is_proxy=True)
    for number in range(MOST_KEYS + 1):
        ask(scene, completion("Because."), ASKED, CHAT, {"x-api-key": f"k{number}"})

    assert (limited(scene, {"x-api-key": "k0"}), limited(scene, {"x-api-key": "k1"})) == (True, False)


@pytest.mark.parametrize(("allowed", "headers", "is_early"), [(True, {}, False), (True, KEY, True), (None, {}, True)])
def test_the_upstream_is_asked_at_once_where_no_limit_has_to_be_looked_at_first(
    allowed: Any, headers: Any, is_early: bool
) -> None:
    scene = Scene(is_proxy=True, mapping=MAPPING)

    for _ in range(2):  # what a key is worth is known from its first answer on
        ask(scene, FakeReply({"text": "Because."}), headers=headers, allowed=allowed)

    assert scene.served.is_early == is_early
