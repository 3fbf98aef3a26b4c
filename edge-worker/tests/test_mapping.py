import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from edge_worker.event import Exchange, Model, exchange_event
from edge_worker.mapping import ExchangeMapping
from edge_worker.origin import Origin

CHAT_COMPLETIONS = ExchangeMapping(
    question="messages.-1.content",
    session="user",
    answer="choices.0.message.content",
    answer_delta="choices.0.delta.content",
    model="model",
    input_tokens="usage.prompt_tokens",
    output_tokens="usage.completion_tokens",
)
OWN = ExchangeMapping(
    question="q", answer="reply.text", score="reply.score", sources="reply.sources.*.title", outcome="kind"
)


def read(mapping: Any, body: Any, status: Any = 200, content_type: Any = "application/json") -> Any:
    exchange = Exchange("019aa6c5-1c00-7abc-8def-0123456789ab", "docs.example.com", 0)
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    mapping.read_reply(exchange, status, content_type, content)
    return exchange


def events(*documents: Any) -> str:
    return "".join(f"data: {json.dumps(each)}\n\n" for each in documents) + "data: [DONE]\n\n"


def test_question_and_session_are_read_from_the_request() -> None:
    body = {"messages": [{"content": "Hi"}, {"content": "Why?"}], "user": "u1"}

    assert CHAT_COMPLETIONS.read_request(json.dumps(body).encode()) == ("Why?", "u1")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"messages": []}', b'{"messages": [{"content": 5}]}', b"\xff", b"[" * 9999]
)
def test_a_request_without_a_question_asks_none(body: bytes) -> None:
    assert CHAT_COMPLETIONS.read_request(body) == (None, None)


def test_parts_of_a_question_are_put_together() -> None:
    mapping = ExchangeMapping(question="parts.*.text")

    assert mapping.read_request(b'{"parts": [{"text": "Why "}, {"image": 1}, {"text": "so?"}]}')[0] == "Why so?"


def test_an_exchange_is_read_from_a_json_reply() -> None:
    reply = {
        "model": "small-1",
        "choices": [{"message": {"content": "Because."}}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3},
    }

    exchange = read(CHAT_COMPLETIONS, reply)

    assert (exchange.answer, exchange.outcome, exchange.model) == ("Because.", "answered", Model("small-1", 12, 3))


def test_score_sources_and_outcome_are_read_where_mapped() -> None:
    reply = {
        "reply": {"text": "Perhaps.", "score": 0.5, "sources": [{"title": "a"}, {"title": "b"}, {}]},
        "kind": "partial",
    }

    exchange = read(OWN, reply)

    assert (exchange.score, exchange.sources, exchange.outcome) == (0.5, ["a", "b"], "partial")


def test_a_streamed_answer_is_put_together() -> None:
    stream = events(
        {"model": "small-1", "choices": [{"delta": {"role": "assistant"}}]},
        {"model": "small-1", "choices": [{"delta": {"content": "Be"}}]},
        {"model": "small-1", "choices": [{"delta": {"content": "cause."}}]},
        {"model": "small-1", "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}},
    )

    exchange = read(CHAT_COMPLETIONS, stream, content_type="text/event-stream; charset=utf-8")

    assert (exchange.answer, exchange.outcome, exchange.model) == ("Because.", "answered", Model("small-1", 12, 3))


def test_json_lines_are_read_like_a_stream() -> None:
    mapping = ExchangeMapping(question="prompt", answer_delta="response", model="model")

    exchange = read(
        mapping, '{"model": "m", "response": "Be"}\n{"response": "cause."}\n', content_type="application/x-ndjson"
    )

    assert (exchange.answer, exchange.model) == ("Because.", Model("m"))


def test_a_plain_text_is_the_answer_where_the_path_is_the_whole() -> None:
    mapping = ExchangeMapping(question="q", answer="$")

    assert read(mapping, "Because.", content_type="text/plain").answer == "Because."


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "answered"),
        (400, "error"),
        (401, "refused"),
        (403, "refused"),
        (404, "error"),
        (429, "refused"),
        (503, "error"),
    ],
)
def test_the_status_tells_what_became_of_a_question(status: int, outcome: str) -> None:
    assert read(OWN, {"reply": {"text": "Sorry"}}, status).outcome == outcome


def test_a_reply_without_the_expected_answer_left_the_question_unanswered() -> None:
    assert read(OWN, {"reply": {}}).outcome == "unanswered"


def test_where_no_answer_is_mapped_a_good_status_is_an_answer() -> None:
    assert read(ExchangeMapping(question="q"), {"anything": 1}).outcome == "answered"


@pytest.mark.parametrize("score", [-1, 2, "0.5", True, None])
def test_a_score_out_of_range_is_left_out(score: int | str | bool | None) -> None:
    assert read(OWN, {"reply": {"text": "Yes", "score": score}}).score is None


def test_a_long_name_of_a_model_keeps_the_contract(contract: Draft7Validator) -> None:
    exchange = read(CHAT_COMPLETIONS, {"model": "m" * 200, "choices": [{"message": {"content": "Because."}}]})

    contract.validate({"version": 1, "events": [exchange_event(exchange, Origin("k3x9q2ab", 1))]})


@given(st.binary(), st.sampled_from(["application/json", "text/event-stream", "text/plain", ""]), st.integers(200, 599))
def test_no_reply_can_break_the_event(contract: Draft7Validator, body: Any, content_type: Any, status: Any) -> None:
    exchange = Exchange("019aa6c5-1c00-7abc-8def-0123456789ab", "docs.example.com", 0)
    whole = ExchangeMapping(*["$"] * 10)

    whole.read_reply(exchange, status, content_type, body)

    contract.validate({"version": 1, "events": [exchange_event(exchange, Origin("k3x9q2ab", 1))]})


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(
    st.dictionaries(
        st.sampled_from(["answer", "score", "sources", "model", "input", "output"]), scalars | st.lists(scalars)
    )
)
def test_no_json_reply_can_break_the_event(contract: Draft7Validator, reply: Any) -> None:
    mapping = ExchangeMapping("q", "", "answer", "", "answer", "score", "sources.*", "model", "input", "output")

    exchange = read(mapping, reply)

    contract.validate({"version": 1, "events": [exchange_event(exchange, Origin("k3x9q2ab", 1))]})
