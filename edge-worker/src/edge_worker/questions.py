"""Answers questions from the Worker's own knowledge: `POST /query`."""

from edge_worker.arrival import ID_HEADER, begin_exchange
from edge_worker.delivery import Log
from edge_worker.event import Exchange, Latency
from edge_worker.failure import describe
from edge_worker.knowledge import Knowledge
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.validation import MAX_BODY_BYTES, Query, parse_query
from edge_worker.web import HttpError, Request, Response, Runtime

TOO_MANY = HttpError(429, "too_many_requests", "too many requests; try again in a minute")


class Questions:
    """Built-in answers. Every exchange ends in an event, whatever happens."""

    def __init__(self, settings: Settings, knowledge: Knowledge, recorder: Recorder, log: Log) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._recorder = recorder
        self._log = log

    async def respond(self, request: Request, runtime: Runtime) -> Response:
        """Answers one question. Raises HttpError where the request asks none."""
        started = runtime.now_ms()
        query = parse_query(await runtime.body(MAX_BODY_BYTES), self._settings.max_question_length)
        exchange = begin_exchange(request, self._settings, int(started), query.question, query.session)
        try:
            if not await runtime.allows(exchange.visitor_name):
                exchange.outcome = "refused"
                return TOO_MANY.response({ID_HEADER: exchange.id})
            return self._answer(query, exchange, runtime)
        except Exception as error:  # noqa: BLE001  # whatever failed, the visitor hears of it and it is recorded
            self._log(describe("answering failed", error) | {"id": exchange.id})
            failed = HttpError(500, "internal_error", "the question could not be answered")
            return failed.response({ID_HEADER: exchange.id})
        finally:
            retrieval = exchange.latency.retrieval if exchange.latency else None
            exchange.latency = Latency(max(0.0, runtime.now_ms() - started), retrieval)
            self._recorder.record([exchange], runtime)

    def _answer(self, query: Query, exchange: Exchange, runtime: Runtime) -> Response:
        started = runtime.now_ms()
        answer = self._knowledge.answer(query.question)
        exchange.latency = Latency(0, max(0.0, runtime.now_ms() - started))
        exchange.outcome = answer.outcome
        exchange.score = answer.score
        exchange.sources = answer.sources
        exchange.answer = answer.text if answer.sources else None
        body = {
            "id": exchange.id,
            "answer": answer.text,
            "outcome": answer.outcome,
            "score": round(answer.score, 4),
            "sources": list(answer.sources),
        }
        return Response(200, body, {ID_HEADER: exchange.id})
