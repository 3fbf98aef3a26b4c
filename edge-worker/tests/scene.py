"""Stands in for the runtime in tests of the application: what was deferred, sent and logged can be looked at."""

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

from edge_worker.application import Application
from edge_worker.delivery import Delivery
from edge_worker.knowledge import Entry, Knowledge
from edge_worker.origin import Isolate
from edge_worker.settings import Settings
from edge_worker.web import Ending, HttpError, Recording, Request

VARIABLES = {
    "SITE": "docs.example.com",
    "QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/123456789012/events.fifo",
    "AWS_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a-secret-access-key",
    "VISITOR_KEY": "a-key-of-sixteen-characters",
}
KNOWLEDGE = Knowledge([Entry("1", "I forgot my password.", "Use the reset link.", "accounts")])


class Recorded(Delivery):
    """Takes the place of the delivery: keeps the messages."""

    def __init__(self) -> None:
        self.batches: list[Any] = []
        self.waiting: int | None = None

    @property
    def messages(self) -> Any:
        return [message for batch in self.batches for message in batch]

    async def news_of_waiting(self) -> int | None:
        news, self.waiting = self.waiting, None
        return news

    async def count_waiting(self) -> int | None:
        return None

    async def send(self, messages: Any) -> None:
        self.batches.append(messages)


class FakeReply:
    """An upstream's answer, all of it known beforehand."""

    def __init__(
        self,
        body: Any,
        status: Any = 200,
        content_type: Any = "application/json",
        stays: Any = True,
        breaks: Any = False,
        headers: Any = None,
    ) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = {"content-type": content_type, **(headers or {})}
        self.stays = stays
        self.breaks = breaks

    async def record(self, limit: int) -> Recording:
        ending = Ending.BROKEN if self.breaks else Ending.COMPLETE if self.stays else Ending.ABANDONED
        return Recording(self.body[:limit], self.body[limit:], ending)


class FakeContext:
    def __init__(self) -> None:
        self.deferred: list[Any] = []

    def now_ms(self) -> Any:
        return time.time() * 1000

    def defer(self, work: Any) -> None:
        self.deferred.append(work)


class FakeRequest(FakeContext, Request):
    def __init__(
        self, method: Any, url: Any, headers: Any, body: Any = b"", allowed: Any = True, upstream: Any = None
    ) -> None:
        Request.__init__(self, method, url, headers)
        FakeContext.__init__(self)
        self._body = body
        self._allowed = allowed
        self._upstream = upstream
        self.forwarded: list[Any] = []
        self.is_early = False
        self.limited_by: list[str] = []

    async def body(self, limit: Any) -> Any:
        if len(self._body) > limit:
            raise HttpError(413, "body_too_large", "too large")
        return self._body

    @property
    def has_limiter(self) -> bool:
        return self._allowed is not None

    def forward_early(self) -> None:
        self.is_early = True

    async def allows(self, key: Any) -> Any:
        self.limited_by.append(key())
        return self._allowed

    async def peek(self, limit: int) -> bytes | None:
        return self._body if len(self._body) <= limit else None

    async def forward(self) -> Any:
        self.forwarded.append(self._body)
        if isinstance(self._upstream, Exception):
            raise self._upstream
        return self._upstream


class Scene:
    """An application, and what it sent and logged."""

    def __init__(self, knowledge: Any = KNOWLEDGE, **settings: Any) -> None:
        self.recorded = Recorded()
        self.lines: list[Any] = []
        self.isolate = Isolate("k3x9q2ab")
        self.application = Application(
            replace(Settings.read(VARIABLES.get), **settings),
            knowledge,
            self.isolate,
            self.recorded,
            self.lines.append,
            linger_seconds=0,
        )

    def request(self, method: Any, path: Any, body: Any = b"", headers: Any = None, **runtime: Any) -> Any:
        async def exchange() -> Any:
            sent = len(self.recorded.messages)
            self.served = FakeRequest(method, f"https://chat.example.com{path}", headers or {}, body, **runtime)
            response = await self.application.respond(self.served)
            assert len(self.recorded.messages) == sent, "an event was sent before the response"
            while self.served.deferred:
                await self.served.deferred.pop(0)
            return response

        return asyncio.run(exchange())

    def post(self, path: Any, document: Any, headers: Any = None, **runtime: Any) -> Any:
        return self.request("POST", path, json.dumps(document).encode(), headers, **runtime)

    def ask(self, question: Any, headers: Any = None, allowed: Any = True, **more: Any) -> Any:
        return self.post("/query", {"question": question, **more}, headers, allowed=allowed)

    @property
    def events(self) -> Any:
        return [event for message in self.recorded.messages for event in message]
