"""The Worker's entry point: wires the application to the runtime."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

import workers

from edge_worker.application import Application
from edge_worker.conversations import Conversations
from edge_worker.delivery import Delivery
from edge_worker.knowledge import Knowledge
from edge_worker.origin import Isolate
from edge_worker.queue import Queue
from edge_worker.settings import SettingsError
from edge_worker.web import HttpError, Response
from workers_runtime.bindings import post, read_settings
from workers_runtime.event_loop import call_soon_in_this_turn
from workers_runtime.log import log
from workers_runtime.outbox import Outbox, OutboxClient
from workers_runtime.request import Context, Request

# Read while the module is imported: production takes its snapshot after that, so no request pays for it.
_KNOWLEDGE = Knowledge.load(Path(__file__).with_name("knowledge.json"))
_application: Application | None = None

__all__ = ["Default", "Outbox"]  # what the runtime starts


class Default(workers.WorkerEntrypoint):
    """Serves HTTP, and other Workers by RPC."""

    async def fetch(self, request: workers.Request) -> workers.Response:
        """Serve one request."""
        try:
            application = _configured(self.env)
        except SettingsError as error:
            log({"level": "error", "message": "misconfigured", "reason": str(error)})
            misconfigured = HttpError(500, "misconfigured", "the Worker is not configured; its log says what is wrong")
            return _to_runtime(misconfigured.response())
        return _to_runtime(await application.respond(Request(self, request.js_object)))

    async def track(self, event: Any) -> str:
        """Record an exchange that the calling Worker answered; return its id. Raises ValueError for an invalid one."""
        return self._take({"type": "exchange", **event})

    async def feedback(self, event: Any) -> str:
        """Record a rating; return the id of the exchange. Raises ValueError for an invalid one."""
        return self._take({**event, "type": "feedback"})

    def _take(self, event: dict[str, Any]) -> str:
        try:
            return _configured(self.env).track(event, Context(self))
        except HttpError as error:
            raise ValueError(f"{error.code}: {error.message}") from None


def _configured(env: Any) -> Application:
    """Return the application of this isolate, built on its first request: before, there is no env and no entropy."""
    global _application  # noqa: PLW0603 - built once in an isolate
    if _application is None:
        call_soon_in_this_turn()
        settings = read_settings(env)
        isolate = Isolate(secrets.token_hex(6))
        queue = Queue(settings.queue_url, settings.region, settings.access_key_id, settings.secret_access_key)
        namespace = getattr(env, "OUTBOX", None)
        outbox = OutboxClient(namespace) if namespace is not None else None
        delivery = Delivery(queue, isolate, post, asyncio.sleep, log, outbox=outbox)
        conversations = Conversations(settings.table, settings.site, post) if settings.table else None
        _application = Application(settings, _KNOWLEDGE, isolate, delivery, log, conversations=conversations)
    return _application


def _to_runtime(response: Response) -> workers.Response:
    headers = dict(response.headers)
    if response.upstream is not None:
        passed: workers.Response = response.upstream.to_runtime(headers)
        return passed
    if response.body is None:
        return workers.Response(response.text, status=response.status, headers=headers)
    return workers.Response.from_json(response.body, status=response.status, headers=headers)
