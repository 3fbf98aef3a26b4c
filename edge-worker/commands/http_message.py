"""Reads raw HTTP messages as `curl -i` prints them, and as people write them by hand."""

import re
from dataclasses import dataclass

_STATUS = re.compile(r"HTTP/\d(?:\.\d)?\s+(\d{3})(?:\s.*)?")
_REQUEST = re.compile(r"([A-Za-z]+)\s+(\S+)(?:\s+HTTP/\d(?:\.\d)?)?")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[^\r\n]*)?\r?\n")


class MessageError(ValueError):
    """A file is not the message it should be; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Message:
    """Start line, headers (names in lower case) and body."""

    start: tuple[str, ...]
    headers: dict[str, str]
    body: bytes


def read_request(content: bytes) -> Message:
    """Read a request: its start is the method and the URL.

    Raises:
        MessageError: there is no request line.
    """
    line, headers, body = _split(content)
    match = _REQUEST.fullmatch(line)
    if not match:
        raise MessageError("begin the request with a line such as: POST /v1/chat/completions HTTP/1.1")
    return Message((match[1].upper(), match[2]), headers, _dechunked(headers, body))


def read_response(content: bytes) -> Message:
    """Read a response: its start is the status. Interim ones before it are passed over (1xx, and a proxy's CONNECT).

    Raises:
        MessageError: there is no status line.
    """
    line, headers, body = _split(content)
    while (
        (match := _STATUS.fullmatch(line)) and _STATUS.fullmatch(_first_line(body)) and not _has_body(match[1], headers)
    ):
        line, headers, body = _split(body)
    if not match:
        raise MessageError("begin the response with a status line such as: HTTP/1.1 200 OK (curl --include prints it)")
    return Message((match[1],), headers, _dechunked(headers, body))


def _split(content: bytes) -> tuple[str, dict[str, str], bytes]:
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    end = _HEAD_END.search(content)
    head, body = (content[: end.start()], content[end.end() :]) if end else (content, b"")
    first, *lines = head.decode("utf-8", "replace").splitlines() or [""]
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        separator = "; " if name == "cookie" else ", "
        headers[name] = separator.join(filter(None, (headers.get(name), value.strip())))
    return first.strip(), headers, body


def _first_line(body: bytes) -> str:
    return body.lstrip(b"\r\n").partition(b"\n")[0].decode("utf-8", "replace").strip()


def _has_body(status: str, headers: dict[str, str]) -> bool:
    is_interim = status.startswith("1") or "content-type" not in headers
    return not is_interim and not status.startswith("3")


def _dechunked(headers: dict[str, str], body: bytes) -> bytes:
    """Take off the chunked coding where the body really has it: curl has taken it off, and leaves the header."""
    if "chunked" not in headers.get("transfer-encoding", "").lower():
        return body
    pieces: list[bytes] = []
    position = 0
    while match := _CHUNK.match(body, position):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(pieces)
        pieces.append(body[match.end() : match.end() + size])
        end = match.end() + size
        gap = re.compile(rb"\r?\n").match(body, end)
        if not gap:
            break
        position = gap.end()
    return body
