"""Builds requests and replies, and reads them."""

import json
from typing import Any

from edge_worker.formats.exchange import Answer, AskedRequest, Question, Reply, Unrecorded
from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.formats.reader import ExchangeReader

PATHS = {
    "openai-chat": "/v1/chat/completions",
    "openai-responses": "/v1/responses",
    "anthropic": "/v1/messages",
    "ollama": "/api/chat",
    "gemini": "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
}
ASKED = {
    "openai-chat": {"model": "m", "messages": [{"role": "user", "content": "Why?"}]},
    "openai-responses": {"model": "m", "input": "Why?"},
    "anthropic": {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Why?"}]},
    "ollama": {"model": "m", "messages": [{"role": "user", "content": "Why?"}]},
    "gemini": {"contents": [{"parts": [{"text": "Why?"}]}]},
}


def sse(*documents: Any, done: bool = False) -> bytes:
    return b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in documents) + b"data: [DONE]\n\n" * done


def lines(*documents: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in documents)


def asked(
    body: Any,
    path: str = "/v1/chat/completions",
    *,
    headers: dict[str, str] | None = None,
    reader: ExchangeReader | None = None,
    method: str = "POST",
) -> Question | Unrecorded:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = AskedRequest(method, path, {"content-type": "application/json", **(headers or {})}, content)
    return (reader or ExchangeReader()).read_request(request)


def question(*arguments: Any, **more: Any) -> Question:
    found = asked(*arguments, **more)
    assert isinstance(found, Question), found
    return found


def replied(
    name: str, body: Any, *, status: int = 200, kind: str = "", headers: dict[str, str] | None = None, **more: Any
) -> Answer | Unrecorded:
    """Read a reply to the format's question: a document, or bytes of a stream."""
    reader = ExchangeReader()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = kind or ("application/json" if not isinstance(body, bytes) else "text/event-stream")
    reply = Reply(status, {"content-type": kind, **(headers or {})}, content, **more)
    return reader.read_reply(question(ASKED[name], PATHS[name], reader=reader), reply)


def answer(*arguments: Any, **more: Any) -> Answer:
    found = replied(*arguments, **more)
    assert isinstance(found, Answer), found
    return found


def mapped(
    mapping: dict[str, Any], body: Any, kind: str = "application/json", status: int = 200
) -> Answer | Unrecorded:
    reader = ExchangeReader(mapping=ExchangeMapping.parse(json.dumps({"question": "q", **mapping})))
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return reader.read_reply(
        question({"q": "Why?"}, "/chat", reader=reader), Reply(status, {"content-type": kind}, content)
    )
