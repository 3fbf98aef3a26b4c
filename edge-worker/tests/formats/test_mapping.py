import json
from typing import Any

import pytest

from edge_worker.formats.exchange import Answer, Unrecorded, Why
from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.formats.paths import Path
from edge_worker.formats.reader import ExchangeReader
from replies import asked, mapped, question, sse

MESSAGES = [
    {"role": "user", "content": "First?"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": [{"type": "text", "text": "Second"}, {"type": "image"}, {"type": "text", "text": "?"}]},
    {"role": "tool", "content": "secret"},
]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b", [1]),
        ("$.a.b", [1]),
        ("a.c", []),
        ("$", [{"a": {"b": 1}, "l": [{"t": "x", "n": 1}, {"t": "y", "n": 2}], "p.q": 3}]),
        ("l.0.n", [1]),
        ("l[-1].n", [2]),
        ("l.*.n", [1, 2]),
        ("l[*].n", [1, 2]),
        ("l.9.n", []),
        ("l.n", []),
        ("l[t=y].n", [2]),
        ("l.[t=y].-1.n", [2]),
        ("l[t!=y].n", [1]),
        ("l[n=2].t", ["y"]),
        ("l[t=z].-1", []),
        ("['p.q']", [3]),
        ("[@event=token].a.b", [1]),
        ("[@event=other].a.b", []),
    ],
)
def test_a_path_leads_to_values(path: str, found: list[Any]) -> None:
    document = {"a": {"b": 1}, "l": [{"t": "x", "n": 1}, {"t": "y", "n": 2}], "p.q": 3}

    assert Path.parse(path).find(document, "token") == found


@pytest.mark.parametrize(
    ("path", "question_text"),
    [
        ("messages[role=user].-1.content", "Second?"),
        ("messages.[role=user].-1.content.[type=text].text", "Second?"),
        (["nothing.here", "messages.0.content"], "First?"),
    ],
)
def test_a_question_has_several_ways_to_be_found(path: Any, question_text: str) -> None:
    reader = ExchangeReader(mapping=ExchangeMapping.parse(json.dumps({"question": path})))

    assert question({"messages": MESSAGES}, "/chat", reader=reader).text == question_text


def answered(*arguments: Any, **more: Any) -> Answer:
    found = mapped(*arguments, **more)
    assert isinstance(found, Answer)
    return found


def test_a_reply_is_read_where_the_mapping_says() -> None:
    fields = {
        "answer": ["nothing", "reply.text"],
        "score": "reply.score",
        "sources": "reply.sources.*.title",
        "outcome": "kind",
        "model": "engine",
        "input_tokens": "n.in",
        "output_tokens": "n.out",
        "cached_tokens": "n.cached",
        "reasoning_tokens": "n.thought",
        "cost_usd": "n.cost",
    }
    reply = {
        "reply": {"text": "Perhaps.", "score": 0.5, "sources": [{"title": "a"}, {"title": "b"}, {}]},
        "kind": "partial",
        "engine": "m-1",
        "n": {"in": 9, "out": 5, "cached": 4, "thought": 3, "cost": "0.01"},
    }

    found = answered(fields, reply)

    assert (found.text, found.score, found.sources, found.outcome) == ("Perhaps.", 0.5, ["a", "b"], "partial")
    usage = found.usage
    assert (found.model, usage.input_tokens, usage.output_tokens) == ("m-1", 9, 5)
    assert (usage.cached_tokens, usage.reasoning_tokens, usage.cost_usd) == (4, 3, 0.01)


def test_a_filter_takes_the_events_of_one_type_only() -> None:
    stream = sse(
        {"type": "reasoning-delta", "delta": "hm"},
        {"type": "text-delta", "delta": "Be"},
        {"type": "text-delta", "delta": "cause."},
    )

    assert answered({"answer_delta": "[type=text-delta].delta"}, stream, "text/event-stream").text == "Because."


