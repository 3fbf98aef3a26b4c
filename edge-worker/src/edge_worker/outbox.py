"""Keeps the messages that did not reach the queue and sends them later: what the Durable Object OUTBOX does.

One row a message, in the object's SQLite database. Nothing else is stored: when to try again follows from how old the
oldest message is, so that no attempt costs a write.
"""

import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from edge_worker.bounded_json import parse_json
from edge_worker.log import Log
from edge_worker.queue import MAX_ENTRIES, Failure, Queue, read_reply
from edge_worker.signing import SignedRequest

MAX_AGE_MS = 14 * 86_400_000
"""SQS itself keeps a message for as long as that, and no longer."""
MAX_MESSAGES = 30_000
"""Kept and sent, they are 60,000 of the 100,000 rows a day that Cloudflare's Free plan lets an account write."""
BATCHES = 5
"""How many requests to the queue one alarm makes: 50 messages, for an invocation has 10 ms of processor time."""
ATTEMPT_SECONDS = 25.0
FIRST_DELAY_MS = 2_000
LONGEST_DELAY_MS = 300_000

Execute = Callable[..., Sequence[Sequence[Any]]]
"""Runs an SQL statement with its parameters and returns the rows."""
Post = Callable[[SignedRequest, float], Awaitable[tuple[int, str]]]


class OutboxFullError(Exception):
    """As many messages wait as may."""


class WaitingMessages:
    """The messages that wait, oldest first."""

    def __init__(self, execute: Execute, log: Log) -> None:
        self._execute = execute
        self._log = log
        execute(
            "CREATE TABLE IF NOT EXISTS waiting "
            "(id INTEGER PRIMARY KEY, kept_at INTEGER NOT NULL, events INTEGER NOT NULL, entry TEXT NOT NULL)"
        )

    def keep(self, entries: Sequence[Mapping[str, str]], now_ms: int) -> int:
        """Keep messages, as `queue.entry` builds them; return how many events wait. Raises OutboxFullError."""
        [[messages]] = self._execute("SELECT COUNT(*) FROM waiting")
        if messages + len(entries) > MAX_MESSAGES:
            raise OutboxFullError(f"{messages} messages wait already")
        for entry in entries:
            events = len(parse_json(entry["MessageBody"])["events"])
            self._execute(
                "INSERT INTO waiting (kept_at, events, entry) VALUES (?, ?, ?)", now_ms, events, json.dumps(entry)
            )
        return self.count()

    def count(self) -> int:
        """Count the events that wait."""
        [[events]] = self._execute("SELECT COALESCE(SUM(events), 0) FROM waiting")
        return int(events)

    async def send(self, queue: Queue, post: Post, now_ms: int) -> int | None:
        """Send what waits, as much as one invocation may; return in how many milliseconds to go on, None if never.

        A message that the queue refuses by itself stops none of those behind it.
        """
        after, is_taken = 0, True
        for _ in range(BATCHES):
            rows = self._execute(
                "SELECT id, kept_at, entry FROM waiting WHERE id > ? ORDER BY id LIMIT ?", after, MAX_ENTRIES
            )
            if not rows:
                break
            after = rows[-1][0]
            entries = {str(number): json.loads(entry) | {"Id": str(number)} for number, _, entry in rows}
            failures = await self._attempt(entries, queue, post)
            kept_at = {str(number): kept for number, kept, _ in rows}
            lost = {i: f for i, f in failures.items() if f.is_rejected or kept_at[i] < now_ms - MAX_AGE_MS}
            self._give_up(entries, lost)
            self._forget([int(i) for i in entries if i not in failures or i in lost])
            is_taken = is_taken and not failures.keys() - lost.keys()
            if len(failures) == len(entries) > len(lost):
                break
        return self._delay(now_ms, is_taken=is_taken)

    async def _attempt(self, entries: Mapping[str, Mapping[str, str]], queue: Queue, post: Post) -> dict[str, Failure]:
        try:
            status, text = await post(queue.send_request(list(entries.values())), ATTEMPT_SECONDS)
        except OSError as error:
            return dict.fromkeys(entries, Failure(f"no reply: {error}", retryable=True))
        return read_reply(status, text, list(entries))

    def _forget(self, ids: Sequence[int]) -> None:
        if ids:
            self._execute(f"DELETE FROM waiting WHERE id IN ({', '.join('?' * len(ids))})", *ids)  # noqa: S608 - marks

    def _give_up(self, entries: Mapping[str, Mapping[str, str]], failures: Mapping[str, Failure]) -> None:
        for entry_id, failure in failures.items():
            for event in parse_json(entries[entry_id]["MessageBody"])["events"]:
                line = {"level": "error", "message": "event lost", "reason": failure.reason}
                self._log(line | {name: event.get(name) for name in ("type", "id", "site", "origin")})

    def _delay(self, now_ms: int, *, is_taken: bool) -> int | None:
        """Compute how long to wait: not at all while the queue takes everything, else by how long it has not."""
        [[oldest]] = self._execute("SELECT MIN(kept_at) FROM waiting")
        if oldest is None:
            return None
        if is_taken:
            return 0
        delay = min(max((now_ms - oldest) // 4, FIRST_DELAY_MS), LONGEST_DELAY_MS)
        return int(delay * random.uniform(0.8, 1.2))  # noqa: S311 - not secret
