"""Reads what visitors send: questions and ratings, or the 4xx that says what is wrong."""

from dataclasses import dataclass
from typing import Any, TypeVar

from edge_worker.bounded_json import parse_json
from edge_worker.event import RATINGS, SESSION_LENGTH, Feedback, Rating
from edge_worker.identifier import is_id, time_of
from edge_worker.names import has_proof, without_proof
from edge_worker.settings import Settings
from edge_worker.text import clean
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


def read_feedback(document: object, settings: Settings, now_ms: int, *, is_trusted: bool) -> Feedback:
    """Read `{"id", "rating", "comment"?}`. Raises HttpError 400.

    A visitor's id has to carry the proof that the answer was given, and not longer ago than ratings reach a report; who
    is trusted need not show it, and may bring history.
    """
    properties = _Properties(document)
    given = properties.raw_text("id")
    if given and not is_trusted and not has_proof(given, settings.rating_key):
        raise _invalid("id", "is not one that came with an answer")
    properties = properties.replaced("id", without_proof(given) or None)
    exchange_id = properties.id(now_ms, OLDEST_EXCHANGE_MS if is_trusted else OLDEST_RATING_MS)
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

    def replaced(self, name: str, value: object) -> "_Properties":
        return _Properties({**self._document, name: value})

    def raw_text(self, name: str) -> str:
        value = self._document.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _invalid(name, "is not a text")
        return value

    def text(self, name: str) -> str | None:
        return clean(self.raw_text(name)) or None

    def choice(self, name: str, options: tuple[_T, ...]) -> _T | None:
        value = self._document.get(name)
        if value is None:
            return None
        if value not in options:
            raise _invalid(name, f"is none of {', '.join(map(str, options))}")
        found: _T = value
        return found

    def id(self, now_ms: int, oldest_ms: int) -> str | None:
        value = self._document.get("id")
        if value is None:
            return None
        if not is_id(value):
            raise _invalid("id", "is not a UUID of version 7 in lower case")
        if not now_ms - oldest_ms <= time_of(value) <= now_ms + CLOCK_DIFFERENCE_MS:
            raise _invalid("id", "was made too long ago, or in the future")
        return str(value)


def _invalid(name: str, why: str) -> HttpError:
    return HttpError(400, f"invalid_{name}", f"{name} {why}")
