"""Looks, after an erasure, whether anything of the table or the dead-letter queue still holds the erased words."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from operate.dead_letter_queue import DeadLetter
from operate.nesting import parse_json

# Rollups and topics keep the beginning of a question; of less, nobody could tell whose words they are.
_LOOKED_FOR = 60
_SHORTEST = 8
_LARGEST_BYTES = 16_000_000
_PLACES = ("question", "answer", "comment")


def texts_of(items: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return what was typed and answered in some items or events."""
    return frozenset(str(item[place]) for item in items for place in _PLACES if item.get(place))


def leftovers(
    texts: Iterable[str], items: Sequence[Mapping[str, Any]], letters: Iterable[DeadLetter], keys: tuple[str, str]
) -> list[str]:
    """Return the keys of items and the ids of messages that hold one of the texts, which nobody else has typed.

    Args:
        texts: of what was erased.
        items: all there are.
        letters: all messages of the dead-letter queue.
        keys: the names of the partition and the sort key.
    """
    wanted = {_comparable(text)[:_LOOKED_FOR] for text in texts}
    wanted = {text for text in wanted if len(text) >= _SHORTEST}
    others = [_comparable(text) for text in texts_of(items)]
    wanted = {text for text in wanted if not any(text in other for other in others)}
    if not wanted:
        return []
    partition, sort = keys
    places = [(f"{item[partition]} {item[sort]}", _written(item)) for item in items]
    places += [(f"message {letter.id}", _unescaped(letter.body)) for letter in letters]
    return [name for name, text in places if any(each in _comparable(text) for each in wanted)]


def waiting_in_outbox(items: Iterable[Mapping[str, Any]], keys: tuple[str, str]) -> dict[str, int]:
    """Return how many events waited in each site's Worker, by the newest exchange that tells; only where some did.

    Nothing but the Worker can look there.
    """
    partition, sort = keys
    newest: dict[str, Mapping[str, Any]] = {}
    for item in items:
        if "#day#" in item[partition] and "waiting" in item:
            site = item[partition].split("#")[1]
            if site not in newest or item[sort] > newest[site][sort]:
                newest[site] = item
    return {site: int(item["waiting"]) for site, item in sorted(newest.items()) if item["waiting"]}


def _comparable(text: str) -> str:
    """Return the letters and digits alone, whatever their case."""
    return "".join(filter(str.isalnum, text.casefold()))


def _written(value: Any) -> str:
    """Return a value as text, what is compressed in it included."""
    if isinstance(value, Mapping):
        return "\n".join(map(_written, value.values()))
    if isinstance(value, list | set | frozenset):
        return "\n".join(map(_written, value))
    content = getattr(value, "value", value)
    if isinstance(content, bytes | bytearray):
        return _unescaped(_unpacked(bytes(content)).decode("utf-8", "replace"))
    return str(value)


def _unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, _LARGEST_BYTES)
    except zlib.error:
        return content


def _unescaped(text: str) -> str:
    """Return the strings of a JSON text as they are meant; another text as it is."""
    try:
        return json.dumps(parse_json(text), ensure_ascii=False)
    except ValueError:
        return text
