import json
from typing import Any

import pytest

from edge_worker.formats.exchange import Unrecorded, Why
from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.formats.reader import ExchangeReader
from replies import asked, question

USER = {"role": "user", "content": "Where is my parcel?"}
CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "track"}}]}
RESULT = {"role": "tool", "tool_call_id": "c", "content": '{"status": "in transit"}'}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
TOOL_USE = {"role": "assistant", "content": [{"type": "text", "text": "Let me see."}, {"type": "tool_use", "id": "t"}]}
TOOL_RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "in transit"}]}
ITEM_CALL = {"type": "function_call", "call_id": "c", "name": "track", "arguments": "{}"}
ITEM_RESULT = {"type": "function_call_output", "call_id": "c", "output": "in transit"}
ITEM_USER = {"role": "user", "content": [{"type": "input_text", "text": "Where is my parcel?"}]}
G_USER = {"role": "user", "parts": [{"text": "Where is my parcel?"}]}
G_CALL = {"role": "model", "parts": [{"text": "Thinking", "thought": True}, {"functionCall": {"name": "track"}}]}
G_RESULT = {"role": "user", "parts": [{"functionResponse": {"name": "track", "response": {"status": "in transit"}}}]}


@pytest.mark.parametrize(
    ("messages", "text", "rounds"),
    [
        ([USER], "Where is my parcel?", 0),
        ([{"role": "system", "content": "Be kind."}, USER], "Where is my parcel?", 0),
        (
            [{"role": "developer", "content": "Be kind."}, USER, {"role": "system", "content": "Now"}],
            USER["content"],
            0,
        ),
        ([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}, USER], USER["content"], 0),
        ([USER, CALL, RESULT], USER["content"], 1),
        ([USER, CALL, RESULT, RESULT, CALL, RESULT], USER["content"], 2),
        (
            [USER, {"role": "assistant", "function_call": {"name": "f"}}, {"role": "function", "content": "{}"}],
            USER["content"],
            1,
        ),
        (
            [USER, CALL, RESULT, {"role": "assistant", "content": "On its way."}, {"role": "user", "content": "When?"}],
            "When?",
            0,
        ),
        ([USER, {"role": "assistant", "content": "It is"}], USER["content"], 0),
        (
            [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "Where is "}, IMAGE, {"type": "text", "text": "it?"}],
                }
            ],
            "Where is it?",
            0,
        ),
        ([{"role": "user", "content": ["Where ", "is it?"]}], "Where is it?", 0),
        ([{"role": "user", "content": "What is this?"}, {"role": "user", "content": [IMAGE]}], "What is this?", 0),
        ([USER, TOOL_USE, TOOL_RESULT], USER["content"], 1),
        ([USER, TOOL_USE, TOOL_RESULT, TOOL_USE, TOOL_RESULT], USER["content"], 2),
        (
            [
                USER,
                TOOL_USE,
                {"role": "user", "content": [*TOOL_RESULT["content"], {"type": "text", "text": "And when?"}]},
            ],
            "And when?",
            0,
        ),
        (
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "Sum this up"},
                        {"type": "document", "source": {"type": "text", "data": "secret"}},
                    ],
                }
            ],
            "Sum this up",
            0,
        ),
        (
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "file", "file": {"filename": "a"}},
                        {"type": "input_audio"},
                        {"type": "text", "text": "Listen"},
                    ],
                }
            ],
            "Listen",
            0,
        ),
        ([{"role": "user", "content": "  Where?  \n"}], "Where?", 0),
    ],
)
@pytest.mark.parametrize(
    "path",
    ["/v1/chat/completions", "/v1/messages", "/api/chat", "/openai/deployments/a/chat/completions?api-version=1", "/"],
)
def test_the_question_is_the_last_words_of_a_person(messages: Any, text: str, rounds: int, path: str) -> None:
    found = question({"model": "m", "messages": messages}, path)

    assert (found.text, found.tool_rounds) == (text, rounds)


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "system", "content": "Be kind."}],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": [IMAGE]}],
        [USER, {"role": "assistant", "content": "On its way."}, {"role": "user", "content": [IMAGE]}],
        [{"role": "tool", "content": "in transit"}],
        [None, 5, "text", [], {"role": ["user"], "content": "x"}],
        [TOOL_RESULT],
    ],
)
def test_where_a_person_says_nothing_there_is_no_question(messages: Any) -> None:
    found = asked({"model": "m", "messages": messages})

    assert isinstance(found, Unrecorded)
    assert found.why is Why.NO_QUESTION


