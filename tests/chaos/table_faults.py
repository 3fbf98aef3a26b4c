"""A table that fails: a proxy between the processor and the emulator's DynamoDB, which answers some requests itself."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_STORM_SECONDS = 3.0
_LONG_STORM_SECONDS = 16.0
_CALM_SECONDS = 22.0
_THROTTLED = "ProvisionedThroughputExceededException"


@dataclass
class TableFaults:
    """Decides which request fails, and how: now and then a single one, and in storms all of them."""

    chance: random.Random
    injected: Counter[str] = field(default_factory=Counter)
    """How often each fault was injected."""
    _begun: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> str | None:
        """Return the fault of the next request; mostly None."""
        with self._lock:
            fault = _THROTTLED if self._is_stormy() else self._single()
            if fault:
                self.injected[fault] += 1
            return fault

    def _is_stormy(self) -> bool:
        """Every fourth storm is longer than the processor waits."""
        period, within = divmod(time.monotonic() - self._begun, _CALM_SECONDS + _LONG_STORM_SECONDS)
        return within < (_LONG_STORM_SECONDS if period % 4 == 1 else _STORM_SECONDS)

    def _single(self) -> str | None:
        return self.chance.choices(
            [None, _THROTTLED, "InternalServerError", "ServiceUnavailable", "connection lost", "answer lost"],
            [0.99, 0.0005, 0.004, 0.002, 0.0015, 0.002],
        )[0]


@contextmanager
def faulty_table(emulator_url: str, faults: TableFaults) -> Iterator[str]:
    """Run the proxy for the length of the `with` block; its URL is the table's endpoint."""
    server = _Server(emulator_url.removeprefix("http://"), faults)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream: str, faults: TableFaults) -> None:
        super().__init__(("127.0.0.1", 0), _Proxy)
        self.upstream = upstream
        self.faults = faults

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a function that is killed drops its connections."""


class _Proxy(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Head and body in one packet, at once: otherwise each answer waits 40 ms for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(self.server.upstream, timeout=30)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.server.faults.next()
        if fault == "connection lost":
            self.close_connection = True
            return
        if fault and fault != "answer lost":
            status = HTTPStatus.BAD_REQUEST if fault == _THROTTLED else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, {}, json.dumps({"__type": f"com.amazonaws#{fault}"}).encode())
            return
        # The Host header stays what the signature covers.
        self._upstream.request("POST", self.path, body, dict(self.headers.items()))
        answer = self._upstream.getresponse()
        content = answer.read()
        if fault == "answer lost":
            self.close_connection = True
            return
        self._answer(answer.status, {"x-amzn-RequestId": answer.getheader("x-amzn-RequestId", "")}, content)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/x-amz-json-1.0", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: there are thousands of requests."""
