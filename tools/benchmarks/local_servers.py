"""Small servers that a measured Worker talks to: a chatbot that streams, and a queue that can be down.

As a program, the chatbot; it prints its address.
"""

import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CHUNK = b'data: {"object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":" token"}}]}\n\n'
_PAUSE_SECONDS = 0.0005


class Queue:
    """Counts the messages it has taken by their deduplication ids; refuses all while it `is_down`."""

    def __init__(self) -> None:
        self.is_down = False
        self.ids: Counter[str] = Counter()
        self._seen: set[str] = set()

    def take(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer a SendMessageBatch request. A repeated message is dropped, as SQS does."""
        if self.is_down:
            return 503, {}
        entries = json.loads(body)["Entries"]
        for entry in entries:
            if entry["MessageDeduplicationId"] not in self._seen:
                self._seen.add(entry["MessageDeduplicationId"])
                self.ids.update(event["id"] for event in json.loads(entry["MessageBody"])["events"])
        return 200, {"Successful": [{"Id": entry["Id"], "MessageId": entry["Id"]} for entry in entries], "Failed": []}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    queue: Queue | None = None

    def do_POST(self) -> None:
        """Take a message, or stream as many chunks as the header `chunks` says."""
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.queue is None:
            self._stream(int(self.headers["chunks"]))
            return
        status, answer = self.queue.take(body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, chunks: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for _ in range(chunks):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(CHUNK), CHUNK))
            time.sleep(_PAUSE_SECONDS)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: Any) -> None:
        """Say nothing: there are thousands of requests."""


@contextmanager
def serving(queue: Queue | None = None) -> Iterator[str]:
    """Serve the queue, or without one the chatbot, on a free port; yield its "address:port"."""
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"queue": queue})) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with serving() as address:
        print(address, flush=True)
        signal.pause()
