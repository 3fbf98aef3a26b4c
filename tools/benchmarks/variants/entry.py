"""The Worker as it is measured: production's entry, with an answer that takes its time, sent off in one of three ways.

Runs in workerd in the place of `entry.py`, which lies beside it under the name `production`. The header `variant` says:

- `fire_and_forget`: as production does it, off the response path;
- `blocking`: the same work, only that the visitor waits until it is done;
- `none`: the same Worker, which serves the same answers and makes no exchange, no id and no event of them.

One isolate serves them all, since two isolates of the very same Worker can differ more than what is to be measured.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

import production

from edge_worker.application import Application
from edge_worker.knowledge import Knowledge
from edge_worker.settings import Settings
from edge_worker.validation import MAX_BODY_BYTES, parse_query
from edge_worker.web import Request, Response

ANSWER_SECONDS = 0.010
"""What a model elsewhere would take."""


class _Variants:
    """Serves requests in the way that each asks for."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._arguments, self._named = arguments, named
        self._fire_and_forget = Application(*arguments, **named)
        self._none = _WithoutAnalytics(*arguments, **named)

    async def respond(self, request: Request) -> Response:
        """Serve one request."""
        await asyncio.sleep(ANSWER_SECONDS)
        match request.headers["variant"]:
            case "blocking":
                # One for each visitor, so that all of them wait, and none for another's events.
                blocking = Application(*self._arguments, **self._named, linger_seconds=0)
                waiting = _Waiting(request)
                response = await blocking.respond(waiting)
                await asyncio.gather(*waiting.works)
                return response
            case "none":
                return await self._none.respond(request)
            case _:
                return await self._fire_and_forget.respond(request)


class _Waiting:
    """A request that keeps the work that should be done after the response."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.works: list[Awaitable[Any]] = []

    def defer(self, work: Awaitable[Any]) -> None:
        self.works.append(work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


class _WithoutAnalytics(Application):  # type: ignore[misc]
    """Answers questions, and that is all."""

    def __init__(self, settings: Settings, knowledge: Knowledge, *others: Any, **named: Any) -> None:
        super().__init__(settings, knowledge, *others, **named)
        self._knowledge = knowledge
        self._longest_question = settings.max_question_length
        self._routes["/query"] = {"POST": self._answer}

    async def _answer(self, request: Request) -> Response:
        query = parse_query(await request.body(MAX_BODY_BYTES), self._longest_question)
        await request.allows(str)
        return Response(200, self._knowledge.answer(query.question).as_json())


production.Application = _Variants
Default = production.Default
