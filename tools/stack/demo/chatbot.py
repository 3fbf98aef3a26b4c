"""The shop's chatbot, as any model behind OpenAI's interface: it streams chat completions, with tokens and cost."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stack.demo.history import INPUT_PRICE, MODEL, OUTPUT_PRICE
from stack.demo.topics import Topic, topic_of

_FIRST_TOKEN_SECONDS, _TOKEN_SECONDS = 0.03, 0.002
_SYSTEM_TOKENS = 380
_SHORT = 6
"""Words after which `max_tokens` cuts an answer off."""


@contextmanager
def chatbot() -> Iterator[str]:
    """Run the chatbot for the length of the `with` block and yield its "address:port"."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """Say nothing: visitors leave in the middle of an answer."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer a chat completion by the topic of its last message."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = str(body["messages"][-1]["content"])
        topic = topic_of(question)
        if topic is not None and topic.outcome == "error":
            self._fail()
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        time.sleep(_FIRST_TOKEN_SECONDS)
        for chunk in _chunks(question, topic, cut_off="max_tokens" in body):
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            self.wfile.flush()
            time.sleep(_TOKEN_SECONDS)
        self.wfile.write(b"data: [DONE]\n\n")

    def _fail(self) -> None:
        content = json.dumps({"error": {"message": "The model is overloaded", "type": "server_error"}}).encode()
        self.send_response(HTTPStatus.SERVICE_UNAVAILABLE)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _chunks(question: str, topic: Topic | None, *, cut_off: bool) -> Iterator[dict[str, Any]]:
    """Yield the chunks of a stream: words, the reason of its end, the usage."""
    is_filtered = topic is not None and topic.outcome == "refused"
    words = [] if topic is None or is_filtered or not topic.answered else topic.answer.split()
    finish = "content_filter" if is_filtered else "length" if cut_off and len(words) > _SHORT else "stop"
    if cut_off:
        words = words[:_SHORT]
    for number, word in enumerate(words):
        yield _chunk([{"index": 0, "delta": {"content": f"{' ' * (number > 0)}{word}"}, "finish_reason": None}])
    yield _chunk([{"index": 0, "delta": {}, "finish_reason": finish}])
    tokens_in, tokens_out = _SYSTEM_TOKENS + len(question) // 4, len(words) * 4 // 3
    cost = round(tokens_in * INPUT_PRICE + tokens_out * OUTPUT_PRICE, 8)
    usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
    yield _chunk([], usage={**usage, "cost": cost})


def _chunk(choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-demo",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": MODEL,
        "choices": choices,
        **more,
    }
