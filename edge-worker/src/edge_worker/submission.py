"""Reads exchanges that other programs hand in. What is off but the question is corrected or left out, and named."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge_worker.event import (
    LONGEST_MS,
    MODEL_NAME_LENGTH,
    MOST_TOOL_ROUNDS,
    OUTCOMES,
    SESSION_LENGTH,
    Exchange,
    Latency,
    Model,
)
from edge_worker.identifier import is_id, random_id, time_of
from edge_worker.lenient import Fields, shown
from edge_worker.names import session_name
from edge_worker.settings import Settings
from edge_worker.validation import CLOCK_DIFFERENCE_MS, OLDEST_EXCHANGE_MS
from edge_worker.visitor import read_visitor
from edge_worker.web import HttpError

_DAY_MS = 86_400_000
_MOST_TOKENS = 100_000_000
_MOST_COST = 10_000
_HEADER_LENGTH = 2048
_ADDRESS_LENGTH = 64
_COUNTRY_LENGTH = 2


@dataclass(frozen=True, slots=True)
class Submission:
    """An exchange, and what was off with how it was told."""

    exchange: Exchange
    warnings: list[str]


def read_exchange(document: object, settings: Settings, now_ms: int) -> Submission:
    """Read `{"question", "answer"?, ...}`; `openapi.yaml` lists the fields.

    Raises:
        HttpError: 400 where there is no question, or where it was asked before the time that is kept.
    """
    if not isinstance(document, dict):
        raise HttpError(400, "invalid_event", f'an event is an object such as {{"question": …}}, not {shown(document)}')
    fields = Fields(document)
    opted_out = fields.flag("opt_out")
    question = fields.text("question")
    if question is None and not opted_out:
        raise HttpError(400, "no_question", "question is missing or empty: an exchange needs what was asked")
    exchange_id, asked_at = _id_and_time(fields, now_ms)
    answer = fields.text("answer")
    exchange = Exchange(
        id=exchange_id,
        site=settings.site,
        asked_at=asked_at,
        question=question,
        outcome=fields.choice("outcome", OUTCOMES) or ("answered" if answer else "unanswered"),
        answer=answer,
        score=fields.number("score", 1),
        sources=fields.texts("sources"),
        latency=_latency(fields),
        model=_model(fields),
        tool_rounds=fields.integer("tool_rounds", MOST_TOOL_ROUNDS) or 0,
        cache=fields.choice("cache", ("hit", "miss")),
        session=_session(fields, settings, asked_at),
    )
    visitor = read_visitor(
        _headers(fields, opted_out=opted_out),
        _country(fields),
        settings.visitor_key,
        asked_at,
        respect_opt_out=settings.respect_opt_out,
    )
    exchange.visitor = lambda: visitor
    _warn_of_unrecorded(fields, {"language": visitor.language, "referrer": visitor.referrer})
    return Submission(exchange, fields.warnings)


def _warn_of_unrecorded(fields: Fields, recorded: Mapping[str, str | None]) -> None:
    """Name what was given of a visitor and has nothing that is recorded, unless it was named."""
    for name, found in recorded.items():
        is_named = any(warning.startswith(name) for warning in fields.warnings)
        if found is None and fields.raw(name) is not None and not is_named:
            fields.warn(name, f"is {shown(fields.raw(name))}, of which nothing can be recorded: it is left out")


def _id_and_time(fields: Fields, now_ms: int) -> tuple[str, int]:
    chosen, asked_at = _id(fields, now_ms), fields.time("asked_at")
    if asked_at is not None and asked_at > now_ms + CLOCK_DIFFERENCE_MS:
        fields.warn("asked_at", "is in the future: now is taken")
        asked_at = now_ms
    if asked_at is not None and asked_at < now_ms - OLDEST_EXCHANGE_MS and isinstance(fields.raw("asked_at"), float):
        fields.warn("asked_at", "is no whole number and would be too long ago: it is left out")
        asked_at = None
    if asked_at is None:
        asked_at = time_of(chosen) if chosen else now_ms
    if asked_at < now_ms - OLDEST_EXCHANGE_MS:
        days = OLDEST_EXCHANGE_MS // _DAY_MS
        raise HttpError(
            400, "invalid_asked_at", f"it was asked more than {days} days ago, before the time that is kept"
        )
    return chosen or random_id(asked_at), asked_at


def _id(fields: Fields, now_ms: int) -> str | None:
    value = fields.raw("id")
    if value is None:
        return None
    chosen = value.strip().lower() if isinstance(value, str) else value
    if not is_id(chosen):
        fields.warn("id", f"is {shown(value)}, not a UUID of version 7: another one is made")
    elif not now_ms - OLDEST_EXCHANGE_MS <= time_of(chosen) <= now_ms + CLOCK_DIFFERENCE_MS:
        fields.warn("id", "was made too long ago, or in the future: another one is made")
    else:
        return str(chosen)
    return None


def _latency(fields: Fields) -> Latency | None:
    part = fields.part("latency_ms")
    if part is None:
        total = fields.number("latency_ms", LONGEST_MS)
        if total is not None and not isinstance(fields.raw("latency_ms"), str):
            fields.warn("latency_ms", 'is a number: it is taken as {"total": …}')
        return None if total is None else Latency(total)
    total = part.number("total", LONGEST_MS)
    retrieval, model = part.number("retrieval", LONGEST_MS), part.number("model", LONGEST_MS)
    if total is None:
        if part.raw("total") is None:
            fields.warn("latency_ms", "has no total: it is left out")
        return None
    return Latency(total, retrieval, model)


def _model(fields: Fields) -> Model | None:
    value, part = fields.raw("model"), fields.part("model")
    if part is None:
        name = fields.text("model", MODEL_NAME_LENGTH)
        if name is not None:
            fields.warn("model", f'is a name alone: it is taken as {{"name": {shown(value)}}}')
        return None if name is None else Model(name)
    name = part.text("name")
    model = Model(
        name or "unknown",
        part.integer("input_tokens", _MOST_TOKENS),
        part.integer("output_tokens", _MOST_TOKENS),
        part.number("cost_usd", _MOST_COST),
        part.integer("cached_tokens", _MOST_TOKENS),
        part.integer("reasoning_tokens", _MOST_TOKENS),
    )
    if name is None:
        fields.warn("model", 'has no name: "unknown" is taken')
    return model


def _session(fields: Fields, settings: Settings, asked_at: int) -> str | None:
    """Name the session by a hash: it may be somebody's account."""
    session = fields.text("session")
    if session is not None and len(session) > SESSION_LENGTH:
        fields.warn("session", f"has more than {SESSION_LENGTH} characters: a hash of it is taken")
    return session_name(settings.visitor_key, session, asked_at)


def _headers(fields: Fields, *, opted_out: bool) -> dict[str, str]:
    """Put who asked in the form of a request's headers. The address is used for the visitor's daily name only."""
    referrer = fields.text("referrer")
    if referrer and len(referrer) > _HEADER_LENGTH:
        fields.warn("referrer", f"has more than {_HEADER_LENGTH} characters: its host is taken")
    given = {
        "cf-connecting-ip": fields.text("ip", _ADDRESS_LENGTH),
        "user-agent": fields.text("user_agent", _HEADER_LENGTH),
        "accept-language": fields.text("language", _HEADER_LENGTH),
        "referer": referrer,
        "sec-gpc": "1" if opted_out else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _country(fields: Fields) -> str | None:
    country: Any = fields.raw("country")
    if country is None:
        return None
    code = country.strip().upper() if isinstance(country, str) else ""
    if len(code) == _COUNTRY_LENGTH and code.isascii() and code.isalnum() and code[0].isalpha():
        if code != country:
            fields.warn("country", f"is {shown(country)}: {code} is taken")
        return code
    fields.warn("country", f"is {shown(country)}, not two letters such as GB: it is left out")
    return None
