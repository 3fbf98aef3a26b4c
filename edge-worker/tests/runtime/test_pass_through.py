"""Odd requests through the Worker and without it: the upstream and the client see the same, byte by byte."""

import gzip
import json
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

import workerd
from configuration import Bindings
from queue_server import WAIT_SECONDS, QueueServer

pytestmark = pytest.mark.runtime

QUESTION = json.dumps({"messages": [{"role": "user", "content": "Why?"}]}).encode()
ANSWER = json.dumps({"object": "chat.completion", "choices": [{"message": {"content": "Because."}}]}).encode()
COMPRESSED = gzip.compress(ANSWER * 20, mtime=0)
# What each of the two connections has for itself.
CONNECTION_HEADERS = (b"connection", b"keep-alive")
OWN_HEADERS = (b"edge-analytics-id",)


class Message(NamedTuple):
    """A request or a reply; the headers are sorted, their names in lower case."""

    start: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Upstream:
    """Answers each connection's request with the same bytes and keeps what it was sent."""

    def __init__(self) -> None:
        self.reply = b""
        self.seen: list[Message] = []

    def serve(self, connection: socket.socket) -> None:
        with connection:
            self.seen.append(message := read_message(connection, is_request=True))
            is_head = message.start.startswith(b"HEAD ")
            connection.sendall(self.reply.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if is_head else self.reply)


@contextmanager
def listening(upstream: Upstream) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=upstream.serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def read_message(connection: socket.socket, *, is_request: bool, method: bytes = b"") -> Message:
    connection.settimeout(WAIT_SECONDS)
    content = b""
    while b"\r\n\r\n" not in content or content.startswith(b"HTTP/1.1 100"):
        content = re.sub(rb"\AHTTP/1.1 100 [^\r]*\r\n\r\n", b"", content) + (piece := connection.recv(65_536))
        if not piece:
            break
    head, _, body = content.partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    while not _is_whole(dict(headers), body, is_request=is_request, method=method):
        if not (piece := connection.recv(65_536)):
            break
        body += piece
    # Chunks are what matters, and not how their lengths are written. No length and a length of 0 are the same.
    body = re.sub(rb"(?m)^[0-9A-F]+(?=\r$)", lambda size: size[0].lower(), body)
    return Message(start, joined(header for header in headers if header != (b"content-length", b"0")), body)


