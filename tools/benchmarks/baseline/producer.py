"""What the interim-table design's Worker would have sent for the same exchanges: one message for each event."""

import json
from collections.abc import Mapping
from typing import Any

_OF_THE_RESPONSE = frozenset({"outcome", "answer", "score", "sources", "latency_ms", "model", "cache"})
_OF_NEITHER = frozenset({"type", "id", "origin", "user_agent"})


def entries(exchange: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the queue entries of an exchange's two events, the query's first.

    Args:
        exchange: an `exchange` event of our Worker.
    """
    sent = {name: value for name, value in exchange.items() if name not in _OF_NEITHER}
    query = {name: value for name, value in sent.items() if name not in _OF_THE_RESPONSE}
    response = {name: value for name, value in sent.items() if name in _OF_THE_RESPONSE}
    return [_entry("query", exchange["id"], query), _entry("response", exchange["id"], response)]


def _entry(kind: str, identifier: str, content: Mapping[str, Any]) -> dict[str, str]:
    return {
        "MessageBody": json.dumps({"type": kind, "id": identifier, **content}, ensure_ascii=False),
        # A group of its own for each exchange, so that none holds up another.
        "MessageGroupId": identifier,
        "MessageDeduplicationId": f"{identifier}:{kind}",
    }
