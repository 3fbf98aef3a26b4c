"""The files in `traces/` are what real exporters sent of one conversation, each by its own instrumentation."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from edge_worker.formats.exchange import Answer, Unrecorded
from edge_worker.traces.otlp import read_spans
from edge_worker.traces.trace import read_trace
from scene import Scene

TOKEN = "a-token-of-sixteen"
HEADERS = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
FILES = sorted((Path(__file__).parent / "traces").glob("*.json"))
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.response.model": "m-1"}
ASKED = [{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}]
ANSWERED = [{"role": "assistant", "parts": [{"type": "text", "content": "Here."}], "finish_reason": "stop"}]
CALLED = [{"role": "assistant", "parts": [{"type": "tool_call", "name": "f", "arguments": {}}]}]


def value(plain: Any) -> dict[str, Any]:
    if isinstance(plain, bool):
        return {"boolValue": plain}
    if isinstance(plain, int):
        return {"intValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(each) for each in plain]}}
    if isinstance(plain, dict):
        return {"kvlistValue": {"values": pairs(plain)}}
    return {"stringValue": plain}


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": value(plain)} for name, plain in attributes.items()]


# One moment for all spans: those of one trace must not drift apart on a busy machine.
STARTED = int(time.time() * 1000) - 10_000


def span(attributes: dict[str, Any], number: int = 1, events: Any = (), trace: str = "a" * 32, **more: Any) -> Any:
    started = STARTED + number
    return {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "startTimeUnixNano": str(started * 1_000_000),
        "endTimeUnixNano": str((started + 100) * 1_000_000),
        "attributes": pairs(attributes),
        "events": [{"name": name, "attributes": pairs(event)} for name, event in events],
        **more,
    }


def export(*spans: Any) -> dict[str, Any]:
    return {
        "resourceSpans": [
            {"resource": {"attributes": pairs({"service.name": "bot"})}, "scopeSpans": [{"spans": list(spans)}]}
        ]
    }


def read(*spans: Any) -> Any:
    return read_trace([each for each in read_spans(export(*spans)) if each])


def send(*spans: Any, headers: Any = None) -> tuple[Scene, Any]:
    scene = Scene(collector_token=TOKEN)
    return scene, scene.post("/v1/traces", export(*spans), headers or HEADERS)


def in_words(messages: Any) -> str:
    return json.dumps(messages)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_traces_of_real_exporters_are_one_exchange_each(path: Path) -> None:
    spans = [each for each in read_spans(json.loads(path.read_text("utf-8"))) if each]
    has_tools = path.stem.startswith(("openai", "vercel"))

    found = read_trace(spans)

    assert not isinstance(found, Unrecorded)
    question, answer = found
    assert (question.text, question.tool_rounds) == ("Where is my parcel?", 1 if has_tools else 0)
    assert (answer.outcome, answer.text, answer.model) == ("answered", "It left today.", "gpt-4o")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == ((18, 10) if has_tools else (9, 5))


def test_the_session_of_langchain_and_of_the_vercel_ai_sdk_is_found() -> None:
    for path in FILES:
        if path.stem.startswith(("langchain", "vercel")):
            found = read_trace([each for each in read_spans(json.loads(path.read_text("utf-8"))) if each])
            assert not isinstance(found, Unrecorded)
            assert found[0].session == "s1"


@pytest.mark.parametrize(
    ("attributes", "events"),
    [
        ({"gen_ai.input.messages": in_words(ASKED), "gen_ai.output.messages": in_words(ANSWERED)}, []),
        ({"gen_ai.input.messages": ASKED, "gen_ai.output.messages": ANSWERED}, []),
        (
            {},
            [
                (
                    "gen_ai.client.inference.operation.details",
                    {"gen_ai.input.messages": ASKED, "gen_ai.output.messages": ANSWERED},
                )
            ],
        ),
        (
            {},
            [
                ("gen_ai.system.message", {"content": "Be kind."}),
                ("gen_ai.user.message", {"content": "Where?"}),
                ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": in_words({"content": "Here."})}),
            ],
        ),
        (
            {},
            [
                ("gen_ai.content.prompt", {"gen_ai.prompt": in_words([{"role": "user", "content": "Where?"}])}),
                (
                    "gen_ai.content.completion",
                    {"gen_ai.completion": in_words([{"role": "assistant", "content": "Here."}])},
                ),
            ],
        ),
        ({"gen_ai.prompt": "Where?", "gen_ai.completion": "Here."}, []),
        (
            {
                "gen_ai.prompt.0.role": "system",
                "gen_ai.prompt.0.content": "Be kind.",
                "gen_ai.prompt.1.role": "user",
                "gen_ai.prompt.1.content": "Where?",
                "gen_ai.completion.0.content": "Here.",
            },
            [],
        ),
        (
            {
                "llm.prompts.0.role": "user",
                "llm.prompts.0.content": "Where?",
                "llm.completions.0.content": "Here.",
                "llm.request.type": "chat",
            },
            [],
        ),
        (
            {
                "llm.input_messages.0.message.role": "user",
                "llm.input_messages.0.message.contents.0.message_content.type": "text",
                "llm.input_messages.0.message.contents.0.message_content.text": "Where?",
                "llm.output_messages.0.message.content": "Here.",
            },
            [],
        ),
        (
            {
                "ai.prompt.messages": in_words([{"role": "user", "content": [{"type": "text", "text": "Where?"}]}]),
                "ai.response.text": "Here.",
            },
            [],
        ),
    ],
    ids=[
        "current",
        "structured",
        "details event",
        "message events",
        "content events",
        "texts",
        "openllmetry",
        "old openllmetry",
        "openinference",
        "vercel",
    ],
)
def test_every_convention_says_what_was_asked_and_answered(attributes: Any, events: Any) -> None:
    question, answer = read(span({**CHAT, **attributes}, events=events))

    assert (question.text, answer.text, answer.outcome, answer.model) == ("Where?", "Here.", "answered", "m-1")


@pytest.mark.parametrize(
    ("attributes", "status", "outcome"),
    [
        ({"gen_ai.response.finish_reasons": ["length"]}, 0, "partial"),
        ({"gen_ai.response.finish_reasons": ["content_filter"]}, 0, "refused"),
        ({"llm.finish_reason": "length"}, 1, "partial"),
        ({}, 2, "error"),
    ],
)
def test_a_trace_says_what_became_of_the_question(attributes: Any, status: int, outcome: str) -> None:
    said = {"gen_ai.input.messages": ASKED, "gen_ai.output.messages": ANSWERED}

    _, answer = read(span({**CHAT, **said, **attributes}, status={"code": status}))

    assert answer.outcome == outcome


def test_usage_and_rounds_of_all_calls_are_counted() -> None:
    old = {"gen_ai.usage.prompt_tokens": 9, "gen_ai.usage.completion_tokens": 5, "gen_ai.usage.cost": 0.5}
    new = {"gen_ai.usage.input_tokens": 1, "gen_ai.usage.output_tokens": 2, "gen_ai.usage.cache_read.input_tokens": 3}

    question, answer = read(
        span({**CHAT, **new, "gen_ai.input.messages": ASKED, "gen_ai.output.messages": ANSWERED}, 3),
        span({**CHAT, **old, "gen_ai.input.messages": ASKED, "gen_ai.output.messages": CALLED}, 1),
        span({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "f"}, 2),
    )

    usage = answer.usage
    assert question.tool_rounds == 1
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.cost_usd) == (10, 7, 3, 0.5)


def test_what_the_outer_span_was_asked_comes_before_what_the_model_was_given() -> None:
    stuffed = [{"role": "user", "parts": [{"type": "text", "content": "Context: … Question: Where?"}]}]

    question, answer = read(
        span({"openinference.span.kind": "CHAIN", "input.value": "Where?", "output.value": "Here."}, 1),
        span({**CHAT, "gen_ai.input.messages": stuffed, "gen_ai.output.messages": ANSWERED}, 2),
    )

    assert (question.text, answer.text) == ("Where?", "Here.")


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.operation.name": "embeddings", "gen_ai.input.messages": ASKED},
        {"http.request.method": "GET"},
        {**CHAT, "gen_ai.output.messages": ANSWERED},
        {**CHAT, "gen_ai.input.messages": ASKED, "gen_ai.output.messages": CALLED},
        {"openinference.span.kind": "RETRIEVER", "input.value": "Where?"},
    ],
)
def test_spans_without_question_or_answer_are_not_recorded(attributes: Any) -> None:
    assert isinstance(read(span(attributes)), Unrecorded)


def test_spans_of_one_trace_are_one_exchange_of_the_contract(contract: Draft7Validator) -> None:
    said = {
        "gen_ai.input.messages": ASKED,
        "gen_ai.output.messages": ANSWERED,
        "gen_ai.conversation.id": "ann@example.com",
    }

    scene, response = send(span({**CHAT, **said}), span({**CHAT, **said}, trace="b" * 32), span({"a": 1}, 2))

    contract.validate({"version": 1, "events": scene.events})
    assert (response.status, response.body, len(scene.events)) == (200, {}, 2)
    assert (scene.events[0]["question"], scene.events[0]["latency_ms"]) == ("Where?", {"total": 101})
    assert "ann" not in scene.events[0]["session"]


def test_parts_of_a_trace_that_come_apart_have_one_id() -> None:
    said = {"gen_ai.input.messages": ASKED, "gen_ai.output.messages": ANSWERED}
    scene = Scene(collector_token=TOKEN)

    scene.post("/v1/traces", export(span({**CHAT, **said}, 2)), HEADERS)
    scene.post(
        "/v1/traces",
        export(span({"openinference.span.kind": "CHAIN", "input.value": "Where?", "output.value": "Here."})),
        HEADERS,
    )

    assert len(scene.events) == 2
    assert len({event["id"] for event in scene.events}) == 1


def test_a_compressed_export_is_read() -> None:
    said = {"gen_ai.input.messages": ASKED, "gen_ai.output.messages": ANSWERED}
    scene = Scene(collector_token=TOKEN)
    body = gzip.compress(json.dumps(export(span({**CHAT, **said}))).encode())

    scene.request("POST", "/v1/traces", body, {**HEADERS, "content-encoding": "gzip"})

    assert [event["answer"] for event in scene.events] == ["Here."]


def test_what_cannot_be_read_is_counted_in_the_reply() -> None:
    _, response = send({"traceId": "a"}, {"spanId": "b"}, 5)

    assert response.body["partialSuccess"]["rejectedSpans"] == "3"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {}, 401),
        (b"x", HEADERS, 400),
        (b"[" * 9999, HEADERS, 400),
        (b"{}", HEADERS, 400),
        (b"\x0a", {**HEADERS, "content-type": "application/x-protobuf"}, 415),
    ],
)
def test_what_is_no_export_is_refused_with_a_reason(body: bytes, headers: Any, status: int) -> None:
    response = Scene(collector_token=TOKEN).request("POST", "/v1/traces", body, headers)

    assert (response.status, bool(response.body["error"]["message"])) == (status, True)


names = st.sampled_from(
    [
        *CHAT,
        "input.value",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.prompt.0.content",
        "llm.input_messages.0.message.role",
        "openinference.span.kind",
        "traceId",
        "startTimeUnixNano",
        "attributes",
        "key",
        "value",
        "stringValue",
        "arrayValue",
        "values",
        "resourceSpans",
        "scopeSpans",
        "spans",
        "events",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)


@given(anything, st.dictionaries(names, st.text(max_size=4) | st.lists(st.dictionaries(names, st.text(max_size=4)))))
def test_no_export_makes_the_reader_fail(document: Any, attributes: Any) -> None:
    for each in (document, {"resourceSpans": document}, {"resourceSpans": [{"scopeSpans": [{"spans": document}]}]}):
        list(read_spans(each))

    found = read(span({**CHAT, **attributes}))

    assert isinstance(found, Unrecorded) or isinstance(found[1], Answer)
