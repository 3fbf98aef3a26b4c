"""Builds the events of the contract: `contract/analytics-event/v1.schema.json`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from edge_worker.origin import Origin
from edge_worker.privacy import private_text
from edge_worker.redaction import NO_PATTERNS, OwnerPatterns
from edge_worker.text import clip

QUESTION_LENGTH = 500
ANSWER_LENGTH = 300
COMMENT_LENGTH = 300
LONGEST_MS = 86_400_000
SOURCE_LENGTH = 100
SOURCE_COUNT = 10
SESSION_LENGTH = 64
MODEL_NAME_LENGTH = 100
MOST_TOOL_ROUNDS = 1000

Event = dict[str, Any]
Outcome = Literal["answered", "partial", "unanswered", "refused", "error", "abandoned"]
Rating = Literal["up", "down"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
RATINGS: tuple[Rating, ...] = get_args(Rating)


@dataclass(slots=True)
class Latency:
    """How long the visitor waited, and for what, in milliseconds."""

    total: float
    retrieval: float | None = None
    model: float | None = None


@dataclass(slots=True)
class Model:
    """The language model that wrote an answer."""

    name: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(slots=True)
class Visitor:
    """What is recorded of who asked. Nothing in it is an address; the user agent is dropped by the consumer."""

    visitor: str | None = None
    country: str | None = None
    language: str | None = None
    referrer: str | None = None
    user_agent: str | None = None
    opted_out: bool = False


@dataclass(slots=True)
class Exchange:
    """A question and what became of it. Until something better is known, it is an error."""

    id: str
    site: str
    asked_at: int
    question: str | None = None
    outcome: Outcome = "error"
    answer: str | None = None
    score: float | None = None
    sources: Sequence[str] = ()
    latency: Latency | None = None
    model: Model | None = None
    tool_rounds: int = 0
    cache: Literal["hit", "miss"] | None = None
    session: str | None = None
    visitor: Callable[[], Visitor] = Visitor
    """Reads who asked: called when the event is made, after the response."""
    sample_rate: float = 1.0

    def refuse(self) -> None:
        """Turn the question away: it is counted, but not one of its words is kept."""
        self.outcome, self.question, self.session = "refused", None, None

    def visitor_name(self) -> str:
        """Return what tells visitors apart for a day; empty where nothing is known."""
        return self.visitor().visitor or ""


@dataclass(slots=True)
class Feedback:
    """A visitor's rating of the answer with this id; `sent_at` in Unix epoch milliseconds."""

    id: str
    site: str
    rating: Rating
    sent_at: int
    comment: str | None = None


def exchange_event(exchange: Exchange, origin: Origin, patterns: OwnerPatterns = NO_PATTERNS) -> Event:
    """Build the event of an exchange. Texts come without personal data and in the contract's lengths.

    Of a visitor who opted out, no text and no name is in it.
    """
    visitor = exchange.visitor()
    recorded = not visitor.opted_out
    return _present(
        {
            "type": "exchange",
            "id": exchange.id,
            "site": exchange.site,
            "asked_at": exchange.asked_at,
            "question": private_text(exchange.question, QUESTION_LENGTH, patterns) if recorded else None,
            "outcome": exchange.outcome,
            "answer": private_text(exchange.answer, ANSWER_LENGTH, patterns) if recorded else None,
            "score": None if exchange.score is None else round(exchange.score, 4),
            "sources": [text for source in exchange.sources[:SOURCE_COUNT] if (text := clip(source, SOURCE_LENGTH))],
            "latency_ms": _latency(exchange.latency),
            "model": _model(exchange.model),
            "tool_rounds": min(exchange.tool_rounds, MOST_TOOL_ROUNDS) or None,
            "cache": exchange.cache,
            "session": clip(exchange.session, SESSION_LENGTH) if recorded else None,
            "visitor": visitor.visitor if recorded else None,
            "country": visitor.country,
            "language": visitor.language,
            "referrer": visitor.referrer,
            "user_agent": visitor.user_agent if recorded else None,
            "sample_rate": exchange.sample_rate if exchange.sample_rate < 1 else None,
            "origin": origin.as_json(),
        }
    )


def feedback_event(feedback: Feedback, origin: Origin, patterns: OwnerPatterns = NO_PATTERNS) -> Event:
    """Build the event of a rating."""
    return _present(
        {
            "type": "feedback",
            "id": feedback.id,
            "site": feedback.site,
            "rating": feedback.rating,
            "comment": private_text(feedback.comment, COMMENT_LENGTH, patterns),
            "sent_at": feedback.sent_at,
            "origin": origin.as_json(),
        }
    )


def _latency(latency: Latency | None) -> Event | None:
    if latency is None:
        return None
    parts = {"total": latency.total, "retrieval": latency.retrieval, "model": latency.model}
    # The runtime's clock can go back by some milliseconds while several requests run.
    return {name: round(min(max(value, 0), LONGEST_MS), 1) for name, value in parts.items() if value is not None}


def _model(model: Model | None) -> Event | None:
    if model is None:
        return None
    return _present(
        {
            "name": clip(model.name, MODEL_NAME_LENGTH) or "unknown",
            "input_tokens": model.input_tokens,
            "output_tokens": model.output_tokens,
            "cached_tokens": model.cached_tokens,
            "reasoning_tokens": model.reasoning_tokens,
            "cost_usd": model.cost_usd,
        }
    )


def _present(properties: Mapping[str, Any]) -> Event:
    return {name: value for name, value in properties.items() if value not in (None, "", [])}
