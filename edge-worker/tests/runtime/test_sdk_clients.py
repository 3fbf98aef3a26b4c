"""The providers' own clients, before a fake provider, with the Worker in between."""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anthropic
import brotli
import openai
import pytest
from backports import zstd

import workerd
from configuration import Bindings
from queue_server import QueueServer
from worker_client import Worker

pytestmark = pytest.mark.runtime

USAGE = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
TOOLS: Any = [{"type": "function", "function": {"name": "track", "parameters": {"type": "object", "properties": {}}}}]
CALL = {"id": "call_1", "type": "function", "function": {"name": "track", "arguments": "{}"}}


def completion(message: Any, finish: str = "stop") -> Any:
    choices = [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m-1", "choices": choices, "usage": USAGE}


def chunk(delta: Any, finish: str | None = None) -> Any:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m-1", "choices": choices}


def response(status: str, *output: Any) -> Any:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": "m-1",
        "output": list(output),
        "usage": {"input_tokens": 9, "output_tokens": 5, "total_tokens": 14},
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }


OUTPUT = {
    "type": "message",
    "id": "msg",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "It left today.", "annotations": []}],
}
MESSAGE = {
    "id": "msg",
    "type": "message",
    "role": "assistant",
    "model": "m-1",
    "content": [{"type": "text", "text": "It left today."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 5},
}


def sse(*documents: Any) -> bytes:
    return b"".join(
        (f"event: {each['type']}\n" if "type" in each else "").encode()
        + b"data: "
        + json.dumps(each).encode()
        + b"\n\n"
        for each in documents
    )


class Provider:
    """Answers each request with the next of its `replies`: a document, or the bytes of a stream."""

    def __init__(self) -> None:
        self.replies: list[Any] = []
        self.status = 200
        self.coding = ""
        self.accepted: list[str] = []


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Provider, str]]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            provider.accepted.append(self.headers.get("accept-encoding", ""))
            reply = provider.replies.pop(0)
            body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            coded = provider.coding in provider.accepted[-1] and provider.coding
            if coded:
                body = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}[provider.coding](body)
            self.send_response(provider.status)
            self.send_header("content-type", "text/event-stream" if isinstance(reply, bytes) else "Application/JSON")
            self.send_header("content-length", str(len(body)))
            if coded:
                self.send_header("content-encoding", provider.coding)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield provider, f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def provider(served: tuple[Provider, str]) -> Provider:
    served[0].__init__()  # type: ignore[misc] # begins again
    return served[0]


