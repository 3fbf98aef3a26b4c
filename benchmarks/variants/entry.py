"""The Worker as it is measured: production's entry, with an answer that takes its time, sent off in one of three ways.

Runs in workerd in the place of `entry.py`, which lies beside it under the name `production`. The variable VARIANT says:

- `fire_and_forget`: as production does it, off the response path;
- `blocking`: the same work, only that the visitor waits until it is done;
- `none`: a Worker that answers from the same knowledge and has no analytics.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

import production
import workers
from edge_worker.knowledge import Answer
from edge_worker.validation import MAX_BODY_BYTES, parse_query

ANSWER_SECONDS = 0.010
"""What a model or a search elsewhere would take. It is waited for, as they are."""

_LONGEST_QUESTION = 2000


class Default(production.Default):  # type: ignore[misc]
    """Serves requests in the way of its variant."""

    async def fetch(self, request: workers.Request) -> workers.Response:
        """Serve one request."""
        await asyncio.sleep(ANSWER_SECONDS)
        if self.env.VARIANT == "none":
            return await self._answer(request)
        if self.env.VARIANT == "blocking":
            self.ctx = _Blocking()
            response = await super().fetch(request)
            await asyncio.gather(*self.ctx.works)
            return response
        return await super().fetch(request)

    async def _answer(self, request: workers.Request) -> workers.Response:
        query = parse_query(await production._Runtime(self, request.js_object).body(MAX_BODY_BYTES), _LONGEST_QUESTION)
        return workers.Response.from_json(_told(production._KNOWLEDGE.answer(query.question)))


class _Blocking:
    """A context that keeps the work that should be done after the response."""

    def __init__(self) -> None:
        self.works: list[Awaitable[Any]] = []

    def waitUntil(self, work: Awaitable[Any]) -> None:  # noqa: N802
        self.works.append(work)


def _told(answer: Answer) -> dict[str, Any]:
    """Return what the production Worker tells, but for the id."""
    return {
        "answer": answer.text,
        "outcome": answer.outcome,
        "score": round(answer.score, 4),
        "sources": list(answer.sources),
    }
