"""The Worker's entry point, and the only file that knows the Workers runtime."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPMethod
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import js
import workers
from pyodide.ffi import JsException, JsProxy, to_js

from edge_worker.application import Application
from edge_worker.delivery import Delivery
from edge_worker.knowledge import Knowledge
from edge_worker.origin import Isolate
from edge_worker.queue import Queue, SignedRequest
from edge_worker.settings import Settings, SettingsError
from edge_worker.web import ClientDisconnectedError, HttpError, Request, Response

BODY_SECONDS = 10.0

# Read while the module is imported: production takes its snapshot after that, so no request pays for it.
_KNOWLEDGE = Knowledge.load(Path(__file__).with_name("knowledge.json"))
_application: Application | None = None


class Default(workers.WorkerEntrypoint):
    """Serves HTTP, and other Workers by RPC."""

    async def fetch(self, request: workers.Request) -> workers.Response:
        """Serve one request."""
        try:
            application = _configured(self.env)
        except SettingsError as error:
            _log({"level": "error", "message": "misconfigured", "reason": str(error)})
            misconfigured = HttpError(500, "misconfigured", "the Worker is not configured; its log says what is wrong")
            return _to_runtime(misconfigured.response())
        return _to_runtime(await application.respond(_Request(self, request.js_object)))

    async def track(self, event: Any) -> str:
        """Record an exchange that the calling Worker answered; return its id. Raises ValueError for an invalid one."""
        return self._take({"type": "exchange", **event})

    async def feedback(self, event: Any) -> str:
        """Record a rating; return the id of the exchange. Raises ValueError for an invalid one."""
        return self._take({**event, "type": "feedback"})

    def _take(self, event: dict[str, Any]) -> str:
        try:
            return _configured(self.env).track(event, _Context(self))
        except HttpError as error:
            raise ValueError(f"{error.code}: {error.message}") from None


class _Context:
    """What the runtime offers while one call is served."""

    def __init__(self, worker: Default) -> None:
        self._worker = worker

    def now_ms(self) -> float:
        # Python's own clock moves on by a millisecond each time it is read here.
        return float(js.Date.now())

    def defer(self, work: Awaitable[Any]) -> None:
        self._worker.ctx.waitUntil(work)


class _Request(_Context, Request):
    """A request of the runtime's."""

    def __init__(self, worker: Default, js_request: Any) -> None:
        country = getattr(getattr(js_request, "cf", None), "country", None)
        Request.__init__(
            self,
            method=js_request.method,
            url=js_request.url,
            headers=js.Object.fromEntries(js_request.headers).to_py(),
            country=country if isinstance(country, str) else None,
        )
        _Context.__init__(self, worker)
        self._js_request = js_request

    async def body(self, limit: int) -> bytes:
        try:
            content = await asyncio.wait_for(_read(self._js_request, limit), BODY_SECONDS)
        except TimeoutError:
            raise HttpError(408, "body_too_slow", f"the body took more than {BODY_SECONDS:g} seconds") from None
        except JsException:
            raise HttpError(400, "incomplete_body", "the body ended early") from None
        if content is None:
            raise HttpError(413, "body_too_large", f"the body has more than {limit} bytes")
        return content

    async def allows(self, key: Callable[[], str]) -> bool:
        limiter = getattr(self._worker.env, "RATE_LIMITER", None)
        try:
            return limiter is None or bool((await limiter.limit({"key": key()})).success)
        except JsException as error:
            _log({"level": "error", "message": "rate limiter failed", "reason": str(error)})
            return True

    async def forward(self, body: bytes | None, *, is_read: bool = False) -> "_UpstreamReply":
        env, request = self._worker.env, self._js_request
        headers = js.Headers.new(request.headers)
        if is_read:
            headers.set("accept-encoding", "identity")
        service = getattr(env, "UPSTREAM", None)
        signal = getattr(request, "signal", None)
        init = {
            "method": request.method,
            "headers": headers,
            "body": request.body if body is None else to_js(body),
            "redirect": "manual",
        }
        # An option of the call, since Pyodide's fetch puts a signal of its own in the place of the request's.
        options = {"signal": signal} if isinstance(signal, JsProxy) else {}
        url = request.url if service else _upstream_url(env.UPSTREAM_URL, request.url)
        forwarded = js.Request.new(url, to_js(init, dict_converter=js.Object.fromEntries))
        try:
            reply = await (service.fetch if service else workers.fetch)(forwarded, **options)
        except (OSError, JsException) as error:
            if _is_aborted(signal):
                raise ClientDisconnectedError(str(error)) from error
            raise OSError(str(error)) from error
        return _UpstreamReply(reply.js_object, signal)


