"""Makes items as the processor stores them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

_numbers = count(1)


def moment(text: str) -> int:
    """Return Unix epoch milliseconds of a UTC time such as 2026-11-17T09:30."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def identifier(moment_ms: int, number: int) -> str:
    """A UUID version 7 of a moment."""
    digits = f"{moment_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-{number:012x}"


def item(asked: str, question: str | None = "How do I pay?", outcome: str = "answered", **more: Any) -> dict[str, Any]:
    """An item of the table for a question asked at a UTC time."""
    number = next(_numbers)
    asked_at = moment(asked)
    site = more.pop("site", "demo.example.com")
    made = {
        "pk": f"site#{site}#day#{asked[:10]}",
        "sk": identifier(asked_at, number),
        "expires_at": asked_at // 1000 + 90 * 86400,
        "origins": {f"isolate0/{number}"},
        "asked_at": asked_at,
        "exchange_order": f"{asked_at:015d}#00000000",
        "question": question,
        "outcome": outcome,
    } | more
    if "rating" in made:
        made |= {"rated_at": asked_at, "feedback_order": f"{asked_at:015d}#00000000"}
    return {name: _decimal(value) for name, value in made.items() if value is not None}


def _decimal(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {name: _decimal(each) for name, each in value.items()}
    return value
