"""An upstream's answer on its way to the visitor, copied for the record by the runtime itself.

Python sees none of its chunks: it would take half a millisecond for each. The stream is split in two; one branch goes
to the visitor, the other one is read in large pieces.
"""

from collections.abc import Awaitable, Mapping
from typing import Any

import workers

from edge_worker.web import Ending, Recording
from workers_runtime.copies import read_after, read_beside
from workers_runtime.javascript import headers_of, is_aborted, is_stream, js_global

_EVENT_STREAM = "text/event-stream"
# When the copy of a body of unknown length is first looked after. Events come slowly; others may be of any size.
_FIRST_DRAIN_SECONDS = {True: 5.0, False: 0.5}
# The runtime passes on a reply with any status, but makes none with a higher one.
_LAST_STATUS = 599


class UpstreamReply:
    """An upstream's answer."""

    def __init__(self, js_response: Any, signal: Any) -> None:
        """Take the runtime's response, and the signal that the visitor has left, which cancels the upstream."""
        self._js_response = js_response
        self._signal = signal
        self._body = js_response.body
        self.status: int = js_response.status
        self.headers = headers_of(js_response)

    def record(self, limit: int) -> Awaitable[Recording]:
        """See UpstreamReply."""
        if self.status > _LAST_STATUS or not is_stream(self._body):
            return _nothing()
        branches = self._body.tee()
        visitors, copied = branches[0], branches[1]
        if self.headers.get("content-encoding"):
            # The runtime decodes what passes through a pipe; the branch itself keeps its bytes and its length.
            self._body = visitors
            return self._recorded(read_beside(copied, limit))
        # Of all ways to pass a stream on, only with a pipe does the signal tell that the visitor has left.
        length = self.headers.get("content-length", "")
        has_length = length.isdecimal()
        kind = js_global("FixedLengthStream" if has_length else "IdentityTransformStream")
        pipe = kind.new(int(length)) if has_length else kind.new()
        delivery = visitors.pipeTo(pipe.writable)
        self._body = pipe.readable
        is_event_stream = self.headers.get("content-type", "").lower().startswith(_EVENT_STREAM)
        drain_seconds = None if has_length and int(length) <= limit else _FIRST_DRAIN_SECONDS[is_event_stream]
        return self._recorded(read_after(delivery, copied, limit, drain_seconds))

    def to_runtime(self, headers: Mapping[str, str]) -> workers.Response:
        """See UpstreamReply."""
        if self.status > _LAST_STATUS or (not headers and self._body is self._js_response.body):
            return workers.Response(self._js_response)
        response = js_global("Response").new(self._body, self._js_response)
        for name, value in headers.items():
            response.headers.set(name, value)
        return workers.Response(response)

    async def _recorded(self, copying: Awaitable[tuple[bytes, bytes, bool]]) -> Recording:
        head, tail, is_complete = await copying
        if is_complete:
            return Recording(head, tail, Ending.COMPLETE)
        return Recording(head, tail, Ending.ABANDONED if is_aborted(self._signal) else Ending.BROKEN)


async def _nothing() -> Recording:
    return Recording()
