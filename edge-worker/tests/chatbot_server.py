"""A chatbot on this machine that knows nothing of Edge Analytics: plain, streaming, slow and broken replies."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAPPING = {
    "question": "messages.-1.content",
    "answer": "choices.0.message.content",
    "answer_delta": "choices.0.delta.content",
    "model": "model",
    "input_tokens": "usage.prompt_tokens",
    "output_tokens": "usage.completion_tokens",
}
PIECES = [f"piece {number} " for number in range(6)]


class Chatbot:
    """What the chatbot saw. `pause` is in seconds: before a slow reply, and between the pieces of a streamed one.

    A stream stands still after a piece while `go_on` is not set. One at `/breaks-off` has no end, and one at `/lingers`
    ends later than its last event, when `has_finished` is set.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.pause = 0.0
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.broken_off = threading.Event()
        self.has_finished = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bot: Chatbot

    def do_GET(self) -> None:
        self._note()
        self._reply(200, "text/html", b"<h1>Chat</h1>", {"set-cookie": "a=b", "x-own": "kept"})

    def do_PUT(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        body = json.loads(self._note() or b"{}")
        time.sleep(self.bot.pause if self.path == "/slow" else 0)
        if self.path == "/redirect":
            self._reply(307, "text/plain", b"", {"location": "/elsewhere"})
        elif self.path == "/broken":
            self.close_connection = True
        elif body.get("stream"):
            self._stream()
        else:
            usage = {"prompt_tokens": 12, "completion_tokens": 3}
            answer = {"model": "small-1", "choices": [{"message": {"content": "Because."}}], "usage": usage}
            self._reply(429 if self.path == "/busy" else 200, "application/json", json.dumps(answer).encode(), {})

    def _note(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.bot.requests.append((self.command, self.path, headers, body))
        return body

    def _reply(self, status: int, kind: str, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for piece in PIECES:
                event = f"data: {json.dumps({'model': 'small-1', 'choices': [{'delta': {'content': piece}}]})}\n\n"
                self.wfile.write(f"{len(event):x}\r\n{event}\r\n".encode())
                self.wfile.flush()
                time.sleep(self.bot.pause)
                self.bot.go_on.wait()
            if self.path == "/breaks-off":
                self.close_connection = True
                return
            if self.path == "/lingers":
                self.wfile.write(b"e\r\ndata: [DONE]\n\n\r\n")
                self.wfile.flush()
                self.bot.has_finished.wait()
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.bot.broken_off.set()
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    bot: Chatbot

    def handle_error(self, *_: object) -> None:
        """A connection that breaks off is what some tests are about."""
        self.bot.broken_off.set()


@contextmanager
def serving(bot: Chatbot) -> Iterator[str]:
    """Serves the chatbot on a free port; yields its "address:port"."""
    with _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"bot": bot})) as server:
        server.bot = bot
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
