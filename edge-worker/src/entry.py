"""The Worker's entry point, and the only file that knows the Workers runtime."""

import asyncio
import json
import secrets
from collections.abc import Coroutine, Mapping
from http import HTTPMethod
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import js
import workers
from pyodide.ffi import JsException, JsProxy

from edge_worker.application import Application
from edge_worker.delivery import Delivery
from edge_worker.knowledge import Knowledge
from edge_worker.origin import Isolate
from edge_worker.queue import Queue, SignedRequest
from edge_worker.settings import Settings, SettingsError
from edge_worker.web import HttpError, Request, Response

BODY_SECONDS = 10.0

# Read while the module is imported: production takes its snapshot after that, so no request pays for it.
_KNOWLEDGE = Knowledge.load(Path(__file__).with_name("knowledge.json"))
_application: Application | None = None


class Default(workers.WorkerEntrypoint):
    """Serves HTTP."""

    async def fetch(self, request: workers.Request) -> workers.Response:
        """Serves one request."""
        try:
            application = _configured(self.env)
        except SettingsError as error:
            _log({"level": "error", "message": "misconfigured", "reason": str(error)})
            misconfigured = HttpError(
                500, "misconfigured", "this Worker is not configured; its log says what is missing"
            )
            return _to_runtime(misconfigured.response())
        return _to_runtime(await application.respond(_from_runtime(request.js_object), self._defer))

    def _defer(self, work: Coroutine[Any, Any, None]) -> None:
        self.ctx.waitUntil(work)


def _configured(env: Any) -> Application:
    """The application of this isolate, built on its first request: before that there is neither env nor entropy."""
    global _application  # noqa: PLW0603
    if _application is None:
        settings = Settings.read(lambda name: getattr(env, name, None))
        isolate = Isolate(secrets.token_hex(6))
        queue = Queue(settings.queue_url, settings.region, settings.access_key_id, settings.secret_access_key)
        delivery = Delivery(queue, isolate, _post, asyncio.sleep, _log)
        _application = Application(settings, _KNOWLEDGE, isolate, delivery, _log)
    return _application


def _from_runtime(request: Any) -> Request:
    headers = js.Object.fromEntries(request.headers).to_py()

    async def body(limit: int) -> bytes:
        too_large = HttpError(413, "body_too_large", f"the body has more than {limit} bytes")
        try:
            content = await asyncio.wait_for(_read(request.body, limit), BODY_SECONDS)
        except TimeoutError:
            raise HttpError(408, "body_too_slow", f"the body took more than {BODY_SECONDS:g} seconds") from None
        except JsException:
            raise HttpError(400, "incomplete_body", "the body ended early") from None
        if content is None:
            raise too_large
        return content

    return Request(request.method, urlsplit(request.url).path, headers, body, getattr(request.cf, "country", None))


async def _read(stream: Any, limit: int) -> bytes | None:
    """The whole stream; None where it is longer than `limit` bytes."""
    if not isinstance(stream, JsProxy):
        return b""
    content = bytearray()
    reader = stream.getReader()
    while not (chunk := await reader.read()).done:
        content += chunk.value.to_bytes()
        if len(content) > limit:
            reader.releaseLock()
            await _discard(stream)
            return None
    return bytes(content)


async def _discard(stream: Any) -> None:
    """Reads a stream to its end: a client that is still sending could not hear the answer."""
    await stream.pipeTo(js.WritableStream.new())


def _to_runtime(response: Response) -> workers.Response:
    if response.body is None:
        return workers.Response(None, status=response.status, headers=dict(response.headers))
    return workers.Response.from_json(response.body, status=response.status, headers=dict(response.headers))


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
    print(json.dumps(line))  # noqa: T201  # Workers Logs takes JSON lines from the standard output
