"""An upstream's answer on its way to the visitor, copied for the record by the runtime itself.

Python sees none of its chunks: it would take half a millisecond for each. The stream is split in two; one branch goes
to the visitor, the other one is read in large pieces.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import js
import workers

from edge_worker.web import Ending, Recording
from workers_runtime.javascript import headers_of, is_aborted, is_fulfilled, is_stream, js_object

_PIECE_BYTES = 262_144
# How much later than the visitor's branch the other one may notice that the upstream has ended.
_LAG_SECONDS = 0.01


class UpstreamReply:
    """An upstream's answer."""

    def __init__(self, js_response: Any, signal: Any, leaving: Any) -> None:
        """Take the runtime's response, the visitor's own signal, and the controller that cancels the upstream."""
        self._js_response = js_response
        self._signal = signal
        self._leaving = leaving
        self._body = js_response.body
        self._delivery: Awaitable[Any] | None = None
        self.status: int = js_response.status
        self.headers = headers_of(js_response)

    def record(self, limit: int) -> Awaitable[Recording]:
        """See UpstreamReply."""
        if not is_stream(self._body):
            return _nothing()
        visitors, copied = self._body.tee()
        if self.headers.get("content-encoding"):
            # The runtime decodes what passes through a pipe; the branch itself keeps its bytes and its length.
            self._body = visitors
        else:
            # Of all ways to pass a stream on, only a pipe tells when the visitor has left.
            length = self.headers.get("content-length", "")
            pipe = js.FixedLengthStream.new(int(length)) if length.isdecimal() else js.IdentityTransformStream.new()
            self._delivery = visitors.pipeTo(pipe.writable)
            self._body = pipe.readable
        return self._recorded(copied, limit)

    def to_runtime(self, headers: Mapping[str, str]) -> workers.Response:
        """See UpstreamReply."""
        if not headers and self._body is self._js_response.body:
            return workers.Response(self._js_response)
        response = js.Response.new(self._body, self._js_response)
        for name, value in headers.items():
            response.headers.set(name, value)
        return workers.Response(response)

    async def _recorded(self, stream: Any, limit: int) -> Recording:
        copying = asyncio.ensure_future(_copy(stream, limit, self._leaving.signal))
        has_left = False
        if self._delivery is not None and not await is_fulfilled(self._delivery):
            # Either the visitor has left, or the upstream broke off, which the copy is about to notice as well.
            await asyncio.wait({copying}, timeout=_LAG_SECONDS)
            has_left = not copying.done()
            self._leaving.abort()
        head, tail, is_complete = await copying
        if is_complete:
            return Recording(head, tail, Ending.COMPLETE)
        return Recording(head, tail, Ending.ABANDONED if has_left or is_aborted(self._signal) else Ending.BROKEN)


async def _nothing() -> Recording:
    return Recording()


async def _copy(stream: Any, limit: int, signal: Any) -> tuple[bytes, bytes, bool]:
    """Read a stream until it ends, breaks off, or is no longer wanted.

    Returns:
        Its first `limit` bytes, its last ones where there are more, and whether it ended by itself.
    """
    pipe = js.IdentityTransformStream.new()
    ending = asyncio.ensure_future(
        _end(stream.pipeTo(pipe.writable, js_object(preventAbort=True, signal=signal)), pipe)
    )
    reader = pipe.readable.getReader(js_object(mode="byob"))
    head, last = bytearray(), None
    while True:
        piece = await reader.readAtLeast(_PIECE_BYTES, js.Uint8Array.new(_PIECE_BYTES))
        if piece.value and piece.value.length:
            if len(head) < limit:
                head += piece.value.to_bytes()
            else:
                last = piece.value
        if piece.done:
            break
    tail = bytes(head[limit:]) + (last.to_bytes() if last else b"")
    return bytes(head[:limit]), tail, await ending


async def _end(copying: Awaitable[Any], pipe: Any) -> bool:
    """Close the pipe where the stream broke off, so that what came before can be read; tell whether it did not."""
    is_complete = await is_fulfilled(copying)
    if not is_complete:
        await is_fulfilled(pipe.writable.close())
    return is_complete
