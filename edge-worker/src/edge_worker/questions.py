"""Answers questions from the Worker's own knowledge: `POST /query`."""

from edge_worker.event import Exchange, Latency
from edge_worker.knowledge import Knowledge
from edge_worker.log import Log, describe_failure
from edge_worker.names import with_proof
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.validation import MAX_BODY_BYTES, Query, parse_query
from edge_worker.visitor import begin_exchange, limited_by
from edge_worker.web import ID_HEADER, HttpError, Request, Response

TOO_MANY = HttpError(429, "too_many_requests", "too many requests; try again in a minute", {"retry-after": "60"})


class Questions:
    """Built-in answers. Every exchange ends in an event, whatever happens."""

    def __init__(self, settings: Settings, knowledge: Knowledge, recorder: Recorder, log: Log) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._recorder = recorder
        self._log = log

    async def respond(self, request: Request) -> Response:
        """Answer one question. Raises HttpError where the request asks none."""
        started = request.now_ms()
        query = parse_query(await request.body(MAX_BODY_BYTES), self._settings.max_question_length)
        exchange = begin_exchange(request, self._settings, int(started), query.question, query.session)
        try:
            if not await request.allows(limited_by(request, self._settings, int(started))):
                exchange.refuse()
                return TOO_MANY.response({ID_HEADER: exchange.id})
            return self._answer(query, exchange, request)
        except Exception as error:  # noqa: BLE001 - whatever failed, the visitor hears of it and it is recorded
            self._log(describe_failure("answering failed", error) | {"id": exchange.id})
            failed = HttpError(500, "internal_error", "the question could not be answered")
            return failed.response({ID_HEADER: exchange.id})
        finally:
            retrieval = exchange.latency.retrieval if exchange.latency else None
            exchange.latency = Latency(max(0.0, request.now_ms() - started), retrieval)
            self._recorder.record([exchange], request)

    def _answer(self, query: Query, exchange: Exchange, request: Request) -> Response:
        started = request.now_ms()
        answer = self._knowledge.answer(query.question)
        exchange.latency = Latency(0, max(0.0, request.now_ms() - started))
        answer.complete(exchange)
        visible_id = with_proof(exchange.id, self._settings.rating_key)
        return Response(200, {"id": visible_id, **answer.as_json()}, {ID_HEADER: visible_id})