def test_a_filter_takes_the_events_of_one_name_only() -> None:
    stream = b'event: status\ndata: {"text": "hm"}\n\nevent: token\ndata: {"text": "Because."}\n\n'

    assert answered({"answer_delta": "[@event=token].text"}, stream, "text/event-stream").text == "Because."


def test_a_stream_of_texts_without_json_is_an_answer_by_its_whole() -> None:
    assert answered({"answer": "$"}, b"Because.", "text/plain").text == "Because."


@pytest.mark.parametrize(
    ("fields", "reply", "outcome"),
    [
        ({"answer": "a"}, {"a": "Yes"}, "answered"),
        ({"answer": "a"}, {"a": ""}, "unanswered"),
        ({"answer": "a"}, {}, "unanswered"),
        ({}, {}, "answered"),
        ({"answer": "a", "outcome": "o"}, {"a": "Yes", "o": "refused"}, "refused"),
        ({"answer": "a", "outcome": "o"}, {"a": "Yes", "o": "length"}, "partial"),
        ({"answer": "a", "outcome": "o"}, {"a": "Yes", "o": "whatever"}, "answered"),
        ({"answer": "a", "error": "e"}, {"a": "Yes", "e": {"code": 1}}, "error"),
        ({"answer": "a", "error": "e"}, {"a": "Yes", "e": None}, "answered"),
        ({"answer": "a", "error": "e"}, {"a": "Yes", "e": False}, "answered"),
        ({"answer": "a", "refusal": "r"}, {"r": "I cannot."}, "refused"),
    ],
)
def test_a_mapping_says_what_became_of_a_question(fields: Any, reply: Any, outcome: str) -> None:
    assert answered(fields, reply).outcome == outcome


def test_a_mapped_call_of_tools_is_not_recorded_yet() -> None:
    found = mapped({"answer": "a", "tool_calls": "calls"}, {"calls": [{"name": "f"}]})

    assert isinstance(found, Unrecorded)
    assert found.why is Why.TOOL_CALLS


@pytest.mark.parametrize("score", [-1, 2, "0.5", True, None])
def test_a_score_out_of_range_is_left_out(score: Any) -> None:
    assert answered({"answer": "a", "score": "s"}, {"a": "Yes", "s": score}).score is None


def test_a_field_in_the_middle_of_a_long_stream_is_found() -> None:
    word, sources = {"delta": "word "}, {"sources": [{"title": "a"}]}
    stream = sse(*[word] * 1000, sources, *[word] * 1000)

    found = answered({"answer_delta": "delta", "sources": "sources.*.title"}, stream, "text/event-stream")

    assert found.sources == ["a"]


def test_a_mapping_that_finds_no_question_says_where_it_looked() -> None:
    reader = ExchangeReader(mapping=ExchangeMapping.parse('{"question": ["prompt", "q.text"]}'))

    found = asked({"question": "Why?"}, "/chat", reader=reader)

    assert isinstance(found, Unrecorded)
    assert found.why is Why.UNMATCHED
    assert "prompt or q.text" in found.text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("question", "not JSON.*write"),
        ("[]", "not a JSON object.*write"),
        ('"question"', "not a JSON object"),
        ('{"question": 5}', "question is neither a path nor a list of paths"),
        ('{"question": [5]}', "question is neither"),
        ('{"question": "a", "anser": "b"}', "'anser': did you mean answer"),
        ('{"question": "a", "zzz": "b"}', "the fields are question, session"),
        ('{"answer": "b"}', "question is missing beside answer"),
        ('{"question": "a[?(@.role==1)]"}', r"JSONPath filter: write \[role=user\]"),
        ('{"question": "a[b c]"}', "neither an index nor a filter"),
        ('{"question": "a..b"}', "is no path"),
        ('{"question": "a[b"}', "is no path"),
        ("[" * 9999, "nested|not"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said_and_what_to_write_instead(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        ExchangeMapping.parse(text)