class _UpstreamReply:
    """An upstream's answer on its way to the visitor."""

    def __init__(self, js_response: Any, signal: Any) -> None:
        self.js_response = js_response
        self._signal = signal
        self.status: int = js_response.status
        self.headers: dict[str, str] = js.Object.fromEntries(js_response.headers).to_py()
        self.has_body = isinstance(js_response.body, JsProxy)
        length = js_response.headers.get("content-length") or ""
        is_known = length.isdecimal() and not js_response.headers.get("content-encoding")
        self._pipe = js.FixedLengthStream.new(int(length)) if is_known else js.IdentityTransformStream.new()

    async def relay(self, limit: int) -> tuple[bytes, bool]:
        # Chunk by chunk and by hand: of all ways that the runtime has to copy a stream, only a write into this pipe
        # tells when the visitor has left.
        seen = bytearray()
        if not self.has_body:
            return b"", True
        reader, writer = self.js_response.body.getReader(), self._pipe.writable.getWriter()
        while True:
            try:
                chunk = await reader.read()
            except JsException as error:
                await _settled(writer.abort(str(error)))
                if _is_aborted(self._signal):
                    return bytes(seen[:limit]), False
                raise OSError(str(error)) from error
            if chunk.done:
                return bytes(seen[:limit]), await _settled(writer.close())
            if len(seen) < limit:
                seen += chunk.value.to_bytes()
            if not await _settled(writer.write(chunk.value)):
                await _settled(reader.cancel())
                return bytes(seen[:limit]), False

    def to_runtime(self, headers: Mapping[str, str], *, is_relayed: bool) -> workers.Response:
        if not is_relayed:
            return workers.Response(self.js_response)
        response = js.Response.new(self._pipe.readable if self.has_body else None, self.js_response)
        for name, value in headers.items():
            response.headers.set(name, value)
        return workers.Response(response)


def _is_aborted(signal: Any) -> bool:
    """Tell whether the visitor has left. An older runtime's requests have no signal."""
    return isinstance(signal, JsProxy) and bool(signal.aborted)


async def _settled(promise: Awaitable[Any]) -> bool:
    """Wait for a promise; tell whether it was fulfilled."""
    try:
        await promise
    except JsException:
        return False
    return True


def _upstream_url(upstream: str, url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return upstream.rstrip("/") + parts.path + query


def _configured(env: Any) -> Application:
    """Return the application of this isolate, built on its first request: before, there is no env and no entropy."""
    global _application  # noqa: PLW0603 - built once in an isolate
    if _application is None:
        is_upstream_bound = getattr(env, "UPSTREAM", None) is not None
        settings = Settings.read(lambda name: _variable(env, name), is_upstream_bound=is_upstream_bound)
        isolate = Isolate(secrets.token_hex(6))
        queue = Queue(settings.queue_url, settings.region, settings.access_key_id, settings.secret_access_key)
        delivery = Delivery(queue, isolate, _post, asyncio.sleep, _log)
        _application = Application(settings, _KNOWLEDGE, isolate, delivery, _log)
    return _application


def _variable(env: Any, name: str) -> str | None:
    """Return a variable as text; one that the configuration has as JSON, as its JSON."""
    value = getattr(env, name, None)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, JsProxy):
        return str(js.JSON.stringify(value))
    return json.dumps(value)


async def _read(js_request: Any, limit: int) -> bytes | None:
    """Read the whole body; None where it is longer than `limit` bytes."""
    stream = js_request.body
    if not isinstance(stream, JsProxy):
        return b""
    length = js_request.headers.get("content-length") or ""
    if length.isdecimal() and int(length) <= limit:
        content: bytes = (await js_request.arrayBuffer()).to_bytes()
        return content
    pieces = bytearray()
    reader = stream.getReader()
    while not (chunk := await reader.read()).done:
        pieces += chunk.value.to_bytes()
        if len(pieces) > limit:
            reader.releaseLock()
            # A client that is still sending could not hear the answer.
            await stream.pipeTo(js.WritableStream.new())
            return None
    return bytes(pieces)


def _to_runtime(response: Response) -> workers.Response:
    headers = dict(response.headers)
    if response.upstream is not None:
        passed: workers.Response = response.upstream.to_runtime(headers, is_relayed=response.relayed)
        return passed
    if response.body is None:
        return workers.Response(response.text, status=response.status, headers=headers)
    return workers.Response.from_json(response.body, status=response.status, headers=headers)


async def _post(request: SignedRequest, seconds: float) -> tuple[int, str]:
    options: dict[str, Any] = {"signal": js.AbortSignal.timeout(round(seconds * 1000))}
    try:
        reply = await workers.fetch(
            request.url, method=HTTPMethod.POST, headers=dict(request.headers), body=request.body, **options
        )
        return reply.status, await reply.text()
    except JsException as error:
        raise OSError(str(error)) from error


def _log(line: Mapping[str, object]) -> None:
    print(json.dumps(line))  # noqa: T201 - Workers Logs takes JSON lines from the standard output
