"""Reads request bodies: questions, exchanges and ratings, or the 4xx that says what is wrong."""

from dataclasses import dataclass
from typing import Any, TypeVar

from edge_worker.bounded_json import parse_json
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
from edge_worker.identifier import is_id, random_id, time_of
from edge_worker.settings import Settings
from edge_worker.text import clean
from edge_worker.visitor import read_visitor
from edge_worker.web import HttpError

# The longest question in four-byte characters, escaped as JSON, with room to spare.
MAX_BODY_BYTES = 65_536

_T = TypeVar("_T")

_DAY_MS = 86_400_000
# What is older has left the table, or leaves it at once.
OLDEST_EXCHANGE_MS = 89 * _DAY_MS
# Later ratings would not reach a report any more, and nobody can fill the past with inventions.
OLDEST_RATING_MS = 7 * _DAY_MS
CLOCK_DIFFERENCE_MS = 300_000
_MOST_TOKENS = 100_000_000


@dataclass(frozen=True, slots=True)
class Query:
    """A visitor's question."""

    question: str
    session: str | None


def parse_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object in UTF-8. Raises HttpError 400."""
    try:
        document = parse_json(body)
    except UnicodeDecodeError:
        raise HttpError(400, "invalid_encoding", "the body is not UTF-8") from None
    except ValueError:
        raise HttpError(400, "invalid_json", "the body is not JSON") from None
    if not isinstance(document, dict):
        raise HttpError(400, "invalid_json", "the body is not a JSON object")
    return document


def parse_query(body: bytes, max_question_length: int) -> Query:
    """Read `{"question", "session"?}`. Raises HttpError 400."""
    properties = _Properties(parse_object(body))
    question = properties.raw_text("question")
    if len(question) > max_question_length:
        raise HttpError(400, "question_too_long", f"question has more than {max_question_length} characters")
    question = clean(question)
    if not question:
        raise HttpError(400, "no_question", "question is missing or empty")
    session = clean(properties.raw_text("session"))
    if len(session) > SESSION_LENGTH:
        raise _invalid("session", f"has more than {SESSION_LENGTH} characters")
    return Query(question, session or None)


def read_exchange(document: object, settings: Settings, now_ms: int) -> Exchange:
    """Read `{"question", "answer"?, ...}`; README.md, "Collector", lists the properties. Raises HttpError 400."""
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
    """Read `{"id", "rating", "comment"?}`. Raises HttpError 400."""
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
        self._document: dict[str, Any] = document

    def raw_text(self, name: str) -> str:
        value = self._document.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _invalid(name, "is not a text")
        return value

    def text(self, name: str, most: int | None = None) -> str | None:
        value = self.raw_text(name)
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
    """Read who asked, as the program that answered says. The address is used for the visitor's daily name only."""
    given = {
        "cf-connecting-ip": properties.text("ip", 64),
        "user-agent": properties.text("user_agent", 2048),
        "accept-language": properties.text("language", 256),
        "referer": properties.text("referrer", 2048),
        "sec-gpc": "1" if properties.choice("opt_out", (True, False)) else None,
    }
    headers = {name: value for name, value in given.items() if value is not None}
    country = properties.text("country", 2)
    key = settings.visitor_key
    return read_visitor(headers, country, key, asked_at, respect_opt_out=settings.respect_opt_out)


def _invalid(name: str, why: str) -> HttpError:
    return HttpError(400, f"invalid_{name}", f"{name} {why}")
