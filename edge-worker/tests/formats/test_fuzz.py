"""No request and no reply makes the readers fail, or an event break the contract."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from edge_worker.event import Exchange, exchange_event
from edge_worker.formats.encoding import decoded_reply
from edge_worker.formats.exchange import Answer, AskedRequest, Question
from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.formats.reader import ExchangeReader
from edge_worker.origin import Origin
from replies import ASKED, PATHS, question

WORDS = [
    "messages",
    "input",
    "contents",
    "prompt",
    "role",
    "user",
    "assistant",
    "tool",
    "content",
    "parts",
    "text",
    "type",
    "input_text",
    "tool_use",
    "tool_result",
    "tool_calls",
    "functionCall",
    "function_call",
    "choices",
    "message",
    "delta",
    "index",
    "finish_reason",
    "length",
    "usage",
    "prompt_tokens",
    "output",
    "response",
    "status",
    "error",
    "candidates",
    "content_block_delta",
    "message_start",
    "response.completed",
    "response.output_text.delta",
    "done",
    "model",
    "previous_response_id",
    "metadata",
    "session_id",
    "refusal",
    "<think>",
    "</think>",
    "stop_reason",
    "finishReason",
]
WHOLE = ("question", "answer", "answer_delta", "score", "model", "input_tokens", "error")
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=5)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=25,
)
types = st.sampled_from(["application/json", "text/event-stream", "application/x-ndjson", "text/plain", ""])
readers = st.sampled_from(
    [None, ExchangeMapping.parse(json.dumps({**dict.fromkeys(WHOLE, "$"), "outcome": "*", "sources": "*"}))]
)


def validate(contract: Draft7Validator, answer: Answer) -> None:
    exchange = Exchange("019aa6c5-1c00-7abc-8def-0123456789ab", "docs.example.com", 0)
    answer.give(exchange)
    contract.validate({"version": 1, "events": [exchange_event(exchange, Origin("k3x9q2ab", 1))]})


@given(documents | st.dictionaries(st.sampled_from(WORDS), documents), st.sampled_from([*PATHS.values(), "/"]), readers)
def test_no_request_makes_the_reader_fail(document: Any, path: str, mapping: ExchangeMapping | None) -> None:
    reader = ExchangeReader(mapping=mapping)

    found = reader.read_request(AskedRequest("POST", path, {}, json.dumps(document).encode()))

    assert not isinstance(found, Question) or found.text


@pytest.mark.parametrize("name", PATHS)
@given(st.lists(documents, max_size=12), types, st.integers(200, 599), readers)
def test_no_reply_of_json_breaks_the_event(
    contract: Draft7Validator, name: str, replies: list[Any], kind: str, status: int, mapping: ExchangeMapping | None
) -> None:
    reader = ExchangeReader(mapping=mapping)
    texts = [json.dumps(each) for each in replies]
    body = "\n".join(texts) if kind != "text/event-stream" else "".join(f"data: {text}\n\n" for text in texts)
    asks = question(ASKED[name], PATHS[name], reader=reader) if mapping is None else Question("Why?", "mapping")

    found = reader.read_reply(asks, decoded_reply(status, {"content-type": kind}, body.encode()))

    if isinstance(found, Answer):
        validate(contract, found)


@given(st.binary(max_size=300), types, st.sampled_from(["", "gzip", "deflate", "br", "zstd", "gzip, br", "x"]), readers)
def test_no_bytes_break_the_event(
    contract: Draft7Validator, body: bytes, kind: str, coding: str, mapping: ExchangeMapping | None
) -> None:
    reader = ExchangeReader(mapping=mapping)
    asks = Question("Why?", "openai-chat" if mapping is None else "mapping")

    found = reader.read_reply(asks, decoded_reply(200, {"content-type": kind, "content-encoding": coding}, body))

    assert isinstance(found, Answer)
    validate(contract, found)


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 200_000, b"}\n" + b"\n" * 200_000, b"data:" * 100_000])
@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", "application/x-ndjson"])
def test_hostile_replies_are_read_in_no_time(body: bytes, kind: str) -> None:
    found = ExchangeReader().read_reply(
        Question("Why?", "openai-chat"), decoded_reply(200, {"content-type": kind}, b"{" + body)
    )

    assert isinstance(found, Answer)
