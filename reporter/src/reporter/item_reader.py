"""Reads a stored item (contract/stored-item/v1.schema.json), and notices where one is damaged."""

from __future__ import annotations

import math
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from reporter.exchange import CLOCK_TOLERANCE_MS, DamagedItem, Exchange, Origin, id_moment
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS: Final = frozenset({
    "outcome", "question", "cache", "session", "visitor", "country", "language", "referrer", "device", "bot",
    "rating", "comment",
})  # fmt: skip
# The greatest and the smallest numbers that an event may have (contract/analytics-event of the edge): one that is
# damaged beyond them would be all of a week's sum.
_LONGEST_MS: Final = 86_400_000
_MODEL_NUMBERS: Final = {"input_tokens": 100_000_000, "output_tokens": 100_000_000, "cost_usd": 10_000}
_SMALLEST_SAMPLE: Final = 0.0001
_MOST_WAITING: Final = 2**53 - 1


class _DamagedError(ValueError):
    """An attribute has a form that the contract does not know."""


def read_item(item: Mapping[str, Any], fallback_ms: int) -> Exchange | DamagedItem:
    """Return what an item of the table says.

    Args:
        item: the attributes as boto3 returns them.
        fallback_ms: the moment to assume for an item whose id has none, Unix epoch milliseconds.

    """
    try:
        return _exchange(item)
    except _DamagedError:
        return DamagedItem(_moment_of_damaged(item, fallback_ms), read_origins(item))


def expires_at(item: Mapping[str, Any]) -> float:
    """Return when an item expires, in Unix epoch seconds; infinity where that cannot be read."""
    value = item.get(key_names().time_to_live)
    return float(value) if _is_number(value) and value > 0 else math.inf


def _exchange(item: Mapping[str, Any]) -> Exchange:
    if math.isinf(expires_at(item)):
        raise _DamagedError("no time to live, or one that ended before there was a day")
    texts = {
        name: value if type(value) is str and value.isascii() else _text(value)
        for name, value in item.items()
        if name in _TEXTS
    }
    if "outcome" not in texts and "rating" not in texts:
        raise _DamagedError("neither an exchange nor a rating")
    return Exchange(
        id=_text(item.get(key_names().sort_key)),
        moment_ms=_moment(item),
        sources=tuple(map(_text, _several(item.get("sources", ())))),
        latency_ms={
            _text(name): _positive(value, _LONGEST_MS) for name, value in _mapping(item.get("latency_ms", {})).items()
        },
        model=_model(_mapping(item.get("model", {}))),
        sample_rate=_sample_rate(item),
        waiting=_waiting(item),
        is_unfinished=texts.get("outcome") == "abandoned" and "tool_rounds" in item and "answer" not in item,
        origins=_origins(_several(item.get("origins"))),
        **texts,
    )


def _moment(item: Mapping[str, Any]) -> int:
    """Return the moment of asking, or that of the id where the two are too far apart."""
    try:
        made = id_moment(_text(item.get(key_names().sort_key)))
    except ValueError:
        raise _DamagedError("no UUID version 7") from None
    asked = _number(item, "asked_at", made)
    return int(asked) if abs(asked - made) <= CLOCK_TOLERANCE_MS else made


def _model(model: Mapping[str, Any]) -> dict[str, Any]:
    if not model:
        return {}
    numbers = {name: _positive(model[name], most) for name, most in _MODEL_NUMBERS.items() if name in model}
    return {"name": _text(model.get("name"))} | numbers


def _sample_rate(item: Mapping[str, Any]) -> float:
    rate = _number(item, "sample_rate", 1)
    if not _SMALLEST_SAMPLE <= rate <= 1:
        raise _DamagedError("no share of the questions")
    return rate


def _waiting(item: Mapping[str, Any]) -> int | None:
    if "waiting" not in item:
        return None
    events = _positive(item["waiting"], _MOST_WAITING)
    if not events.is_integer():
        raise _DamagedError("no whole number of events")
    return int(events)


def _number(item: Mapping[str, Any], name: str, default: float) -> float:
    value = item.get(name, default)
    if not _is_number(value):
        raise _DamagedError(f"{name} is no number")
    return float(value)


def _is_number(value: object) -> TypeGuard[float | Decimal]:
    if isinstance(value, Decimal):  # as DynamoDB has them all
        return value.is_finite()
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _positive(value: Any, most: float) -> float:
    if not _is_number(value) or not 0 <= value <= most:
        raise _DamagedError("no number, below zero, or more than there can be")
    return float(value)


def _text(value: Any) -> str:
    """Return a text that can be encoded: a lone half of a surrogate pair becomes U+FFFD."""
    if not isinstance(value, str):
        raise _DamagedError("no text")
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _several(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise _DamagedError("neither a list nor a set")
    return list(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _DamagedError("no map")
    return value


def _origins(values: list[Any]) -> tuple[Origin, ...]:
    found = tuple(map(_origin, values))
    return found if len(found) == 1 else tuple(sorted(found, key=lambda origin: origin.sequence))


def _origin(value: Any) -> Origin:
    try:
        return Origin.parse(_text(value))
    except ValueError:
        raise _DamagedError("no origin") from None


def _moment_of_damaged(item: Mapping[str, Any], fallback_ms: int) -> int:
    for read in (_moment, _moment_of_id):
        with suppress(ValueError):
            return read(item)
    return fallback_ms


def _moment_of_id(item: Mapping[str, Any]) -> int:
    return id_moment(_text(item.get(key_names().sort_key)))


def read_origins(item: Mapping[str, Any]) -> tuple[Origin, ...]:
    """Return the origins that can be read: what arrived damaged has arrived, and is not lost."""
    found = []
    with suppress(ValueError):
        for value in _several(item.get("origins")):
            with suppress(ValueError):
                found.append(_origin(value))
    return tuple(found)
