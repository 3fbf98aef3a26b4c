"""Makes queue messages by hand, as a producer other than the Worker would."""

import json
import secrets
import time
from typing import Any

from stack.worker import SITE


def new_id(milliseconds: int | None = None) -> str:
    """Return a UUID version 7 for a time in Unix epoch milliseconds, by default now."""
    moment = f"{milliseconds if milliseconds is not None else round(time.time() * 1000):012x}"
    random = secrets.token_hex(9)
    return f"{moment[:8]}-{moment[8:]}-7{random[:3]}-8{random[3:6]}-{random[6:18]}"


def exchange(identifier: str, **properties: Any) -> dict[str, Any]:
    """Return an `exchange` event."""
    return {
        "type": "exchange",
        "id": identifier,
        "site": SITE,
        "asked_at": int(identifier.replace("-", "")[:12], 16),
        "question": "Where is the manual?",
        "outcome": "answered",
        "origin": {"isolate": "handmade", "sequence": 1},
    } | properties


def feedback(identifier: str, **properties: Any) -> dict[str, Any]:
    """Return a `feedback` event."""
    return {
        "type": "feedback",
        "id": identifier,
        "site": SITE,
        "rating": "up",
        "sent_at": int(identifier.replace("-", "")[:12], 16) + 1000,
        "origin": {"isolate": "handmade", "sequence": 2},
    } | properties


def entry(*events: dict[str, Any], deduplication_id: str | None = None) -> dict[str, Any]:
    """Return an entry of `SendMessageBatch` with these events."""
    return raw_entry(json.dumps({"version": 1, "events": events}), str(events[0]["id"]), deduplication_id)


def raw_entry(body: str, group: str, deduplication_id: str | None = None) -> dict[str, Any]:
    """Return an entry of `SendMessageBatch` with any body."""
    return {
        "MessageBody": body,
        "MessageGroupId": group,
        "MessageDeduplicationId": deduplication_id or secrets.token_hex(16),
    }
