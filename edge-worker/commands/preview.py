"""Shows what would be recorded of an exchange: `make preview REQUEST=… RESPONSE=… [FORMAT=…] [MAPPING=…]`.

It reads two raw HTTP messages and prints one JSON object, by the code that the Worker runs.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from commands.http_message import Message, read_request, read_response
from edge_worker.event import Exchange, Visitor, exchange_event
from edge_worker.formats.detection import AUTO, format_named
from edge_worker.formats.encoding import decode_body, decoded_reply
from edge_worker.formats.exchange import AskedRequest, Unrecorded
from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.formats.reader import ExchangeReader
from edge_worker.identifier import random_id
from edge_worker.names import session_name
from edge_worker.origin import Origin
from edge_worker.visitor import read_visitor

EXIT_USAGE = 2
_SITE = "preview.example.com"
# Names of visitors and sessions are hashed with the Worker's own key; this one gives others.
_KEY = "the key of previews"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the outcome; return 2 where a file or an option is wrong."""
    parser = argparse.ArgumentParser(prog="make preview", description=__doc__, allow_abbrev=False)
    parser.add_argument("--request", required=True, help="a file with the raw HTTP request (REQUEST=)")
    parser.add_argument("--response", required=True, help="a file with the raw HTTP reply (RESPONSE=)")
    parser.add_argument("--directory", type=Path, default=Path(), help="where relative files may be, too")
    parser.add_argument("--format", default=AUTO, help="as PROXY_FORMAT (FORMAT=); auto if not given")
    parser.add_argument("--mapping", default="", help="as PROXY_MAPPING (MAPPING=)")
    options = parser.parse_args(arguments)
    try:
        reader = ExchangeReader(_format(options.format), _mapping(options.mapping))
        request = read_request(_content("REQUEST", options.request, options.directory))
        response = read_response(_content("RESPONSE", options.response, options.directory))
    except ValueError as error:
        sys.stderr.write(f"preview: {error}\n")
        return EXIT_USAGE
    sys.stdout.write(json.dumps(preview(reader, request, response), ensure_ascii=False, indent=2) + "\n")
    return 0


def preview(reader: ExchangeReader, request: Message, response: Message) -> dict[str, Any]:
    """Read an exchange as the Worker does: the event it would send, or the reason why it sends none."""
    method, url = request.start
    body = decode_body(request.body, request.headers.get("content-encoding", ""))
    question = reader.read_request(AskedRequest(method, url, request.headers, body or b""))
    if isinstance(question, Unrecorded):
        return {"recorded": False, "reason": question.text}
    answer = reader.read_reply(question, decoded_reply(int(response.start[0]), response.headers, response.body))
    if isinstance(answer, Unrecorded):
        return {"recorded": False, "reason": answer.text}
    now = int(time.time() * 1000)
    exchange = Exchange(
        id=random_id(now),
        site=_SITE,
        asked_at=now,
        question=question.text,
        session=session_name(_KEY, question.session, now),
        visitor=lambda: _visitor(request, now),
        tool_rounds=question.tool_rounds,
    )
    answer.give(exchange)
    return {"recorded": True, "event": exchange_event(exchange, Origin("preview", 1))}


def _format(name: str) -> str:
    try:
        return format_named(name)
    except ValueError as error:
        raise ValueError(f"FORMAT={name}: {error}") from None


def _mapping(text: str) -> ExchangeMapping | None:
    try:
        return ExchangeMapping.parse(text) if text.strip() else None
    except ValueError as error:
        raise ValueError(f"MAPPING: {error}") from None


def _content(name: str, file: str, directory: Path) -> bytes:
    """Read a file, relative to where the command or make was started."""
    if not file:
        raise ValueError(f"name the files: REQUEST=request.http RESPONSE=response.http ({name} is missing)")
    path = Path(file) if Path(file).exists() else directory / file
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{name}={file} cannot be read: {error.strerror}") from None


def _visitor(request: Message, now: int) -> Visitor:
    return read_visitor(request.headers, None, _KEY, now)


if __name__ == "__main__":
    sys.exit(main())
