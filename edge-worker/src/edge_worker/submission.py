"""Reads exchanges and ratings that other programs hand in, over HTTP or RPC."""

from collections.abc import Mapping
from typing import Any, TypeVar

from edge_worker.arrival import random_id
from edge_worker.event import (
    OUTCOMES,
    RATINGS,
    SESSION_LENGTH,
    Exchange,
    Feedback,
    Latency,
    Model,
    Outcome,
    Rating,
    Visitor,
)
from edge_worker.identifier import is_id, time_of
from edge_worker.settings import Settings
from edge_worker.text import clean
from edge_worker.visitor import read_visitor
from edge_worker.web import HttpError

_T = TypeVar("_T")

_DAY_MS = 86_400_000
# What is older has left the table, or leaves it at once.
OLDEST_EXCHANGE_MS = 89 * _DAY_MS
# Later ratings would not reach a report any more, and nobody can fill the past with inventions.
OLDEST_RATING_MS = 7 * _DAY_MS
CLOCK_DIFFERENCE_MS = 300_000
_MOST_TOKENS = 100_000_000


def read_exchange(document: object, settings: Settings, now_ms: int) -> Exchange:
    """Reads `{"question", "answer"?, ...}`; README.md, "Collector", lists the properties. Raises HttpError 400."""
    properties = _Properties(document)
    asked_at = properties.integer("asked_at", 0, now_ms + CLOCK_DIFFERENCE_MS)
    exchange_id = properties.id(now_ms, OLDEST_EXCHANGE_MS)
    if asked_at is None:
        asked_at = time_of(exchange_id) if exchange_id else now_ms
    if asked_at < now_ms - OLDEST_EXCHANGE_MS:
        raise _invalid("asked_at", "is too long ago")
    answer = properties.text("answer")
    outcome: Outcome = properties.choice("outcome", OUTCOMES) or ("answered" if answer else "unanswered")
    visitor = _visitor(properties, settings, asked_at)
    return Exchange(
        id=exchange_id or random_id(asked_at),
        site=settings.site,
        asked_at=asked_at,
        question=properties.text("question"),
        outcome=outcome,
        answer=answer,
        score=properties.number("score", 1),
        sources=properties.texts("sources"),
        latency=_latency(properties),
        model=_model(properties),
        cache=properties.choice("cache", ("hit", "miss")),
        session=properties.text("session", SESSION_LENGTH),
        visitor=lambda: visitor,
    )


def read_feedback(document: object, settings: Settings, now_ms: int) -> Feedback:
    """Reads `{"id", "rating", "comment"?}`. Raises HttpError 400."""
    properties = _Properties(document)
    exchange_id = properties.id(now_ms, OLDEST_RATING_MS)
    if exchange_id is None:
        raise _invalid("id", "is missing")
    rating: Rating | None = properties.choice("rating", RATINGS)
    if rating is None:
        raise _invalid("rating", "is missing")
    return Feedback(exchange_id, settings.site, rating, now_ms, properties.text("comment"))


class _Properties:
    """The properties of a JSON object; absent and null are the same. Each method raises HttpError 400."""

    def __init__(self, document: object) -> None:
        if not isinstance(document, dict):
            raise HttpError(400, "invalid_event", "an event is a JSON object")
        self._document: Mapping[str, Any] = document

    def text(self, name: str, most: int | None = None) -> str | None:
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _invalid(name, "is not a text")
        if most is not None and len(value) > most:
            raise _invalid(name, f"has more than {most} characters")
        return clean(value) or None

    def texts(self, name: str) -> list[str]:
        value = self._document.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise _invalid(name, "is not a list of texts")
        return value

    def number(self, name: str, most: float) -> float | None:
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
            raise _invalid(name, f"is not a number from 0 to {most:g}")
        return value

    def integer(self, name: str, least: int, most: int) -> int | None:
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _invalid(name, f"is not a whole number from {least} to {most}")
        return value

    def choice(self, name: str, options: tuple[_T, ...]) -> _T | None:
        value = self._document.get(name)
        if value is None:
            return None
        if value not in options:
            raise _invalid(name, f"is none of {', '.join(map(str, options))}")
        found: _T = value
        return found

    def part(self, name: str) -> "_Properties | None":
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _invalid(name, "is not an object")
        return _Properties(value)

    def id(self, now_ms: int, oldest_ms: int) -> str | None:
        value = self._document.get("id")
        if value is None:
            return None
        if not is_id(value):
            raise _invalid("id", "is not a UUID of version 7 in lower case")
        if not now_ms - oldest_ms <= time_of(value) <= now_ms + CLOCK_DIFFERENCE_MS:
            raise _invalid("id", "was made too long ago, or in the future")
        return str(value)


def _latency(properties: _Properties) -> Latency | None:
    part = properties.part("latency_ms")
    if part is None:
        return None
    total = part.number("total", _DAY_MS)
    if total is None:
        raise _invalid("latency_ms", "has no total")
    return Latency(total, part.number("retrieval", _DAY_MS), part.number("model", _DAY_MS))


def _model(properties: _Properties) -> Model | None:
    part = properties.part("model")
    if part is None:
        return None
    name = part.text("name", 100)
    if name is None:
        raise _invalid("model", "has no name")
    return Model(
        name,
        part.integer("input_tokens", 0, _MOST_TOKENS),
        part.integer("output_tokens", 0, _MOST_TOKENS),
        part.number("cost_usd", 10_000),
    )


def _visitor(properties: _Properties, settings: Settings, asked_at: int) -> Visitor:
    """Who asked, told by the program that answered. The address is used for the visitor's daily name only."""
    told = {
        "cf-connecting-ip": properties.text("ip", 64),
        "user-agent": properties.text("user_agent", 2048),
        "accept-language": properties.text("language", 256),
        "referer": properties.text("referrer", 2048),
        "sec-gpc": "1" if properties.choice("opt_out", (True, False)) else None,
    }
    headers = {name: value for name, value in told.items() if value is not None}
    visitor = read_visitor(headers, properties.text("country", 2), settings.visitor_key, asked_at)
    visitor.opted_out = visitor.opted_out and settings.respect_opt_out
    return visitor


def _invalid(name: str, why: str) -> HttpError:
    return HttpError(400, f"invalid_{name}", f"{name} {why}")
