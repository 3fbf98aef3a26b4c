"""Events of a stream that differ in their text only are not parsed: the answer is the same as if each was."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.formats.alike import Template
from edge_worker.formats.event_stream import EventStream
from edge_worker.formats.text_parts import KEPT_CHARACTERS
from replies import answer, lines, sse

Make = Callable[[str], dict[str, Any]]

TEXTS = st.text(st.sampled_from('a "\\/<>\n{}:,é😀\u2028'), max_size=6) | st.sampled_from(
    [
        " a longer text, which begins with no mark",
        "</think>",
        "<think>",
        "content",
        "m-1",
        "text_delta",
        "0",
        "stop",
        "\ud83d",
    ]
)


def chat(text: str, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return {"object": "chat.completion.chunk", "model": "m-1", "created": 1, "choices": [choice], **more}


def anthropic(text: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def responses(text: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "output_index": 0, "delta": text, "sequence_number": 7}


def gemini(text: str) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}], "modelVersion": "m"}


def ollama(text: str) -> dict[str, Any]:
    return {"model": "m-1", "created_at": "now", "message": {"role": "assistant", "content": text}, "done": False}


FORMATS: dict[str, Make] = {
    "openai-chat": chat,
    "anthropic": anthropic,
    "openai-responses": responses,
    "gemini": gemini,
    "ollama": ollama,
}
# Between pieces of text: the same text as a refusal, an end, a tool, a usage, an error.
OTHERS: dict[str, list[dict[str, Any]]] = {
    "openai-chat": [
        {"choices": [{"index": 0, "delta": {"content": "a", "refusal": "a"}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]},
        {"choices": [{"index": 1, "delta": {"content": "a"}}]},
        {"choices": [], "usage": {"prompt_tokens": 2, "completion_tokens": 3}},
        {"error": {"message": "a"}},
        chat("a", obfuscation="xY"),
        chat("a", created=12),
    ],
    "anthropic": [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "a"}},
        {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 3}},
        {"type": "ping"},
    ],
    "openai-responses": [
        {"type": "response.refusal.delta", "output_index": 0, "delta": "a"},
        {"type": "response.output_item.added", "output_index": 0, "item": {"phase": "commentary"}},
    ],
    "gemini": [{"candidates": [{"content": {"parts": [{"text": "a", "thought": True}]}}]}],
    "ollama": [{"model": "m-1", "message": {"content": "a"}, "done": True, "done_reason": "length"}],
}


def none(_stream: EventStream, _text: str) -> Iterator[str]:
    return iter(())


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data(), ascii_only=st.booleans(), spaced=st.booleans())
def test_the_answer_is_the_same_as_if_each_event_was_parsed(
    name: str, data: st.DataObject, ascii_only: bool, spaced: bool
) -> None:
    documents = data.draw(st.lists(TEXTS.map(FORMATS[name]) | st.sampled_from(OTHERS[name]), max_size=30))
    separators = (", ", ": ") if spaced else (",", ":")
    texts = [json.dumps(each, ensure_ascii=ascii_only, separators=separators) for each in documents]
    pieces = [text.encode("utf-8", "replace") for text in texts]
    body = b"".join(b"data: " + piece + b"\n\n" for piece in pieces)
    if name == "ollama":
        body = b"".join(piece + b"\n" for piece in pieces)

    quick = answer(name, body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EventStream, "alike", none)
        assert quick == answer(name, body)


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data(), texts=st.integers(100, 200))
def test_so_it_is_where_the_text_is_longer_than_what_is_kept(name: str, data: st.DataObject, texts: int) -> None:
    between = data.draw(st.lists(st.integers(texts - 10, texts), max_size=3))
    ends = data.draw(st.lists(TEXTS.map(FORMATS[name]) | st.sampled_from(OTHERS[name]), max_size=9))
    documents = [FORMATS[name](" token")] * texts
    for place in sorted(between, reverse=True):
        documents.insert(place, data.draw(st.sampled_from(OTHERS[name])))
    body = lines(*documents, *ends) if name == "ollama" else sse(*documents, *ends)

    quick = answer(name, body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EventStream, "alike", none)
        parsed = answer(name, body)
    for each in (quick, parsed):
        each.text = each.text and each.text[:KEPT_CHARACTERS]
    assert quick == parsed


@pytest.mark.parametrize("name", FORMATS)
def test_most_of_a_stream_is_not_parsed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [{**FORMATS[name](f" {number}"), "created_at": str(number)} for number in range(40)]
    parsed = []
    loads = json.JSONDecoder.raw_decode

    def counted(self: json.JSONDecoder, text: str, idx: int = 0) -> tuple[Any, int]:
        parsed.append(text)
        return loads(self, text, idx)

    decode = counted.__get__(json.JSONDecoder())
    monkeypatch.setattr("edge_worker.bounded_json._raw_decode", decode)

    found = answer(name, lines(*documents) if name == "ollama" else sse(*documents))

    assert found.text == "".join(f" {number}" for number in range(40)).strip()
    assert len(parsed) < 10  # the request's, the first few, what has other lengths


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ('data: {"a":"x","b":"x"}\n\n', "x"),
        ('data: {"a":"x\\/y","b":"x/y"}\n\n', "x/y"),
        ('data: {"a":"y"}\n\n', "x"),
    ],
    ids=["twice", "spelt in another way", "not there"],
)
def test_no_template_is_made_where_it_is_not_clear_which_text_is_meant(block: str, text: str) -> None:
    assert Template.of(block, text) is None


@pytest.mark.parametrize(
    "other",
    [
        'data: {"id":"2","a":"y"}\n\n',
        'data: {"id":"1","a":"y","b":"z"}\n\n',
        'data: {"id":"1","a":"y\\x"}\n\n',
        'data: {"id":"1","a":"y\\u12"}\n\n',
        'data: {"id":"1","a":"y\n"}\n\n',
        'data: {"id":"1","a":"y\\"}\n\n',
        'data: {"id":"1","a":1}\n\n',
        'data: {"id":"1","a":"y"}',
        "",
    ],
)
def test_what_differs_in_more_than_its_text_does_not_match(other: str) -> None:
    template = Template.of('data: {"id":"1","a":"x"}\n\n', "x")

    assert template is not None
    assert template.match(other, 0) is None
