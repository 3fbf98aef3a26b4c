"""Reads replies, whole or streamed, with the reader of their format."""

import re
from collections.abc import Iterator
from typing import Any

from edge_worker.bounded_json import parse_cut_list, parse_json
from edge_worker.formats.detection import READERS, reader_of
from edge_worker.formats.event_stream import EventStream, decode
from edge_worker.formats.exchange import Reply
from edge_worker.formats.mapped import MappedReply
from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.formats.reply_reader import ReplyReader
from edge_worker.formats.text_parts import CLOSING_MARK

_EVENT_STREAM = "text/event-stream"
_JSON_LINES = ("application/x-ndjson", "application/jsonl", "application/json-lines", "application/stream+json")
_SSE_START = re.compile(rb"(?:data|event|id|retry)?:")
_DONE = "[DONE]"


def read_known(reply: Reply, expected: str, *, is_fixed: bool) -> ReplyReader:
    """Read a reply of the expected format, or of another known one that it turns out to have unless it `is_fixed`."""
    stream = _stream(reply)
    if stream is None:
        text = decode(reply.body)
        whole = _parsed(text)
        # Gemini streams a list: a visitor who leaves cuts it off.
        documents = iter(parse_cut_list(text) if whole is None else whole if isinstance(whole, list) else [whole])
    else:
        documents = (_parsed(data) for _, data in stream.events())
    first = next((document for document in documents if isinstance(document, dict)), {})
    reader = (READERS[expected] if is_fixed else reader_of(first, expected))()
    reader.add(first)
    if stream is None:
        for document in documents:
            _add(reader, document)
    else:
        for _, data in _skimmed(stream, reader):
            reader.is_complete |= data == _DONE
            had, refused = len(reader.text), len(reader.refusal)
            _add(reader, _parsed(data))
            if len(reader.text) > had and len(reader.refusal) == refused:
                _add_alike(stream, reader, reader.text.since(had))
    return reader


def read_mapped(reply: Reply, mapping: ExchangeMapping) -> MappedReply:
    """Read a reply as the mapping says. What is no JSON is a text."""
    stream = _stream(reply)
    reader = MappedReply(mapping, is_stream=stream is not None)
    if stream is None:
        text = decode(reply.body)
        is_json = "json" in reply.media_type or text.lstrip()[:1] in ("{", "[")
        reader.add_any(_parsed(text) if is_json else text)
    else:
        for event, data in _skimmed(stream, reader):
            reader.is_complete |= data == _DONE
            reader.add_any(_parsed(data), event)
    reader.finish()
    return reader


def _stream(reply: Reply) -> EventStream | None:
    """Open a reply that comes in pieces, whatever its type says: some send events as text, some errors as events."""
    start = reply.body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        is_lines = reply.media_type in _JSON_LINES or b"}\n{" in reply.body or b"}\r\n{" in reply.body
        return EventStream(reply.body, reply.tail, is_sse=False) if is_lines else None
    is_sse = reply.media_type == _EVENT_STREAM or _SSE_START.match(start) is not None
    return EventStream(reply.body, reply.tail, is_sse=True) if is_sse else None


def _skimmed(stream: EventStream, reader: ReplyReader) -> Iterator[tuple[str, str]]:
    """Yield the events of a stream until the answer's beginning is known, then only those that matter beside it."""
    is_reasoning: bool | None = None
    for event in stream.events():
        yield event
        if reader.text.is_full:
            if is_reasoning is None:
                is_reasoning = stream.contains_after(CLOSING_MARK)
            if not is_reasoning:
                break
    yield from stream.skim(reader.needles)


def _add_alike(stream: EventStream, reader: ReplyReader, text: str) -> None:
    """Take the texts of the events that are like the last one in all else: they add nothing but their text."""
    if reader.text.is_full:
        return
    for piece in stream.alike(text):
        reader.text.add(piece)
        if missing := reader.text.missing:
            reader.text.add_all(stream.alike_at_once(missing))
        if reader.text.is_full:
            return


def _add(reader: ReplyReader, document: Any) -> None:
    if isinstance(document, dict):
        reader.add(document)


def _parsed(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError:
        return None
