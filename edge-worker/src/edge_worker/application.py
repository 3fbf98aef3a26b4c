"""Serves requests: which path does what, and that every exchange ends in an event."""

import os
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import PurePath
from typing import Any

from edge_worker.delivery import Delivery, Log
from edge_worker.event import Exchange, Latency, exchange_event
from edge_worker.identifier import RANDOM_BYTES, new_id
from edge_worker.knowledge import Knowledge
from edge_worker.origin import Isolate
from edge_worker.settings import Settings
from edge_worker.validation import MAX_BODY_BYTES, Query, parse_query
from edge_worker.visitor import read_visitor
from edge_worker.web import HttpError, Request, Response

ID_HEADER = "edge-analytics-id"

Defer = Callable[[Coroutine[Any, Any, None]], None]
Handler = Callable[[Request, Defer], Awaitable[Response]]


class Application:
    """The Worker without its runtime. `defer` takes what is to run after the response."""

    def __init__(
        self, settings: Settings, knowledge: Knowledge, isolate: Isolate, delivery: Delivery, log: Log
    ) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._isolate = isolate
        self._delivery = delivery
        self._log = log
        self._routes: Mapping[str, Mapping[str, Handler]] = {
            "/query": {"POST": self._query},
            "/health": {"GET": self._health, "HEAD": self._health},
        }

    async def respond(self, request: Request, defer: Defer) -> Response:
        """Serves one request. Never raises."""
        try:
            return await self._route(request)(request, defer)
        except HttpError as error:
            return error.response()
        except Exception as error:  # noqa: BLE001  # the visitor gets no traceback, the log no visitor's words
            self._log(_failure("request failed", error))
            return _internal_error()

    def _route(self, request: Request) -> Handler:
        methods = self._routes.get(request.path)
        if methods is None:
            raise HttpError(404, "not_found", "there is nothing at this path")
        if request.method not in methods:
            allowed = {"allow": ", ".join(methods)}
            raise HttpError(405, "method_not_allowed", f"{request.path} takes {allowed['allow']}", allowed)
        return methods[request.method]

    async def _health(self, _request: Request, _defer: Defer) -> Response:
        return Response(200, {"status": "ok", "site": self._settings.site, "entries": len(self._knowledge)})

    async def _query(self, request: Request, defer: Defer) -> Response:
        started = _now_ms()
        query = parse_query(await request.body(MAX_BODY_BYTES), self._settings.max_question_length)
        asked_at = int(started)
        exchange = Exchange(
            id=new_id(asked_at, os.urandom(RANDOM_BYTES)),
            site=self._settings.site,
            asked_at=asked_at,
            question=query.question,
            session=query.session,
            visitor=read_visitor(request.headers, request.country, self._settings.visitor_key, asked_at),
        )
        try:
            return self._answer(query, exchange)
        except Exception as error:  # noqa: BLE001  # whatever failed, the exchange is recorded
            self._log(_failure("answering failed", error) | {"id": exchange.id})
            return _internal_error({ID_HEADER: exchange.id})
        finally:
            retrieval = exchange.latency.retrieval if exchange.latency else None
            exchange.latency = Latency(_now_ms() - started, retrieval)
            event = exchange_event(exchange, self._isolate.next_origin())
            defer(self._delivery.send([[event]]))

    def _answer(self, query: Query, exchange: Exchange) -> Response:
        started = _now_ms()
        answer = self._knowledge.answer(query.question)
        exchange.latency = Latency(0, _now_ms() - started)
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


def _now_ms() -> float:
    """Milliseconds since 1970 UTC. A deployed Worker's clock moves only with input and output."""
    return time.time() * 1000


def _internal_error(headers: Mapping[str, str] | None = None) -> Response:
    return HttpError(500, "internal_error", "the question could not be answered", headers).response()


def _failure(message: str, error: Exception) -> dict[str, object]:
    """A log line that says what failed where. An exception's own text may hold a visitor's words, so it stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames]
    return {"level": "error", "message": message, "error": type(error).__name__, "at": places}
