"""Makes the collector's events of the rows that other systems export."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from operate.history.rows import Row

Event = dict[str, Any]
# By the names that logs and spreadsheets use; the first that a row has.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "input", "prompt", "query", "user_message", "request", "user"),
    "answer": ("answer", "output", "response", "completion", "assistant_message", "reply", "assistant"),
    "asked_at": ("asked_at", "timestamp", "created_at", "createdAt", "time", "date", "datetime", "ts"),
    "session": ("session", "session_id", "sessionId", "conversation_id", "conversationId", "thread_id", "chat_id"),
    "outcome": ("outcome",),
    "score": ("score", "similarity", "confidence"),
    "sources": ("sources", "source", "documents"),
    "country": ("country",),
    "language": ("language", "locale"),
    "user_agent": ("user_agent", "userAgent"),
    "referrer": ("referrer", "referer"),
    "ip": ("ip",),
    "opt_out": ("opt_out",),
    "cache": ("cache",),
    "tool_rounds": ("tool_rounds",),
    "rating": ("rating", "feedback", "thumbs", "user_rating", "user_feedback"),
    "comment": ("comment", "feedback_comment", "user_comment"),
    "rated_at": ("rated_at", "feedback_at"),
}
_MODEL_NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("model", "model_name", "modelName", "providedModelName"),
    "input_tokens": ("input_tokens", "prompt_tokens", "promptTokens", "inputUsage"),
    "output_tokens": ("output_tokens", "completion_tokens", "completionTokens", "outputUsage"),
    "cost_usd": ("cost_usd", "cost", "totalCost", "costUSD", "calculatedTotalCost"),
}
_MILLISECONDS = ("latency_ms", "duration_ms", "delay_ms")
_SECONDS_BEFORE = 100_000_000_000
_FOR_LEGAL_REASONS = 451
_ERROR_STATUS = 400


def from_plain(row: Row) -> Event:
    """Read a row of JSON Lines or CSV: the collector's fields, or others by their usual names."""
    event = {name: value for name, names in _NAMES.items() if (value := _first(row, names)) is not None}
    event["question"], event["answer"] = question_of(event.get("question")), answer_of(event.get("answer"))
    event["latency_ms"] = _latency(_first(row, _MILLISECONDS))
    event["model"] = row["model"] if isinstance(row.get("model"), dict) else _model(row)
    return _present(event)


def from_langfuse(row: Row) -> Event:
    """Read a trace or an observation as Langfuse exports it. Its latency is in seconds."""
    seconds = _number(row.get("latency"))
    usage = row.get("usageDetails") or row.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    is_error = str(row.get("level") or "").upper() == "ERROR"
    return _present(
        {
            "question": question_of(row.get("input")),
            "answer": answer_of(row.get("output")),
            "asked_at": _first(row, ("timestamp", "startTime", "start_time", "createdAt")),
            "session": _first(row, ("sessionId", "session_id", "userId", "user_id")),
            "outcome": "error" if is_error else None,
            "rating": row.get("scores"),
            "latency_ms": _latency(seconds * 1000) if seconds is not None else None,
            "model": _model({"inputUsage": usage.get("input"), "outputUsage": usage.get("output"), **row}),
        }
    )


def from_helicone(row: Row) -> Event:
    """Read a request as Helicone exports it."""
    properties = row.get("properties") or row.get("request_properties")
    session = properties.get("Helicone-Session-Id") if isinstance(properties, dict) else None
    status = _number(_first(row, ("response_status", "status", "statusCode")))
    outcome = None
    if status is not None and status >= _ERROR_STATUS:
        outcome = "refused" if status == _FOR_LEGAL_REASONS else "error"
    names = {"model": _first(row, ("model", "response_model", "request_model")), "cost_usd": row.get("cost")}
    return _present(
        {
            "question": question_of(_first(row, ("request_body", "requestBody", "request"))),
            "answer": answer_of(_first(row, ("response_body", "responseBody", "response"))),
            "asked_at": _first(row, ("request_created_at", "createdAt", "created_at", "time")),
            "session": session or _first(row, ("session_id", "request_user_id", "userId", "user")),
            "outcome": outcome,
            "rating": _first(row, ("feedback_rating", "feedback")),
            "latency_ms": _latency(_first(row, ("delay_ms", "latency", "latency_ms"))),
            "model": _model({**row, **names}),
        }
    )


MAPPINGS: Mapping[str, Callable[[Row], Event]] = {
    "jsonl": from_plain,
    "csv": from_plain,
    "langfuse": from_langfuse,
    "helicone": from_helicone,
}


def with_id(event: Event, asked_at: int) -> Event:
    """Give an event an id that the same row always gets, so that a second import changes nothing.

    Args:
        event: The collector's event.
        asked_at: Unix epoch milliseconds, which are the first part of a UUID version 7.
    """
    content = json.dumps(event, sort_keys=True, ensure_ascii=True)
    digits = hashlib.sha256(content.encode()).hexdigest()
    time = f"{asked_at:012x}"
    variant = "89ab"[int(digits[3], 16) % 4]
    return {
        **event,
        "id": f"{time[:8]}-{time[8:]}-7{digits[:3]}-{variant}{digits[4:7]}-{digits[7:19]}",
        "asked_at": asked_at,
    }


def time_of(value: Any) -> int | None:
    """Read a point in time in Unix epoch milliseconds: seconds, milliseconds, or ISO 8601 (UTC without a zone)."""
    number = _number(value)
    if number is not None:
        return round(number * 1000 if number < _SECONDS_BEFORE else number) if number > 0 else None
    try:
        moment = datetime.fromisoformat(str(value).strip())
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def question_of(value: Any) -> str | None:
    """Read the last words of a person out of a text, a request or a list of messages."""
    if isinstance(value, dict):
        inner = _first(value, ("messages", "input", "question", "query", "prompt", "contents", "content", "text"))
        return question_of(inner)
    if isinstance(value, list):
        asked = [message for message in value if _role(message) in ("user", "human")]
        texts = [text for message in asked if (text := _text(message))]
        return texts[-1] if texts else None
    return value if isinstance(value, str) and value.strip() else None


def answer_of(value: Any) -> str | None:
    """Read the answer out of a text, a message, or the reply of a model."""
    if isinstance(value, dict):
        choices = value.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            return answer_of(choices[0].get("message") or choices[0].get("text"))
        return answer_of(_first(value, ("output", "answer", "response", "completion", "message", "content", "text")))
    if isinstance(value, list):
        messages = [each for each in value if _role(each) in ("assistant", "ai", "model")]
        return _text(messages[-1] if messages else {"content": value}) or None
    return value if isinstance(value, str) and value.strip() else None


def _role(message: Any) -> Any:
    return (message.get("role") or message.get("type")) if isinstance(message, dict) else None


def _text(message: Any) -> str:
    content = message.get("content") or message.get("parts") if isinstance(message, dict) else message
    if isinstance(content, list):
        texts = [part.get("text") if isinstance(part, dict) else part for part in content]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _model(row: Row) -> Event | None:
    model = {name: value for name, names in _MODEL_NAMES.items() if (value := _first(row, names)) is not None}
    numbers = {name: _number(value) for name, value in model.items() if name != "name"}
    return _present({**model, **numbers}) or None


def _latency(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    number = _number(value)
    return None if number is None else {"total": number}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() else number if math.isfinite(number) else None


def _first(row: Row, names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "", [], {})), None)


def _present(event: Event) -> Event:
    return {name: value for name, value in event.items() if value is not None}
