"""A request of the runtime's, and what the runtime offers while it is served."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

import js
import workers
from pyodide.ffi import JsException

from edge_worker import web
from edge_worker.upstream import upstream_url
from workers_runtime.javascript import headers_of, is_aborted, is_stream, js_global, js_object, read_up_to
from workers_runtime.log import log
from workers_runtime.upstream import UpstreamReply

BODY_SECONDS = 10.0
_PIECE_BYTES = 65_536
# How long the rest of a body is waited for once the upstream has answered.
_REST_SECONDS = 1.0
# The runtime sends no body of unknown length with these.
_WITHOUT_STREAM = frozenset({"GET", "HEAD"})


class Context:
    """What the runtime offers while one call is served."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker

    def now_ms(self) -> float:
        """See Context."""
        # Python's own clock moves on by a millisecond each time it is read here.
        return float(js_global("Date").now())

    def defer(self, work: Awaitable[Any]) -> None:
        """See Context."""
        # A promise of JavaScript's own: to make one of a task takes twice as long.
        deferral = js_global("Promise").withResolvers()
        self._worker.ctx.waitUntil(deferral.promise)
        asyncio.ensure_future(work).add_done_callback(lambda _: deferral.resolve())


class Request(Context, web.Request):
    """A request of the runtime's."""

    def __init__(self, worker: Any, js_request: Any) -> None:
        country = getattr(getattr(js_request, "cf", None), "country", None)
        web.Request.__init__(
            self,
            method=js_request.method,
            url=js_request.url,
            headers=headers_of(js_request),
            country=country if isinstance(country, str) else None,
        )
        Context.__init__(self, worker)
        self._js_request = js_request
        self._forwarded = js_request
        self._fetched: asyncio.Future[Any] | None = None

    async def body(self, limit: int) -> bytes:
        """See Request."""
        try:
            content, is_whole = await asyncio.wait_for(self._read(limit), BODY_SECONDS)
        except TimeoutError:
            raise web.HttpError(408, "body_too_slow", f"the body took more than {BODY_SECONDS:g} seconds") from None
        except JsException:
            raise web.HttpError(400, "incomplete_body", "the body ended early") from None
        if not is_whole:
            raise web.HttpError(413, "body_too_large", f"the body has more than {limit} bytes")
        return content

    async def peek(self, limit: int) -> bytes | None:
        """See Request."""
        if not self._has_body:
            return b""
        if self._fetched is None:
            self._keep_for_forwarding()
        try:
            content, is_whole = await self._read_beside_forwarding(limit)
        except JsException as error:
            raise web.ClientDisconnectedError(str(error)) from error
        return content if is_whole else None

    async def _read_beside_forwarding(self, limit: int) -> tuple[bytes, bool]:
        """Read the body; give none once an upstream that did not want the whole has answered, and the rest stays out.

        The runtime hands on no more of a body in two branches when one of them has failed.
        """
        if self._fetched is None:
            return await self._read(limit, is_drained=False)
        reading = asyncio.ensure_future(self._read(limit, is_drained=False))
        self._fetched.add_done_callback(lambda _: _give_up_later(reading))
        await asyncio.wait({reading})
        return (b"", False) if reading.cancelled() else reading.result()

    @property
    def has_limiter(self) -> bool:
        """See Request."""
        return getattr(self._worker.env, "RATE_LIMITER", None) is not None

    async def allows(self, key: Callable[[], str]) -> bool:
        """See Request."""
        limiter = getattr(self._worker.env, "RATE_LIMITER", None)
        try:
            return limiter is None or bool((await limiter.limit({"key": key()})).success)
        except JsException as error:
            log({"level": "error", "message": "rate limiter failed", "reason": str(error)})
            return True

    def forward_early(self) -> None:
        """See Request."""
        if self._has_body:
            self._keep_for_forwarding()
        self._fetched = self._fetch()
        # If nobody waits for it any more, an exception is no news.
        self._fetched.add_done_callback(lambda fetched: fetched.cancelled() or fetched.exception())

    async def forward(self) -> UpstreamReply:
        """See Request."""
        signal = self._signal
        if self._fetched is None and self.method in _WITHOUT_STREAM and "transfer-encoding" in self.headers:
            await self._leave_out_empty_body()
        try:
            reply = await (self._fetched or self._fetch())
        except JsException as error:
            if is_aborted(signal):
                raise web.ClientDisconnectedError(str(error)) from error
            raise OSError(str(error)) from error
        return UpstreamReply(reply, signal)

    async def _leave_out_empty_body(self) -> None:
        """Forward a request without its body of unknown length, which the runtime would leave out in any case.

        Raises:
            HttpError: 411 where something is in it.
        """
        content, is_whole = await read_up_to(self._js_request.body, 0, 1)
        if content or not is_whole:
            raise web.HttpError(411, "length_required", f"a {self.method} request with a body needs Content-Length")
        options = js_object(method=self.method, headers=self._js_request.headers, redirect="manual")
        self._forwarded = js.Request.new(self._js_request.url, options)

    def _keep_for_forwarding(self) -> None:
        """Let the runtime keep what is read here for a copy that is forwarded, its length or its chunks included."""
        self._forwarded = self._js_request.clone()

    def _fetch(self) -> asyncio.Future[Any]:
        """Begin the request to the upstream."""
        request = self._forwarded
        # Not by the SDK: it makes a URL of the request's, and not every Host header that passes makes one.
        bindings = workers.import_from_javascript("cloudflare:workers").env
        fetcher = getattr(bindings, "UPSTREAM", None)
        if fetcher is None:
            request = js_global("Request").new(upstream_url(bindings.UPSTREAM_URL, request.url), request)
        fetched: asyncio.Future[Any]
        if self._signal is None:
            fetched = (fetcher or js).fetch(request)
        else:
            # The runtime keeps the visitor's own signal from what it fetches; one that follows it does cancel.
            following = js_global("AbortSignal").any(js_global("Array").of(self._signal))
            fetched = (fetcher or js).fetch(request, signal=following)
        return fetched

    @cached_property
    def _signal(self) -> Any:
        """What tells that the visitor has left; None where the runtime tells nothing."""
        return getattr(self._js_request, "signal", None)

    async def _read(self, limit: int, *, is_drained: bool = True) -> tuple[bytes, bool]:
        """Read a body of at most `limit` bytes; tell whether that was all of it."""
        if not self._has_body:
            return b"", True
        length = self.headers.get("content-length", "")
        if length.isdecimal() and int(length) <= limit:
            return (await self._js_request.arrayBuffer()).to_bytes(), True
        stream = self._js_request.body
        if not is_drained:
            if length.isdecimal():
                await stream.cancel()
                return b"", False
            return await read_up_to(stream, limit, _PIECE_BYTES)
        pieces = bytearray()
        reader = stream.getReader()
        while not (chunk := await reader.read()).done:
            pieces += chunk.value.to_bytes()
            if len(pieces) > limit:
                reader.releaseLock()
                # A client that is still sending could not hear the answer.
                await stream.pipeTo(js.WritableStream.new())
                return b"", False
        return bytes(pieces), True

    @cached_property
    def _has_body(self) -> bool:
        """Whether the request has a body."""
        return is_stream(self._js_request.body)


def _give_up_later(reading: asyncio.Future[tuple[bytes, bool]]) -> None:
    if not reading.done():
        asyncio.get_running_loop().call_later(_REST_SECONDS, reading.cancel)
