"""Reads the copy of a stream that passes, in as few steps as possible: each costs Python a tenth of a millisecond.

Both ways return the first `limit` bytes, the last ones where there are more, and whether the stream ended by itself.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

import js
from pyodide.ffi import JsException

from workers_runtime.javascript import is_fulfilled, js_global, js_object

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
    copy, timer = _LateCopy(delivery, stream, limit), None
    if drain_seconds is not None:
        timer = asyncio.get_running_loop().call_later(drain_seconds, copy.begin_to_drain, drain_seconds)
    is_complete = await is_fulfilled(delivery)
    if timer:
        timer.cancel()
    return await copy.read(is_complete=is_complete)


class _LateCopy:
    """A copy that is read at the end, and in between where that is long in coming."""

    def __init__(self, delivery: asyncio.Future[Any], stream: Any, limit: int) -> None:
        self._delivery, self._stream, self._limit = delivery, stream, limit
        self._kept = _Kept(limit)
        self._reader: Any = None
        self._draining: asyncio.Task[None] | None = None

    def begin_to_drain(self, seconds: float) -> None:
        """Read what has come, and again after some time, until the delivery ends."""
        self._reader = self._stream.getReader(js_object(mode="byob"))
        self._draining = asyncio.ensure_future(self._drain(seconds))

    async def read(self, *, is_complete: bool) -> Copy:
        """Read the rest. The delivery has ended."""
        try:
            if self._draining:
                await self._draining
            elif is_complete:
                return await self._read_at_once()
            reader = self._reader or self._stream.getReader(js_object(mode="byob"))
            while not (piece := await reader.read(_buffer())).done:
                self._kept.take(piece)
        except JsException:
            is_complete = False
        return self._kept.copy(is_complete=is_complete)

    async def _drain(self, seconds: float) -> None:
        while not self._delivery.done():
            while self._kept.take(await self._reader.read(_buffer())):
                pass
            seconds = min(2 * seconds, _MOST_DRAIN_SECONDS)
            await asyncio.wait({self._delivery}, timeout=seconds)

    async def _read_at_once(self) -> Copy:
        """Read it in one step, which costs a third of a reader's."""
        content = await js_global("Response").new(self._stream).arrayBuffer()
        length = content.byteLength
        if length <= self._limit:
            return content.to_bytes(), b"", True
        tail = content.slice(max(self._limit, length - _PIECE_BYTES))
        return content.slice(0, self._limit).to_bytes(), tail.to_bytes(), True


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
