"""Stands before a foreign chatbot: passes everything through unchanged and records the exchanges."""

import asyncio

from edge_worker.arrival import ID_HEADER, begin_exchange
from edge_worker.delivery import Log
from edge_worker.event import Exchange, Latency
from edge_worker.failure import describe
from edge_worker.mapping import ExchangeMapping
from edge_worker.questions import TOO_MANY
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.web import HttpError, Request, Response, Runtime, UpstreamReply, VisitorLeftError

# What is read of a request and of a reply to record them; a longer request passes unrecorded, a longer reply in full.
CAPTURE_BYTES = 1_048_576


class Proxy:
    """Passes requests to the upstream."""

    def __init__(self, settings: Settings, mapping: ExchangeMapping, recorder: Recorder, log: Log) -> None:
        self._settings = settings
        self._mapping = mapping
        self._recorder = recorder
        self._log = log

    async def respond(self, request: Request, runtime: Runtime) -> Response:
        """The upstream's answer, or 502. Raises HttpError where the visitor's body does not come."""
        started = runtime.now_ms()
        body = await runtime.body(CAPTURE_BYTES) if _may_ask(request) else None
        question, session = self._mapping.read_request(body) if body else (None, None)
        if not question:
            return await self._pass(runtime, body)
        exchange = begin_exchange(request, self._settings, int(started), question, session)
        # Deferred as a whole: when the visitor leaves, what waits for the upstream goes on and records it.
        work = asyncio.ensure_future(self._exchange(exchange, body, started, runtime))
        runtime.defer(work)
        return await work

    async def _pass(self, runtime: Runtime, body: bytes | None) -> Response:
        try:
            reply = await runtime.forward(body)
        except OSError as error:
            raise _unreachable() from error
        return Response(reply.status, upstream=reply)

    async def _exchange(self, exchange: Exchange, body: bytes | None, started: float, runtime: Runtime) -> Response:
        headers = {ID_HEADER: exchange.id}
        if not await runtime.allows(exchange.visitor_name):
            exchange.outcome = "refused"
            self._record(exchange, started, None, runtime)
            return TOO_MANY.response(headers)
        try:
            reply = await runtime.forward(body)
        except OSError as error:
            exchange.outcome = "abandoned" if isinstance(error, VisitorLeftError) else "error"
            self._record(exchange, started, None, runtime)
            return _unreachable().response(headers)
        runtime.defer(self._finish(exchange, reply, started, runtime))
        return Response(reply.status, headers=headers, upstream=reply, relayed=True)

    async def _finish(self, exchange: Exchange, reply: UpstreamReply, started: float, runtime: Runtime) -> None:
        waited = runtime.now_ms() - started
        try:
            body, stayed = await reply.relay(CAPTURE_BYTES)
            is_whole = len(body) < CAPTURE_BYTES
            self._mapping.read_reply(exchange, reply.status, reply.content_type, body, is_whole=is_whole)
            if not stayed:
                exchange.outcome = "abandoned"
        except OSError:
            exchange.outcome = "error"
        except Exception as error:  # noqa: BLE001  # nobody waits for this work; the exchange is recorded all the same
            self._log(describe("recording failed", error) | {"id": exchange.id})
        self._record(exchange, started, waited, runtime)

    def _record(self, exchange: Exchange, started: float, waited: float | None, runtime: Runtime) -> None:
        exchange.latency = Latency(max(0.0, runtime.now_ms() - started), model=waited)
        self._recorder.record([exchange], runtime)


def _may_ask(request: Request) -> bool:
    """Whether a request can hold a question: JSON of a known, moderate length."""
    length = request.headers.get("content-length", "")
    is_json = "json" in request.headers.get("content-type", "")
    return request.method == "POST" and is_json and length.isdecimal() and int(length) <= CAPTURE_BYTES


def _unreachable() -> HttpError:
    return HttpError(502, "upstream_unreachable", "the service behind this address does not answer")