@pytest.mark.parametrize(
    ("asks", "text", "rounds"),
    [
        ("Where is my parcel?", "Where is my parcel?", 0),
        ([ITEM_USER], "Where is my parcel?", 0),
        ([{"type": "message", **ITEM_USER}], "Where is my parcel?", 0),
        ([{"role": "user", "content": "Where?"}], "Where?", 0),
        (
            [{"role": "developer", "content": "Be kind."}, ITEM_USER, {"type": "item_reference", "id": "x"}],
            "Where is my parcel?",
            0,
        ),
        (
            [ITEM_USER, {"type": "reasoning", "summary": []}, ITEM_CALL, ITEM_CALL, ITEM_RESULT, ITEM_RESULT],
            "Where is my parcel?",
            1,
        ),
        ([ITEM_USER, ITEM_CALL, ITEM_RESULT, {"type": "reasoning"}, ITEM_CALL, ITEM_RESULT], "Where is my parcel?", 2),
        (
            [
                {
                    "role": "user",
                    "content": [{"type": "input_image", "image_url": "x"}, {"type": "input_text", "text": "What?"}],
                }
            ],
            "What?",
            0,
        ),
    ],
)
@pytest.mark.parametrize("path", ["/v1/responses", "/openai/responses?api-version=preview", "/api"])
def test_the_question_of_responses_is_the_last_words_of_a_person(asks: Any, text: str, rounds: int, path: str) -> None:
    found = question({"model": "m", "input": asks}, path)

    assert (found.text, found.tool_rounds) == (text, rounds)


@pytest.mark.parametrize(
    ("contents", "text", "rounds"),
    [
        ([{"parts": [{"text": "Where?"}]}], "Where?", 0),
        ([{"parts": {"text": "Where?"}}], "Where?", 0),
        ([G_USER, G_CALL, G_RESULT], "Where is my parcel?", 1),
        ([G_USER, G_CALL, {**G_RESULT, "role": "function"}, G_CALL, G_RESULT], "Where is my parcel?", 2),
        (
            [{"role": "user", "parts": [{"inlineData": {"data": "x"}}, {"text": "What "}, {"text": "is it?"}]}],
            "What is it?",
            0,
        ),
        (
            [
                G_USER,
                {"role": "model", "parts": [{"text": "On its way."}]},
                {"role": "user", "parts": [{"text": "When?"}]},
            ],
            "When?",
            0,
        ),
    ],
)
def test_the_question_of_gemini_is_the_last_words_of_a_person(contents: Any, text: str, rounds: int) -> None:
    body = {"contents": contents, "systemInstruction": {"parts": [{"text": "Be kind."}]}}

    found = question(body, "/v1beta/models/gemini-2.5-flash:generateContent?key=k")

    assert (found.text, found.tool_rounds, found.model) == (text, rounds, "gemini-2.5-flash")


def test_ollama_s_prompt_is_the_question() -> None:
    body = {"model": "m", "prompt": "Where?", "system": "Be kind.", "stream": False}

    assert question(body, "/api/generate").text == "Where?"
    assert isinstance(asked({"model": "m", "prompt": ""}, "/api/generate"), Unrecorded)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/models", {}),
        ("GET", "/v1/responses/resp_1", {}),
        ("POST", "/v1/embeddings", {"model": "m", "input": "Where?"}),
        ("POST", "/v1/moderations", {"model": "m", "input": "Where?"}),
        ("POST", "/v1/audio/speech", {"model": "m", "input": "Where?", "voice": "v"}),
        ("POST", "/v1/images/generations", {"model": "m", "prompt": "Where?"}),
        ("POST", "/v1/files", {"purpose": "x"}),
        ("POST", "/v1/completions", {"model": "m", "prompt": "Where?"}),
        ("POST", "/v1/responses/resp_1/cancel", {"input": "Where?"}),
        ("POST", "/v1/responses/input_tokens", {"model": "m", "input": "Where?"}),
        ("POST", "/v1/messages/count_tokens", {"model": "m", "messages": [USER]}),
        ("POST", "/v1/messages/batches", {"requests": []}),
        ("POST", "/v1/threads/t/messages", {"role": "user", "content": "Where?"}),
        ("POST", "/v1/rerank", {"model": "m", "query": "Where?", "documents": []}),
        ("POST", "/tokenize", {"model": "m", "messages": [USER]}),
        ("POST", "/api/embed", {"model": "m", "input": "Where?"}),
        ("POST", "/api/show", {"model": "m"}),
        ("POST", "/v1beta/models/m:embedContent", {"content": {"parts": [{"text": "x"}]}}),
        ("POST", "/v1beta/models/m:countTokens", {"contents": [G_USER]}),
        ("POST", "/health", {"messages": [USER]}),
        ("POST", "/any", {"model": "m", "input": "Where?", "encoding_format": "float"}),
        ("POST", "/any", {"model": "m", "input": ["Where?"]}),
    ],
)
def test_what_is_no_chat_asks_nothing(method: str, path: str, body: Any) -> None:
    found = asked(body, path, method=method)

    assert isinstance(found, Unrecorded)
    assert found.why in (Why.NOT_CHAT, Why.UNMATCHED)
    assert "Where?" not in found.text


