"""A queue that is down, slow, or refuses every third call: a proxy between the Worker and the emulator."""

import http.client
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

SLOW_SECONDS = 8

Trouble = Literal["none", "down", "slow", "every third refused"]


class QueueFaults:
    """What is wrong with the queue at present."""

    def __init__(self) -> None:
        self.trouble: Trouble = "none"
        self._calls = itertools.count(1)

    def strike(self) -> HTTPStatus | None:
        """Return the status that this call is answered with; None where it goes through."""
        if self.trouble == "slow":
            time.sleep(SLOW_SECONDS)
        if self.trouble == "down" or (self.trouble == "every third refused" and next(self._calls) % 3 == 0):
            return HTTPStatus.SERVICE_UNAVAILABLE
        return None


@contextmanager
def faulty_queue(address: str, faults: QueueFaults) -> Iterator[str]:
    """Stand before the emulator at `address`; yield the "address:port" to use in its place."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            """Pass a call on, or refuse it. The Host header stays what the signature covers."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = faults.strike(), b"{}"
            if status is None:
                connection = http.client.HTTPConnection(address, timeout=30)
                connection.request("POST", self.path, body, dict(self.headers.items()))
                answer = connection.getresponse()
                status, content = HTTPStatus(answer.status), answer.read()
                connection.close()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Say nothing: a Worker that is killed breaks its connections off."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
