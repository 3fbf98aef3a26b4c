"""The Durable Object that keeps what did not reach the queue, and the way to it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import js
import workers
from pyodide.ffi import JsException

from edge_worker.outbox import FIRST_DELAY_MS, OutboxFullError, WaitingMessages
from edge_worker.queue import Queue
from workers_runtime.bindings import post, read_settings
from workers_runtime.log import log

NAME = "outbox"
FULL = -1
"""An exception would arrive at the other side as a text with its traceback."""


class Outbox(workers.DurableObject):  # type: ignore[no-untyped-call]
    """One object keeps for all isolates. Its storage outlives it, and so does its alarm."""

    def __init__(self, ctx: Any, env: Any) -> None:
        super().__init__(ctx, env)
        self._storage = ctx.storage
        self._messages = WaitingMessages(self._execute, log)

    async def keep(self, entries: str) -> int:
        """Keep messages, a JSON array of them; return how many events wait, FULL where there is no room."""
        try:
            waiting = self._messages.keep(json.loads(entries), _now_ms())
        except OutboxFullError as error:
            log({"level": "error", "message": "outbox full", "reason": str(error)})
            return FULL
        if await self._storage.getAlarm() is None:
            await self._storage.setAlarm(_now_ms() + FIRST_DELAY_MS)
        return waiting

    async def count(self) -> int:
        """Count the events that wait."""
        return self._messages.count()

    async def alarm(self, _info: Any = None) -> None:
        """Send what waits; come back for what is left."""
        delay: int | None = FIRST_DELAY_MS
        try:
            settings = read_settings(self.env)
            queue = Queue(settings.queue_url, settings.region, settings.access_key_id, settings.secret_access_key)
            delay = await self._messages.send(queue, post, _now_ms())
        except Exception as error:  # noqa: BLE001 - the runtime gives an alarm up that fails a few times
            log({"level": "error", "message": "outbox not sent", "reason": str(error)})
            delay = 60_000
        if delay is not None:
            await self._storage.setAlarm(_now_ms() + delay)

    def _execute(self, statement: str, *parameters: Any) -> list[list[Any]]:
        return [list(row) for row in self._storage.sql.exec(statement, *parameters).raw().toArray()]


class OutboxClient:
    """The outbox as an isolate calls it. Each method raises OSError where it cannot be reached."""

    def __init__(self, namespace: Any) -> None:
        self._namespace = namespace

    async def keep(self, entries: Sequence[Mapping[str, str]]) -> int | None:
        """Keep messages; return how many events wait, None where there is no room."""
        try:
            waiting = int(await self._stub().keep(json.dumps(list(entries))))
        except JsException as error:
            raise OSError(str(error).partition("\n")[0]) from error
        return None if waiting == FULL else waiting

    async def count(self) -> int:
        """Count the events that wait."""
        try:
            return int(await self._stub().count())
        except JsException as error:
            raise OSError(str(error).partition("\n")[0]) from error

    def _stub(self) -> Any:
        """Return the object, as it may be called in this request only."""
        return self._namespace.getByName(NAME)


def _now_ms() -> int:
    return int(js.Date.now())
