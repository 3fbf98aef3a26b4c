"""A queue on this machine that speaks SQS's JSON protocol, checks signatures, and can be told to misbehave.

It takes requests to a table too, and replies to them as it is told.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# More than any test needs, even where others use the machine as well.
WAIT_SECONDS = 30

Answer = Callable[[list[dict[str, Any]]], tuple[int, dict[str, Any]]]


def wait_until(condition: Callable[[], object], otherwise: Callable[[], str], seconds: float = WAIT_SECONDS) -> None:
    """Asks until the condition holds; fails with the words of `otherwise`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.02)


def take(entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    return 200, {"Successful": [{"Id": e["Id"], "MessageId": e["Id"]} for e in entries], "Failed": []}


def fail(_entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    return 500, {"__type": "com.amazonaws.sqs#InternalFailure"}


class QueueServer:
    """What the queue got. `answer` decides its reply and may be replaced."""

    def __init__(self, access_key_id: str, secret_access_key: str, region: str) -> None:
        key = Credentials(access_key_id, secret_access_key)
        self._signers = {service: SigV4Auth(key, service, region) for service in ("sqs", "dynamodb")}
        self.reset()

    def reset(self) -> None:
        self.answer: Answer = take
        self.hosts: list[str] = []
        self.messages: list[dict[str, Any]] = []
        self.table: dict[str, dict[str, Any]] = {}
        """The replies of a table, by action."""

    def receive(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        self.hosts.append(headers["host"])
        if not self._is_signed(method, path, headers, body):
            return 403, {"__type": "com.amazonaws.sqs#SignatureDoesNotMatch"}
        if headers["x-amz-target"].startswith("DynamoDB_"):
            return 200, self.table[headers["x-amz-target"].partition(".")[2]]
        entries = json.loads(body)["Entries"]
        status, reply = self.answer(entries)
        taken = {item["Id"] for item in reply.get("Successful", [])}
        self.messages += [entry for entry in entries if entry["Id"] in taken]
        return status, reply

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of one Worker, in the order in which it made them: requests may overtake each other."""
        found = [event for message in self.messages for event in json.loads(message["MessageBody"])["events"]]
        return sorted(found, key=lambda event: event.get("origin", {"sequence": 0})["sequence"])

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """The events, once there are `count` of them."""
        return self.wait_until(lambda events: len(events) >= count)

    def wait_until(self, is_enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        wait_until(lambda: is_enough(self.events), lambda: f"the queue has {self.events}")
        return self.events

    def _is_signed(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bool:
        names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        request = AWSRequest(
            method, f"https://{headers['host']}{path}", data=body, headers={n: headers[n] for n in names}
        )
        request.context["timestamp"] = headers["x-amz-date"]
        signer = self._signers["dynamodb" if headers["x-amz-target"].startswith("DynamoDB_") else "sqs"]
        text = signer.string_to_sign(request, signer.canonical_request(request))
        return headers["authorization"].endswith(f"Signature={signer.signature(text, request)}")


@contextmanager
def serving(queue: QueueServer) -> Iterator[str]:
    """Serves the queue on a free port; yields its "address:port"."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, reply = queue.receive("POST", self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            content = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("content-type", "application/x-amz-json-1.0")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A Worker that is stopped breaks its connections off."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