@pytest.fixture(scope="module")
def proxy(
    queue_server: tuple[QueueServer, str], served: tuple[Provider, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    log = tmp_path_factory.mktemp("sdk") / "log"
    with (
        log.open("wb") as file,
        workerd.worker(queue_server[1], bindings=Bindings(upstream=served[1]), log=file) as url,
    ):
        yield Worker(url, log)


@pytest.fixture
def chat(proxy: Worker) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{proxy.url}/v1", api_key="k", max_retries=0) as client:
        yield client


@pytest.fixture
def messages(proxy: Worker) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=proxy.url, api_key="k", max_retries=0) as client:
        yield client


ASKED: Any = [{"role": "user", "content": "Where is my parcel?"}]


def said(event: Any) -> Any:
    model = {name: event["model"][name] for name in ("name", "input_tokens", "output_tokens")}
    return event["question"], event["answer"], event["outcome"], tuple(model.values())


EXPECTED = ("Where is my parcel?", "It left today.", "answered", ("m-1", 9, 5))


@pytest.mark.parametrize("coding", ["", "gzip", "br", "zstd"])
def test_openai_s_client_chats(chat: openai.OpenAI, provider: Provider, queue: QueueServer, coding: str) -> None:
    provider.replies, provider.coding = [completion({"content": "It left today."})], coding

    reply = chat.chat.completions.with_raw_response.create(model="m", messages=ASKED)

    (event,) = queue.wait_for(1)
    assert reply.parse().choices[0].message.content == "It left today."
    assert reply.headers["edge-analytics-id"].startswith(event["id"])
    assert said(event) == EXPECTED


def test_openai_s_client_streams(chat: openai.OpenAI, provider: Provider, queue: QueueServer) -> None:
    end = {**chunk({}), "choices": [], "usage": USAGE}
    provider.replies = [
        sse(chunk({"role": "assistant", "content": "It left "}), chunk({"content": "today."}), chunk({}, "stop"), end)
        + b"data: [DONE]\n\n"
    ]

    stream = chat.chat.completions.create(
        model="m", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )

    assert "".join(each.choices[0].delta.content or "" for each in stream if each.choices) == "It left today."
    assert said(queue.wait_for(1)[0]) == EXPECTED


def test_a_loop_of_tools_of_openai_s_client_is_one_exchange(
    chat: openai.OpenAI, provider: Provider, queue: QueueServer
) -> None:
    calling = completion({"content": None, "tool_calls": [CALL]}, "tool_calls")
    provider.replies = [calling, calling, completion({"content": "It left today."})]
    conversation: Any = list(ASKED)

    while (
        message := chat.chat.completions.create(model="m", messages=conversation, tools=TOOLS).choices[0].message
    ).tool_calls:
        result = {"role": "tool", "tool_call_id": "call_1", "content": "in transit"}
        conversation += [message.model_dump(exclude_none=True), result]

    (event,) = queue.wait_for(1)
    assert (said(event), event["tool_rounds"]) == (EXPECTED, 2)


@pytest.mark.parametrize("is_streamed", [False, True])
def test_openai_s_client_uses_responses(
    chat: openai.OpenAI, provider: Provider, queue: QueueServer, is_streamed: bool
) -> None:
    done = response("completed", OUTPUT)
    delta = {
        "type": "response.output_text.delta",
        "delta": "It left today.",
        "item_id": "msg",
        "output_index": 0,
        "content_index": 0,
        "sequence_number": 1,
        "logprobs": [],
    }
    stream = sse(
        {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
        delta,
        {"type": "response.completed", "sequence_number": 2, "response": done},
    )
    provider.replies = [stream if is_streamed else done]

    if is_streamed:
        assert [each.type for each in chat.responses.create(model="m", input="Where is my parcel?", stream=True)][
            -1
        ] == "response.completed"
    else:
        assert chat.responses.create(model="m", input="Where is my parcel?").output_text == "It left today."

    assert said(queue.wait_for(1)[0]) == EXPECTED


def test_responses_with_stored_tool_calls_are_one_exchange(
    chat: openai.OpenAI, provider: Provider, queue: QueueServer
) -> None:
    call = {
        "type": "function_call",
        "id": "fc",
        "call_id": "c",
        "name": "track",
        "arguments": "{}",
        "status": "completed",
    }
    provider.replies = [response("completed", call), response("completed", OUTPUT)]

    first = chat.responses.create(model="m", input="Where is my parcel?")
    result: Any = [{"type": "function_call_output", "call_id": "c", "output": "in transit"}]
    chat.responses.create(model="m", input=result, previous_response_id=first.id)

    (event,) = queue.wait_for(1)
    assert (said(event), event["tool_rounds"]) == (EXPECTED, 1)


def test_anthropic_s_client_chats(messages: anthropic.Anthropic, provider: Provider, queue: QueueServer) -> None:
    provider.replies = [MESSAGE]

    reply = messages.messages.create(model="m", max_tokens=99, messages=ASKED)

    assert reply.content[0].type == "text"
    assert said(queue.wait_for(1)[0]) == EXPECTED


def test_anthropic_s_client_streams(messages: anthropic.Anthropic, provider: Provider, queue: QueueServer) -> None:
    provider.replies = [
        sse(
            {
                "type": "message_start",
                "message": {
                    **MESSAGE,
                    "content": [],
                    "stop_reason": None,
                    "usage": {"input_tokens": 9, "output_tokens": 1},
                },
            },
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "It left today."}},
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": 5},
            },
            {"type": "message_stop"},
        )
    ]

    with messages.messages.stream(model="m", max_tokens=99, messages=ASKED) as stream:
        assert "".join(stream.text_stream) == "It left today."

    assert said(queue.wait_for(1)[0]) == EXPECTED


def test_an_error_inside_a_stream_reaches_the_client_and_is_recorded(
    chat: openai.OpenAI, provider: Provider, queue: QueueServer
) -> None:
    provider.replies = [sse(chunk({"content": "It"}), {"error": {"message": "overloaded", "code": 502}})]

    with pytest.raises(openai.APIError, match="overloaded"):
        list(chat.chat.completions.create(model="m", messages=ASKED, stream=True))

    assert queue.wait_for(1)[0]["outcome"] == "error"


def test_embeddings_pass_unrecorded(chat: openai.OpenAI, provider: Provider, queue: QueueServer) -> None:
    provider.replies = [
        {
            "object": "list",
            "model": "m",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        },
        completion({"content": "It left today."}),
    ]

    assert chat.embeddings.create(model="m", input="Where?", encoding_format="float").data[0].embedding == [0.5]
    chat.chat.completions.create(model="m", messages=ASKED)

    assert [event["question"] for event in queue.wait_for(1)] == ["Where is my parcel?"]
