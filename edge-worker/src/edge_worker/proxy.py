"""Stands before a foreign chatbot: passes everything through unchanged and records the exchanges."""

import asyncio

from edge_worker.event import Exchange, Latency
from edge_worker.log import Log, describe_failure
from edge_worker.mapping import ExchangeMapping
from edge_worker.questions import TOO_MANY
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.visitor import begin_exchange
from edge_worker.web import ID_HEADER, ClientDisconnectedError, HttpError, Request, Response, UpstreamReply

# What is read of a request and of a reply to record them; a longer request passes unrecorded, a longer reply in full.
CAPTURE_BYTES = 1_048_576


class Proxy:
    """Passes requests to the upstream."""

    def __init__(self, settings: Settings, mapping: ExchangeMapping, recorder: Recorder, log: Log) -> None:
        self._settings = settings
        self._mapping = mapping
        self._recorder = recorder
        self._log = log

    async def respond(self, request: Request) -> Response:
        """Return the upstream's answer, or 502. Raises HttpError where the visitor's body does not come."""
        started = request.now_ms()
        body = await request.body(CAPTURE_BYTES) if _may_ask(request) else None
        question, session = self._mapping.read_request(body) if body else (None, None)
        if not question:
            return await self._pass(request, body)
        exchange = begin_exchange(request, self._settings, int(started), question, session)
        # Deferred as a whole: when the visitor leaves, what waits for the upstream goes on and records it.
        work = asyncio.ensure_future(self._exchange(exchange, body, started, request))
        request.defer(work)
        return await work

    async def _pass(self, request: Request, body: bytes | None) -> Response:
        try:
            reply = await request.forward(body)
        except OSError as error:
            raise _unreachable() from error
        return Response(reply.status, upstream=reply)

    async def _exchange(self, exchange: Exchange, body: bytes | None, started: float, request: Request) -> Response:
        headers = {ID_HEADER: exchange.id}
        if not await request.allows(exchange.visitor_name):
            exchange.outcome = "refused"
            self._record(exchange, started, None, request)
            return TOO_MANY.response(headers)
        try:
            reply = await request.forward(body)
        except OSError as error:
            exchange.outcome = "abandoned" if isinstance(error, ClientDisconnectedError) else "error"
            self._record(exchange, started, None, request)
            return _unreachable().response(headers)
        request.defer(self._finish(exchange, reply, started, request))
        return Response(reply.status, headers=headers, upstream=reply, relayed=True)

    async def _finish(self, exchange: Exchange, reply: UpstreamReply, started: float, request: Request) -> None:
        waited = request.now_ms() - started
        try:
            body, stayed = await reply.relay(CAPTURE_BYTES)
            is_whole = len(body) < CAPTURE_BYTES
            self._mapping.read_reply(exchange, reply.status, reply.content_type, body, is_whole=is_whole)
            if not stayed:
                exchange.outcome = "abandoned"
        except OSError:
            exchange.outcome = "error"
        except Exception as error:  # noqa: BLE001 - the exchange is recorded all the same
            self._log(describe_failure("recording failed", error) | {"id": exchange.id})
        self._record(exchange, started, waited, request)

    def _record(self, exchange: Exchange, started: float, waited: float | None, request: Request) -> None:
        exchange.latency = Latency(max(0.0, request.now_ms() - started), model=waited)
        self._recorder.record([exchange], request)


def _may_ask(request: Request) -> bool:
    """Tell whether a request can hold a question: JSON of a known, moderate length."""
    length = request.headers.get("content-length", "")
    is_json = "json" in request.headers.get("content-type", "")
    return request.method == "POST" and is_json and length.isdecimal() and int(length) <= CAPTURE_BYTES


def _unreachable() -> HttpError:
    return HttpError(502, "upstream_unreachable", "the service behind this address does not answer")