@pytest.mark.parametrize(
    ("more", "headers", "session"),
    [
        ({"user": "ann"}, {}, "ann"),
        ({"user": "ann", "session_id": "s1"}, {}, "s1"),
        ({"conversation": {"id": "conv_1"}}, {}, "conv_1"),
        ({"conversation": "conv_1"}, {}, "conv_1"),
        ({"metadata": {"user_id": "u1"}}, {}, "u1"),
        ({"metadata": {"session_id": 7}}, {}, "7"),
        ({}, {"x-session-id": "h1"}, "h1"),
        ({"user": ["ann"], "metadata": "x"}, {}, None),
        ({"user": ""}, {}, None),
    ],
)
def test_a_session_is_where_the_formats_have_it(more: Any, headers: dict[str, str], session: str | None) -> None:
    assert question({"messages": [USER], **more}, headers=headers).session == session


@pytest.mark.parametrize(
    ("place", "session"),
    [
        ("header:X-Chat", "from a header"),
        ("cookie:chat", "from-a-cookie"),
        ("chat.id", "from the body"),
        (["chat.other", "cookie:none", "cookie:chat"], "from-a-cookie"),
    ],
)
def test_a_mapping_says_where_the_session_is_of_a_known_format(place: Any, session: str) -> None:
    reader = ExchangeReader(mapping=ExchangeMapping.parse(json.dumps({"session": place})))
    headers = {"x-chat": "from a header", "cookie": 'a=b; chat="from-a-cookie"; c'}

    found = question({"messages": [USER], "chat": {"id": "from the body"}}, headers=headers, reader=reader)

    assert found.session == session


def test_a_mapping_says_which_paths_are_recorded() -> None:
    reader = ExchangeReader(mapping=ExchangeMapping.parse('{"record": ["/v1/*"], "ignore": "/v1/internal/*"}'))

    assert question({"messages": [USER]}, reader=reader).text
    for path in ("/v2/chat/completions", "/v1/internal/chat/completions"):
        assert isinstance(asked({"messages": [USER]}, path, reader=reader), Unrecorded)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"null", b"5"])
def test_a_body_that_is_no_json_object_asks_nothing(body: bytes) -> None:
    assert isinstance(asked(body), Unrecorded)


def test_a_byte_order_mark_in_front_does_not_matter() -> None:
    assert question(b'\xef\xbb\xbf{"messages": [{"role": "user", "content": "Where?"}]}').text == "Where?"


def test_a_format_that_is_set_is_the_only_one() -> None:
    reader = ExchangeReader("gemini")

    assert isinstance(asked({"messages": [USER]}, reader=reader), Unrecorded)
    assert question({"contents": [G_USER]}, "/chat", reader=reader).text


def test_a_long_tool_loop_keeps_its_name_while_it_grows() -> None:
    loop = [USER, *[CALL, RESULT] * 5]
    names = [
        question({"messages": [{"role": "system", "content": str(more)}, *loop, *[CALL, RESULT] * more]}).loop
        for more in range(3)
    ]

    assert names[0] is not None
    assert len(set(names)) == 1
    assert question({"messages": loop[:-2]}).loop is None
    assert question({"messages": [{**USER, "content": "Other?"}, *loop[1:]]}).loop not in (None, names[0])
