"""Stands in for the runtime in tests of the application: what was deferred, sent and logged can be looked at."""

import asyncio
import json
import time
from dataclasses import replace

from edge_worker.application import Application
from edge_worker.knowledge import Entry, Knowledge
from edge_worker.origin import Isolate
from edge_worker.settings import Settings
from edge_worker.web import HttpError, Request

VARIABLES = {
    "SITE": "docs.example.com",
    "QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/123456789012/events.fifo",
    "AWS_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a-secret-access-key",
    "VISITOR_KEY": "a-key-of-sixteen-characters",
}
KNOWLEDGE = Knowledge([Entry("1", "I forgot my password.", "Use the reset link.", "accounts")])


class Recorded:
    """Takes the place of the delivery: keeps the messages."""

    def __init__(self):
        self.batches = []

    @property
    def messages(self):
        return [message for batch in self.batches for message in batch]

    async def send(self, messages):
        self.batches.append(messages)


class FakeReply:
    """An upstream's answer, all of it known beforehand."""

    def __init__(self, body, status=200, content_type="application/json", stays=True, breaks=False):
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.content_type = content_type
        self.stays = stays
        self.breaks = breaks

    async def relay(self, limit):
        if self.breaks:
            raise OSError("broken off")
        return self.body[:limit], self.stays


class FakeContext:
    def __init__(self):
        self.deferred = []

    def now_ms(self):
        return time.time() * 1000

    def defer(self, work):
        self.deferred.append(work)


class FakeRequest(FakeContext, Request):
    def __init__(self, method, url, headers, body=b"", allowed=True, upstream=None):
        Request.__init__(self, method, url, headers)
        FakeContext.__init__(self)
        self._body = body
        self._allowed = allowed
        self._upstream = upstream
        self.forwarded = []
        self.limited_by = []

    async def body(self, limit):
        if len(self._body) > limit:
            raise HttpError(413, "body_too_large", "too large")
        return self._body

    async def allows(self, key):
        self.limited_by.append(key())
        return self._allowed

    async def forward(self, body):
        self.forwarded.append(body)
        if isinstance(self._upstream, Exception):
            raise self._upstream
        return self._upstream


class Scene:
    """An application, and what it sent and logged."""

    def __init__(self, knowledge=KNOWLEDGE, **settings):
        self.recorded = Recorded()
        self.lines = []
        self.isolate = Isolate("k3x9q2ab")
        self.application = Application(
            replace(Settings.read(VARIABLES.get), **settings),
            knowledge,
            self.isolate,
            self.recorded,
            self.lines.append,
            linger_seconds=0,
        )

    def request(self, method, path, body=b"", headers=None, **runtime):
        async def exchange():
            sent = len(self.recorded.messages)
            self.served = FakeRequest(method, f"https://chat.example.com{path}", headers or {}, body, **runtime)
            response = await self.application.respond(self.served)
            assert len(self.recorded.messages) == sent, "an event was sent before the response"
            while self.served.deferred:
                await self.served.deferred.pop(0)
            return response

        return asyncio.run(exchange())

    def post(self, path, document, headers=None, **runtime):
        return self.request("POST", path, json.dumps(document).encode(), headers, **runtime)

    def ask(self, question, headers=None, allowed=True, **more):
        return self.post("/query", {"question": question, **more}, headers, allowed=allowed)

    @property
    def events(self):
        return [event for message in self.recorded.messages for event in message]
