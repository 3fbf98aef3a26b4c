"""Puts questions and ratings to the Worker's own application and prints the queue entries of the events it makes.

A program of its own, run with the Worker's folders as its `PYTHONPATH`: nothing else here imports the Worker. It
reads a line of JSON for each question from the standard input and writes one for each entry to the standard output.
The Worker answers as if it were the time at which the question was asked.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from edge_worker.application import Application
from edge_worker.knowledge import Knowledge
from edge_worker.origin import Isolate
from edge_worker.queue import entry
from edge_worker.settings import Settings
from edge_worker.web import Request

_READING_MS = 12_000
_URL = "https://worker.example.com"
_OK = 200
_ACCEPTED = 202


class _VisitorRequest(Request):  # type: ignore[misc]
    """A request as the runtime would pass it on, at another time than now."""

    def __init__(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str], at_ms: int) -> None:
        super().__init__("POST", f"{_URL}{path}", headers, headers.get("cf-ipcountry"))
        self._content = json.dumps(body).encode()
        self._at_ms = at_ms
        self._begun = time.perf_counter()
        self._deferred: list[Awaitable[Any]] = []

    def now_ms(self) -> float:
        return self._at_ms + (time.perf_counter() - self._begun) * 1000

    def defer(self, work: Awaitable[Any]) -> None:
        self._deferred.append(work)

    async def finish(self) -> None:
        """Do what was put off until after the response."""
        await asyncio.gather(*self._deferred)

    async def body(self, limit: int) -> bytes:
        return self._content[:limit]

    async def allows(self, key: Callable[[], str]) -> bool:
        return bool(key())

    @property
    def has_limiter(self) -> bool:
        return False

    def forward_early(self) -> None:
        """Nothing is sent on: there is no upstream."""

    async def peek(self, limit: int) -> bytes | None:
        return self._content if len(self._content) <= limit else None

    async def forward(self) -> Any:
        raise OSError("there is no upstream")


class _Printer:
    """Takes the place of the delivery: events are printed instead of sent."""

    async def send(self, messages: Sequence[Sequence[dict[str, Any]]]) -> None:
        for events in messages:
            first = events[0]
            print(json.dumps({"id": first["id"], "type": first["type"], "entry": entry(events)}))

    async def news_of_waiting(self) -> None:
        """Nothing waits: there is no outbox."""

    async def count_waiting(self) -> None:
        """Nothing waits: there is no outbox."""

    async def deliver(self, events: Sequence[dict[str, Any]]) -> bool:
        await self.send([events])
        return True


def main() -> None:
    """Take the knowledge file, the site and the visitor key from the command line."""
    file, site, visitor_key = sys.argv[1:]
    # Nothing is sent to the queue from here, so no address and no key of its own is needed.
    variables = {
        "SITE": site,
        "VISITOR_KEY": visitor_key,
        "QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/111122223333/unused.fifo",
        "AWS_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "unused",
        "AWS_SECRET_ACCESS_KEY": "unused",
    }
    application = Application(
        Settings.read(variables.get),
        Knowledge.load(Path(file)),
        Isolate(os.urandom(4).hex()),
        _Printer(),
        lambda line: print(json.dumps(line), file=sys.stderr),
        linger_seconds=0,
    )
    asyncio.run(_serve(application))


async def _serve(application: Application) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        headers = {name.lower(): value for name, value in asked["headers"].items()}
        question = {"question": asked["question"], "session": asked["session"]}
        answer = await _post(application, _VisitorRequest("/query", question, headers, asked["asked_at"]), _OK)
        if asked["good_answers"] is not None:
            rating = {"id": answer["id"], "rating": "up" if answer["answer"] in asked["good_answers"] else "down"}
            sent_at = asked["asked_at"] + _READING_MS
            await _post(application, _VisitorRequest("/feedback", rating, headers, sent_at), _ACCEPTED)


async def _post(application: Application, request: _VisitorRequest, status: int) -> dict[str, Any]:
    response = await application.respond(request)
    await request.finish()
    if response.status != status:
        raise SystemExit(f"the Worker answered {response.status} to {request.path}: {response.body}")
    return dict(response.body or {})


if __name__ == "__main__":
    main()