def joined(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers in order of their names; a list in several lines is the same in one (RFC 9110, section 5.3)."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    cookies = [(b"set-cookie", value) for value in found.pop(b"set-cookie", [])]
    return sorted([*((name, b", ".join(values)) for name, values in found.items()), *cookies])


def _is_whole(headers: dict[bytes, bytes], body: bytes, *, is_request: bool, method: bytes) -> bool:
    if method == b"HEAD":
        return True
    if headers.get(b"transfer-encoding") == b"chunked":
        return body.endswith(b"0\r\n\r\n")
    if b"content-length" in headers:
        return len(body) >= int(headers[b"content-length"])
    return is_request


def send(address: str, request: bytes) -> Message:
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(request)
        return read_message(connection, is_request=False, method=request.split(b" ")[0])


def request(start: str, *headers: str, body: bytes = b"", host: str = "bot.example.com:8443") -> bytes:
    lines = [f"{start} HTTP/1.1", f"Host: {host}", *headers, "Connection: close"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def reply(start: str = "200 OK", *headers: str, body: bytes = b"") -> bytes:
    framing = [] if "Transfer-Encoding: chunked" in headers else [f"Content-Length: {len(body)}"]
    return "\r\n".join([f"HTTP/1.1 {start}", *headers, *framing]).encode("latin-1") + b"\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"
EVENT_STREAM = "Content-Type: text/event-stream"
TEXT = "Content-Type: text/plain"
PLAIN = reply("200 OK", TEXT, "X-A: 1", "X-A: 2", "Set-Cookie: a=1", "Set-Cookie: b=2", body=b"hello")
COMPLETION = reply("200 OK", JSON, body=ANSWER)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT")
HOSTS = ("a", "a:1", "a:65535", "a:99999", "127.0.0.1:80", "[::1]:8080")
PAGE = request("GET /")
LENGTH = f"Content-Length: {len(QUESTION)}"
CHAT = "POST /v1/chat/completions"
ASKED = request(CHAT, JSON, LENGTH, body=QUESTION)
REPLIES = {
    "compressed": reply("200 OK", JSON, "Content-Encoding: gzip", body=COMPRESSED),
    "compressed in chunks": reply("200 OK", JSON, "Content-Encoding: gzip", CHUNKED, body=chunked(COMPRESSED)),
    "brotli": reply("200 OK", JSON, "Content-Encoding: br", body=b"\x0b\x02\x80hello\x03"),
    "odd coding": reply("200 OK", JSON, "Content-Encoding: odd", body=b"whatever"),
    "no content": reply("204 No Content").replace(b"Content-Length: 0\r\n", b""),
    "not modified": reply("304 Not Modified", 'ETag: "x"').replace(b"Content-Length: 0\r\n", b""),
    "redirect": reply("302 Found", "Location: /elsewhere", body=b"moved"),
    "unauthorized": reply("401 No", 'WWW-Authenticate: Basic realm="a"', "WWW-Authenticate: Bearer", body=b"no"),
    "refusal": reply("429 Too Many", JSON, "Retry-After: 3", body=b"{}"),
    "empty error": reply("500 Broken", JSON),
    "not UTF-8": reply("503 Service Unavailable", "Content-Type: text/html", body=b"<p>\xff\xfe</p>"),
    "status of its own": reply("999 Denied", TEXT, body=b"no"),
    "stream": reply("200 OK", EVENT_STREAM, CHUNKED, body=chunked(b"data: {}\n\n")),
}
CASES = {
    **{f"{method} without a body": (request(f"{method} /a"), PLAIN) for method in METHODS},
    **{f"{method} of no length": (request(f"{method} /a", "Content-Length: 0"), PLAIN) for method in METHODS},
    **{
        f"{method} with a body": (request(f"{method} /a", "Content-Length: 3", body=b"abc"), PLAIN)
        for method in METHODS
    },
    # The runtime itself sends no body of unknown length in a GET or HEAD request.
    **{
        f"{method} in chunks": (request(f"{method} /a", CHUNKED, body=chunked(b"abc")), PLAIN) for method in METHODS[2:]
    },
    **{f"{method} of JSON": (request(f"{method} /a", JSON, LENGTH, body=QUESTION), PLAIN) for method in METHODS},
    **{f"host {host}": (request("GET /", host=host), PLAIN) for host in HOSTS},
    "path": (request("GET /a%2Fb//c/d;x=1/%C3%A9?x=%20&&y=+&z"), PLAIN),
    "question mark alone": (request("GET /a?"), PLAIN),
    "duplicate headers": (request("GET /", "X-Mine: 1", "X-Mine: 2", "Accept: a/b", "Accept: c/d"), PLAIN),
    "cookies": (request("GET /", "Cookie: a=1; b=2"), PLAIN),
    "odd headers": (request("GET /", "X-Empty:", "X-Tab: a\tb", "X-Latin: \xe9", "cf-connecting-ip: 192.0.2.7"), PLAIN),
    "large header": (request("GET /", f"X-Large: {'x' * 4000}"), PLAIN),
    "accepted codings": (request("GET /", "Accept-Encoding: gzip, br;q=0.5, odd"), PLAIN),
    "expectation": (request("POST /", "Expect: 100-continue", "Content-Length: 3", body=b"abc"), PLAIN),
    "not JSON": (request(CHAT, JSON, "Content-Length: 3", body=b"{{{"), PLAIN),
    "question": (ASKED, COMPLETION),
    "question in chunks": (request(CHAT, JSON, CHUNKED, body=chunked(QUESTION)), COMPLETION),
    "expected question": (request(CHAT, JSON, "Expect: 100-continue", LENGTH, body=QUESTION), COMPLETION),
    **{f"page, {name}": (PAGE, answer) for name, answer in REPLIES.items()},
    **{f"question, {name}": (ASKED, answer) for name, answer in REPLIES.items()},
}


@pytest.fixture(scope="module")
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture(scope="module")
def addresses(
    queue_server: tuple[QueueServer, str], upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    log = tmp_path_factory.mktemp("pass-through") / "log"
    with listening(upstream) as direct, log.open("wb") as file:
        bindings = Bindings(upstream=direct)
        with workerd.worker(queue_server[1], bindings=bindings, variables={"PROXY_FORMAT": "auto"}, log=file) as url:
            yield direct, url.removeprefix("http://")


@pytest.mark.parametrize("case", CASES)
def test_both_sides_see_what_they_would_see_without_the_worker(
    addresses: tuple[str, str], upstream: Upstream, case: str
) -> None:
    asked, upstream.reply = CASES[case]
    upstream.seen = []
    direct, proxied = (send(address, asked) for address in addresses)

    (sent, forwarded) = upstream.seen
    assert forwarded == sent._replace(headers=without(sent.headers, CONNECTION_HEADERS))
    assert without(proxied.headers, CONNECTION_HEADERS + OWN_HEADERS) == without(direct.headers, CONNECTION_HEADERS)
    assert (proxied.start.split(b" ")[1], proxied.body) == (direct.start.split(b" ")[1], direct.body)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_body_that_the_runtime_would_leave_out_is_refused_and_an_empty_one_is_none(
    addresses: tuple[str, str], upstream: Upstream, method: str
) -> None:
    upstream.reply, upstream.seen = PLAIN, []

    refused = send(addresses[1], request(f"{method} /a", CHUNKED, body=chunked(b"abc")))
    passed = send(addresses[1], request(f"{method} /a", CHUNKED, body=b"0\r\n\r\n"))

    assert [refused.start.split(b" ")[1], passed.start.split(b" ")[1]] == [b"411", b"200"]
    assert len(upstream.seen) == 1


def without(headers: list[tuple[bytes, bytes]], names: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
    return [header for header in headers if header[0] not in names]
