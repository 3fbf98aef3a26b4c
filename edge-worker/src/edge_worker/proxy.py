"""Stands before a foreign chatbot: passes everything through unchanged and records the exchanges."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

from edge_worker.client_keys import ClientKeys
from edge_worker.event import Exchange, Latency
from edge_worker.formats.counts import Counts
from edge_worker.formats.detection import format_of_path
from edge_worker.formats.encoding import decoded_reply
from edge_worker.formats.errors import error_body
from edge_worker.formats.exchange import Answer, AskedRequest, Question, Unrecorded, Why
from edge_worker.formats.reader import ExchangeReader
from edge_worker.log import Log, describe_failure
from edge_worker.names import with_proof
from edge_worker.questions import TOO_MANY
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.upstream import upstream_url
from edge_worker.visitor import begin_exchange, limited_by, loop_id
from edge_worker.web import (
    ID_HEADER,
    ClientDisconnectedError,
    Ending,
    HttpError,
    Recording,
    Request,
    Response,
    UpstreamReply,
)

# What is read of a request and of a reply to record them; a longer request passes unrecorded, a longer reply in full.
CAPTURE_BYTES = 1_048_576
_TOO_LONG = Unrecorded(
    Why.UNMATCHED,
    f"a body of more than {CAPTURE_BYTES} bytes is not read, nor the rest of one once the upstream has answered",
)
# An upstream may read as a question what is none here.
_MAY_COST = frozenset({Why.UNMATCHED, Why.NO_QUESTION})
_LEFT = HttpError(400, "incomplete_body", "the body ended early")
_UNREACHABLE = HttpError(502, "upstream_unreachable", "the service behind this address does not answer")


@dataclass(frozen=True, slots=True)
class _Pending:
    """A question on its way to the upstream."""

    request: Request
    exchange: Exchange
    question: Question
    started: float


class Proxy:
    """Passes requests to the upstream."""

    def __init__(self, settings: Settings, recorder: Recorder, log: Log) -> None:
        self._settings = settings
        self._reader = ExchangeReader(settings.proxy_format, settings.mapping)
        self._recorder = recorder
        self._log = log
        self._keys = ClientKeys()
        self.counts = Counts(log)

    async def respond(self, request: Request) -> Response:
        """Return the upstream's answer, or an error in the shape of the format in use.

        Raises:
            HttpError: 400 where the path would lead out of the upstream's.
        """
        started = request.now_ms()
        upstream_url(self._settings.upstream_url, request.url)
        reason = self._reader.may_ask(request.method, request.path, request.headers.get("content-type", ""))
        if reason:
            return await self._pass(request, reason)
        if _is_long(request):
            return await self._pass_unread(request, _TOO_LONG, started)
        if not self._is_limited(request):
            request.forward_early()
        try:
            body = await request.peek(CAPTURE_BYTES)
        except ClientDisconnectedError:
            return _in_format(_LEFT, format_of_path(request.path))
        if body is None:
            return await self._pass_unread(request, _TOO_LONG, started)
        question = self._reader.read_request(AskedRequest(request.method, request.url, request.headers, body))
        if isinstance(question, Unrecorded):
            return await self._pass_unread(request, question, started)
        exchange = self._begin(request, question, int(started))
        pending = _Pending(request, exchange, question, started)
        response: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        # Deferred as a whole: when the visitor leaves, what waits for the upstream goes on and records it.
        request.defer(asyncio.ensure_future(self._exchange(pending, response)))
        return await response

    def _begin(self, request: Request, question: Question, asked_at: int) -> Exchange:
        exchange = begin_exchange(request, self._settings, asked_at, question.text or "", question.session)
        exchange.tool_rounds = question.tool_rounds
        if question.loop is not None:
            exchange.id = loop_id(question.loop, exchange.visitor_name(), self._settings.visitor_key, asked_at)
        return exchange

    async def _pass_unread(self, request: Request, reason: Unrecorded, started: float) -> Response:
        """Pass on what could be a question in a form that is not read; the limit is not left by writing so."""
        if reason.why in _MAY_COST and not await self._is_allowed(request, started):
            self.counts.count_unrecorded(reason)
            return _in_format(TOO_MANY, format_of_path(request.path))
        return await self._pass(request, reason)

    async def _is_allowed(self, request: Request, started: float) -> bool:
        if not self._is_limited(request):
            return True
        return await request.allows(limited_by(request, self._settings, int(started)))

    def _is_limited(self, request: Request) -> bool:
        """Tell whether the rate limiter is asked: not for a backend, with many users and a key that counts.

        Where it is, the upstream has to wait until it is known whether the request is a question.
        """
        may_lift = not self._settings.limit_clients_with_keys
        return request.has_limiter and not (may_lift and self._keys.lift_the_limit(request.headers))

    async def _pass(self, request: Request, reason: Unrecorded) -> Response:
        self.counts.count_unrecorded(reason)
        try:
            reply = await request.forward()
        except OSError:
            return _in_format(_UNREACHABLE, format_of_path(request.path))
        self._keys.see(request.headers, reply.status, has_asked=False)
        return Response(reply.status, upstream=reply)

    async def _exchange(self, pending: _Pending, response: asyncio.Future[Response]) -> None:
        """Answer as soon as the upstream does, and record the exchange once its body has passed."""
        try:
            answer, finish = await self._answer(pending)
        except Exception as error:  # noqa: BLE001 - who waits for the response gets it
            response.set_exception(error)
            return
        if not response.cancelled():
            response.set_result(answer)
        if finish:
            await finish

    async def _answer(self, pending: _Pending) -> tuple[Response, Awaitable[None] | None]:
        """Return the response, and what is to be done once it has passed."""
        request, exchange = pending.request, pending.exchange
        if not await self._is_allowed(request, pending.started):
            exchange.refuse()
            self._record(pending)
            return _in_format(TOO_MANY, pending.question.format, {ID_HEADER: exchange.id}), None
        try:
            reply = await request.forward()
        except OSError as error:
            exchange.outcome = "abandoned" if isinstance(error, ClientDisconnectedError) else "error"
            self._record(pending)
            return _in_format(_UNREACHABLE, pending.question.format, {ID_HEADER: exchange.id}), None
        self._keys.see(request.headers, reply.status, has_asked=True)
        headers = {ID_HEADER: with_proof(exchange.id, self._settings.rating_key)}
        waited = request.now_ms() - pending.started
        finish = self._finish(pending, reply, reply.record(CAPTURE_BYTES), waited)
        return Response(reply.status, headers=headers | _exposing(reply.headers), upstream=reply), finish

    async def _finish(
        self, pending: _Pending, reply: UpstreamReply, copying: Awaitable[Recording], waited: float
    ) -> None:
        exchange, answer = pending.exchange, None
        try:
            recording = await copying
            answer = self._read(pending.question, reply, recording)
            if isinstance(answer, Answer):
                answer.give(exchange)
            if recording.ending is not Ending.COMPLETE and not (isinstance(answer, Answer) and answer.is_complete):
                exchange.outcome = "abandoned" if recording.ending is Ending.ABANDONED else "error"
        except Exception as error:  # noqa: BLE001 - the exchange is recorded all the same
            self._log(describe_failure("recording failed", error) | {"id": exchange.id})
        if isinstance(answer, Unrecorded):
            self.counts.count_unrecorded(answer)
        else:
            self._record(pending, answer, waited)

    def _read(self, question: Question, reply: UpstreamReply, recording: Recording) -> Answer | Unrecorded:
        is_whole = recording.ending is Ending.COMPLETE and not recording.tail
        decoded = decoded_reply(reply.status, reply.headers, recording.head, recording.tail, is_whole=is_whole)
        return self._reader.read_reply(question, decoded)

    def _record(self, pending: _Pending, answer: Answer | None = None, waited: float | None = None) -> None:
        request, exchange = pending.request, pending.exchange
        exchange.latency = Latency(max(0.0, request.now_ms() - pending.started), model=waited)
        self._recorder.record([exchange], request)
        self.counts.count_recorded(answer)


def _is_long(request: Request) -> bool:
    """Tell whether a request says that its body is longer than what is read."""
    length = request.headers.get("content-length", "")
    return length.isdecimal() and int(length) > CAPTURE_BYTES


def _in_format(error: HttpError, format_name: str | None, headers: Mapping[str, str] | None = None) -> Response:
    body = error_body(format_name, error.status, error.code, error.message)
    return Response(error.status, dict(body), {**error.headers, **(headers or {})})


def _exposing(upstream_headers: Mapping[str, str]) -> dict[str, str]:
    """Let a page of another origin, which the upstream lets read its reply, read the exchange's id as well."""
    if "access-control-allow-origin" not in upstream_headers:
        return {}
    exposed = upstream_headers.get("access-control-expose-headers")
    return {"access-control-expose-headers": f"{exposed}, {ID_HEADER}" if exposed else ID_HEADER}
