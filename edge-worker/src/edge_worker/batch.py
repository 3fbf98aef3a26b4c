"""Takes a batch of events apart, so that one that cannot be read does not sink the others."""

import re
from collections.abc import Iterator
from typing import Any

from edge_worker.bounded_json import parse_json
from edge_worker.web import HttpError

_LIST_START = re.compile(r'\s*(?:\{.*?"events"\s*:\s*)?\[', re.DOTALL)
# A string, or one of the characters that make the structure; possessive, so that the time stays proportional.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_EXPECTED = 'the body is not {"events": [...]}, a list of events, an event or JSON Lines of events'


def read_batch(body: bytes) -> list[Any]:
    """Read `{"events": [...]}`, a list, a single event, or an event a line.

    Returns:
        The events; in the place of one that cannot be read, the HttpError that says so.

    Raises:
        HttpError: 400 where the batch as a whole cannot be read.
    """
    # What is not UTF-8 spoils its own characters only.
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        document = parse_json(text)
    except ValueError:
        return [_read(piece) for piece in _pieces(text)]
    if isinstance(document, dict) and "events" in document:
        document = document["events"]
    elif isinstance(document, dict) and ("question" in document or "type" in document):
        document = [document]
    if not isinstance(document, list):
        raise HttpError(400, "invalid_events", _EXPECTED)
    return document


def _pieces(text: str) -> list[str]:
    start = _LIST_START.match(text)
    pieces = list(_elements(text, start.end())) if start else []
    if not pieces:
        pieces = [line for line in text.split("\n") if line.strip()]
        if len(pieces) < 2 or not all(line.lstrip().startswith("{") for line in pieces):  # noqa: PLR2004 - one line is no list
            raise HttpError(400, "invalid_json", "the body is not JSON")
    return pieces


def _elements(text: str, position: int) -> Iterator[str]:
    """Yield the elements of a list that begins before the position, where its brackets and strings are whole."""
    depth, start = 0, position
    found: list[str] = []
    for token in _TOKEN.finditer(text, position):
        character = token[0]
        if character in ("[", "{"):
            depth += 1
        elif depth == 0 and character in (",", "]"):
            found.append(text[start : token.start()])
            start = token.end()
            if character == "]":
                yield from found if len(found) > 1 or found[0].strip() else []
                return
        elif character in ("]", "}"):
            depth -= 1


def _read(piece: str) -> Any:
    try:
        return parse_json(piece)
    except ValueError:
        return HttpError(400, "invalid_json", "this event is not JSON, or nested too deep")
