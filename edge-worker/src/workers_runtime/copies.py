"""Reads the copy of a stream that passes, in as few steps as possible: each costs Python a tenth of a millisecond.

Both ways return the first `limit` bytes, the last ones where there are more, and whether the stream ended by itself.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

import js
from pyodide.ffi import JsException

from workers_runtime.javascript import is_fulfilled, js_object

_PIECE_BYTES = 262_144
_MOST_DRAIN_SECONDS = 60.0

Copy = tuple[bytes, bytes, bool]


class _Kept:
    """What is kept of a copy: its beginning, and its last piece."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._head = bytearray()
        self._last: Any = None

    def take(self, piece: Any) -> bool:
        """Take a piece that a reader gave; tell whether it was full, so that more may be there already."""
        length = piece.value.length if piece.value else 0
        if length and len(self._head) < self._limit:
            self._head += piece.value.to_bytes()
        elif length:
            self._last = piece.value
        return bool(length == _PIECE_BYTES)

    def copy(self, *, is_complete: bool) -> Copy:
        """Return it all."""
        head = bytes(self._head)
        return head[: self._limit], head[self._limit :] + (self._last.to_bytes() if self._last else b""), is_complete


async def read_after(delivery: asyncio.Future[Any], stream: Any, limit: int, drain_seconds: float | None) -> Copy:
    """Read a copy once the original has been delivered: until then, the runtime keeps it.

    Args:
        delivery: Ends with the original, as it does.
        stream: The copy.
        limit: In bytes.
        drain_seconds: After how long to read what has come so far, and after twice as long again, so that a long
            stream does not fill the memory; None to leave it to the end.
    """
    reader, kept = stream.getReader(js_object(mode="byob")), _Kept(limit)
    is_complete = await _is_delivered(delivery, reader, kept, drain_seconds)
    try:
        if is_complete:
            while kept.take(await reader.readAtLeast(_PIECE_BYTES, _buffer())):
                pass
        else:
            while not (piece := await reader.read(_buffer())).done:
                kept.take(piece)
    except JsException:
        is_complete = False
    return kept.copy(is_complete=is_complete)


async def _is_delivered(delivery: asyncio.Future[Any], reader: Any, kept: _Kept, drain_seconds: float | None) -> bool:
    """Wait for the end of a delivery; tell whether it was a good one."""
    try:
        while drain_seconds is not None and not (await asyncio.wait({delivery}, timeout=drain_seconds))[0]:
            while kept.take(await reader.read(_buffer())):
                pass
            drain_seconds = min(2 * drain_seconds, _MOST_DRAIN_SECONDS)
        await delivery
    except JsException:
        return False
    return True


async def read_beside(stream: Any, limit: int) -> Copy:
    """Read a copy while the original is delivered, through a pipe: a branch that is read directly holds up the other.

    It cannot tell when the visitor leaves.
    """
    pipe, kept = js.IdentityTransformStream.new(), _Kept(limit)
    ending = asyncio.ensure_future(_end(stream.pipeTo(pipe.writable, js_object(preventAbort=True)), pipe))
    reader = pipe.readable.getReader(js_object(mode="byob"))
    while kept.take(await reader.readAtLeast(_PIECE_BYTES, _buffer())):
        pass
    return kept.copy(is_complete=await ending)


async def _end(copying: Awaitable[Any], pipe: Any) -> bool:
    """Close the pipe where the stream broke off, so that what came before can be read; tell whether it did not."""
    is_complete = await is_fulfilled(copying)
    if not is_complete:
        await is_fulfilled(pipe.writable.close())
    return is_complete


def _buffer() -> Any:
    return js.Uint8Array.new(_PIECE_BYTES)
