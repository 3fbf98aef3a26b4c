"""Turns request bodies into what they ask for, or into a 4xx that says what is wrong."""

import json
from dataclasses import dataclass
from typing import Any

from edge_worker.event import SESSION_LENGTH
from edge_worker.text import clean
from edge_worker.web import HttpError

# The longest question in four-byte characters, escaped as JSON, with room to spare.
MAX_BODY_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Query:
    """A visitor's question."""

    question: str
    session: str | None


def parse_query(body: bytes, max_question_length: int) -> Query:
    """Reads `{"question", "session"?}`. Raises HttpError 400."""
    document = parse_object(body)
    question = _text(document, "question")
    if len(question) > max_question_length:
        raise HttpError(400, "question_too_long", f"question has more than {max_question_length} characters")
    question = clean(question)
    if not question:
        raise HttpError(400, "no_question", "question is missing or empty")
    session = clean(_text(document, "session"))
    if len(session) > SESSION_LENGTH:
        raise HttpError(400, "invalid_session", f"session has more than {SESSION_LENGTH} characters")
    return Query(question, session or None)


def parse_object(body: bytes) -> dict[str, Any]:
    """Reads a JSON object in UTF-8. Raises HttpError 400."""
    try:
        document = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise HttpError(400, "invalid_encoding", "the body is not UTF-8") from None
    except (ValueError, RecursionError):
        raise HttpError(400, "invalid_json", "the body is not JSON") from None
    if not isinstance(document, dict):
        raise HttpError(400, "invalid_json", "the body is not a JSON object")
    return document


def _text(document: dict[str, Any], name: str) -> str:
    """A text property; absent and null are the empty text."""
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise HttpError(400, f"invalid_{name}", f"{name} is not a text")
    return value
