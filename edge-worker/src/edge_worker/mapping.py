"""Reads an exchange out of a foreign chatbot's request and reply, where the configuration says what is where."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import Any

from edge_worker.bounded_json import parse_json
from edge_worker.event import OUTCOMES, Exchange, Model, Outcome
from edge_worker.json_path import find

# What comes line by line: server-sent events, and JSON lines under their usual names.
_STREAMS = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-lines")
_REFUSALS = (401, 403, 429, 451)


@dataclass(frozen=True, slots=True)
class ExchangeMapping:
    """Paths (see `json_path`) into the request for `question` and `session`, into the reply for all others.

    `answer_delta` is where a streamed reply has the next piece of its answer.
    """

    question: str
    session: str = ""
    answer: str = ""
    answer_delta: str = ""
    outcome: str = ""
    score: str = ""
    sources: str = ""
    model: str = ""
    input_tokens: str = ""
    output_tokens: str = ""

    @classmethod
    def parse(cls, text: str) -> "ExchangeMapping":
        """Read a JSON object of paths. Raises ValueError that says what is wrong."""
        document = parse_json(text)
        known = {field.name for field in fields(cls)}
        if not isinstance(document, dict) or not all(isinstance(path, str) for path in document.values()):
            raise ValueError("not an object of paths")
        if unknown := document.keys() - known:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        if not document.get("question"):
            raise ValueError("question is missing")
        return cls(**document)

    def read_request(self, body: bytes) -> tuple[str | None, str | None]:
        """Read question and session; no question where the request asks none."""
        document = _parse(body.decode("utf-8", "replace"))
        return _text([document], self.question), _text([document], self.session)

    def read_reply(
        self, exchange: Exchange, status: int, content_type: str, body: bytes, *, is_whole: bool = True
    ) -> None:
        """Add to the exchange what the reply says. A reply that cannot be read leaves the rest unknown.

        Where the body is only the beginning of the reply, an answer that is not in it is taken to be in the rest.
        """
        text = body.decode("utf-8", "replace")
        if content_type.split(";", maxsplit=1)[0].strip().lower() in _STREAMS:
            documents = [_parse(line.removeprefix("data:").strip()) for line in text.splitlines()]
            exchange.answer = _text(documents, self.answer_delta) or _text(documents[-1:], self.answer)
        elif "json" in content_type:
            documents = [_parse(text)]
            exchange.answer = _text(documents, self.answer)
        else:
            documents = [text]
            exchange.answer = _text(documents, self.answer)
        exchange.score = _number(documents, self.score, 1)
        exchange.sources = [value for value in _values(documents, self.sources) if isinstance(value, str)]
        if name := _first_text(documents, self.model):
            exchange.model = Model(name, _count(documents, self.input_tokens), _count(documents, self.output_tokens))
        exchange.outcome = self._outcome(status, documents, has_answer=bool(exchange.answer) or not is_whole)

    def _outcome(self, status: int, documents: list[Any], *, has_answer: bool) -> Outcome:
        if status >= HTTPStatus.BAD_REQUEST:
            return "refused" if status in _REFUSALS else "error"
        for value in _values(documents, self.outcome):
            if value in OUTCOMES:
                known: Outcome = value
                return known
        answer_expected = self.answer or self.answer_delta
        return "unanswered" if answer_expected and not has_answer else "answered"


def _parse(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError:
        return None


def _values(documents: Iterable[Any], path: str) -> list[Any]:
    return [value for document in documents for value in find(document, path)] if path else []


def _text(documents: Iterable[Any], path: str) -> str | None:
    """Join all texts at the path."""
    return "".join(value for value in _values(documents, path) if isinstance(value, str)) or None


def _first_text(documents: Iterable[Any], path: str) -> str | None:
    return next((value for value in _values(documents, path) if isinstance(value, str) and value), None)


def _number(documents: Iterable[Any], path: str, most: float) -> float | None:
    """Return the last number at the path, if it is from 0 to `most`: streams give their totals last."""
    numbers = [v for v in _values(documents, path) if isinstance(v, int | float) and not isinstance(v, bool)]
    return float(numbers[-1]) if numbers and 0 <= numbers[-1] <= most else None


def _count(documents: Iterable[Any], path: str) -> int | None:
    number = _number(documents, path, 100_000_000)
    return None if number is None else int(number)
