"""The Worker as it is measured: production's entry, with an answer that takes its time, sent off in one of three ways.

Runs in workerd in the place of `entry.py`, which lies beside it under the name `production`. The variable VARIANT says:

- `fire_and_forget`: as production does it, off the response path;
- `blocking`: the same work, only that the visitor waits until it is done;
- `none`: the same Worker, which serves the same answers and makes no exchange, no id and no event of them.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import production
import workers
from edge_worker import recorder
from edge_worker.application import Application
from edge_worker.knowledge import Knowledge
from edge_worker.settings import Settings
from edge_worker.validation import MAX_BODY_BYTES, parse_query
from edge_worker.web import Request, Response, Runtime

ANSWER_SECONDS = 0.010
"""What a model elsewhere and the reading of its reply would take."""

_WAITING_SECONDS = 0.008


class Default(production.Default):  # type: ignore[misc]
    """Serves requests in the way of its variant."""

    async def fetch(self, request: workers.Request) -> workers.Response:
        """Serve one request."""
        await _answer_is_there()
        if self.env.VARIANT == "blocking":
            recorder.PAUSE_SECONDS = 0  # which would make sense to nobody who waits
            self.ctx = _Blocking()
            response = await super().fetch(request)
            await asyncio.gather(*self.ctx.works)
            return response
        if self.env.VARIANT == "none":
            production.Application = _WithoutAnalytics
        return await super().fetch(request)


async def _answer_is_there() -> None:
    """Take the time of an answer: most of it waiting, the rest computing, so that a late timer does not add to it."""
    begun = time.time()
    await asyncio.sleep(_WAITING_SECONDS)
    while time.time() - begun < ANSWER_SECONDS:
        pass


class _Blocking:
    """A context that keeps the work that should be done after the response."""

    def __init__(self) -> None:
        self.works: list[Awaitable[Any]] = []

    def waitUntil(self, work: Awaitable[Any]) -> None:  # noqa: N802
        self.works.append(work)


class _WithoutAnalytics(Application):  # type: ignore[misc]
    """Answers questions, and that is all."""

    def __init__(self, settings: Settings, knowledge: Knowledge, *others: Any) -> None:
        super().__init__(settings, knowledge, *others)
        self._knowledge = knowledge
        self._longest_question = settings.max_question_length
        self._routes["/query"] = {"POST": self._answer}

    async def _answer(self, _request: Request, runtime: Runtime) -> Response:
        query = parse_query(await runtime.body(MAX_BODY_BYTES), self._longest_question)
        await runtime.allows("")
        answer = self._knowledge.answer(query.question)
        body = {
            "answer": answer.text,
            "outcome": answer.outcome,
            "score": round(answer.score, 4),
            "sources": list(answer.sources),
        }
        return Response(200, body)
