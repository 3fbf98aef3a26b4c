"""Which attributes of events are stored, and how two states of an item merge. Free of AWS.

A state is the join of all events seen so far: a set of origins, and for the exchange, the feedback and the decision
the version with the greatest order. Union and maximum do not care for order, grouping or repetition, so any number of
deliveries in any order gives the same item.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from processor.message import Event

RETENTION = timedelta(days=90)
DECISION_RETENTION = timedelta(days=400)

_SENT_ATTRIBUTES = (
    "asked_at",
    "question",
    "outcome",
    "answer",
    "score",
    "sources",
    "latency_ms",
    "model",
    "tool_rounds",
    "cache",
    "session",
    "visitor",
    "country",
    "language",
    "referrer",
    "sample_rate",
)
_ORIGIN_ATTRIBUTES = ("waiting",)
_ENRICHED_ATTRIBUTES = ("device", "bot")
EXCHANGE_ATTRIBUTES = _SENT_ATTRIBUTES + _ORIGIN_ATTRIBUTES + _ENRICHED_ATTRIBUTES
FEEDBACK_ATTRIBUTES = ("rated_at", "rating", "comment")
DECISION_ATTRIBUTES = ("topic", "action", "same_as", "week", "decided_at")

_NESTED_ATTRIBUTES = {
    "latency_ms": ("total", "retrieval", "model"),
    "model": ("name", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "cost_usd"),
}
# A billionth of a unit is finer than anything measured here and fits a DynamoDB number, which 5e-324 does not.
_DECIMAL_PLACES = 9
_LATEST_MS = 10**15 - 1
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

Attributes: TypeAlias = dict[str, Any]
Enrichment: TypeAlias = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True)
class Day:
    """A UTC day of a site."""

    site: str
    date: date

    @property
    def expires_at(self) -> int:
        """When the last of the day's items expires, in Unix epoch seconds."""
        midnight = datetime.combine(self.date, time.min, UTC)
        return int((midnight + timedelta(days=1) + RETENTION).timestamp())


@dataclass(frozen=True)
class Key:
    """Which item an event belongs to: the site, and the UUID version 7 of the exchange or of the decision."""

    site: str
    id: str
    is_decision: bool = False

    @property
    def created_at(self) -> datetime:
        """The time in the id's first 48 bits, UTC (RFC 9562, section 5.7)."""
        return datetime.fromtimestamp(int(self.id.replace("-", "")[:12], 16) / 1000, UTC)

    @property
    def day(self) -> "Day":
        """The site's UTC day that the exchange belongs to."""
        return Day(self.site, self.created_at.date())

    @property
    def partition(self) -> str:
        """All exchanges of one site on one UTC day lie together, and all decisions of one site."""
        if self.is_decision:
            return f"site#{self.site}#decisions"
        return f"site#{self.site}#day#{self.day.date}"

    @property
    def expires_at(self) -> int:
        """When DynamoDB may delete the item, in Unix epoch seconds."""
        retention = DECISION_RETENTION if self.is_decision else RETENTION
        return int((self.created_at + retention).timestamp())


@dataclass(frozen=True)
class Part:
    """One version of an item's exchange, feedback or decision. Of two, the one with the greater order is kept."""

    order: str
    attributes: Attributes


@dataclass(frozen=True)
class Item:
    """The events of one exchange, or of one decision, merged."""

    key: Key
    origins: frozenset[str]
    exchange: Part | None = None
    feedback: Part | None = None
    decision: Part | None = None

    def merge(self, other: "Item") -> "Item":
        """Return the join of both: commutative, associative, idempotent."""
        return Item(
            key=self.key,
            origins=self.origins | other.origins,
            exchange=_latest(self.exchange, other.exchange),
            feedback=_latest(self.feedback, other.feedback),
            decision=_latest(self.decision, other.decision),
        )

    def split_parts(self) -> "list[Item]":
        """Return one item for each part; their merge equals this item."""
        return [
            item
            for item in (
                Item(self.key, self.origins, exchange=self.exchange),
                Item(self.key, self.origins, feedback=self.feedback),
            )
            if item.exchange or item.feedback
        ]


def item_from_event(event: Event, enrich: Enrichment) -> Item:
    """Return the item that a single event makes.

    Args:
        event: A valid event of any type. Properties that are not known are left out.
        enrich: Attributes derived from the user agent, which itself is left out.
    """
    if event["type"] == "decision":
        return _decision(event)
    key = Key(event["site"], event["id"])
    origins = frozenset([_origin(event["origin"])])
    if event["type"] == "feedback":
        attributes = _select(FEEDBACK_ATTRIBUTES, {**event, "rated_at": event["sent_at"]})
        return Item(key, origins, feedback=Part(_order(event["sent_at"], attributes), attributes))
    attributes = _select(_SENT_ATTRIBUTES, event) | _select(_ORIGIN_ATTRIBUTES, event["origin"])
    user_agent = _storable(event.get("user_agent", ""))
    # The order comes from what was sent, not from what a later version of the enrichment makes of it.
    order = _order(event["asked_at"], {**attributes, "user_agent": user_agent})
    return Item(key, origins, exchange=Part(order, {**attributes, **enrich(user_agent)}))


def _decision(event: Event) -> Item:
    """Return the item of a decision. The earliest is kept: pressing a button again does not move its date."""
    attributes = _select(DECISION_ATTRIBUTES, event)
    order = _order(_LATEST_MS - event["decided_at"], attributes)
    return Item(Key(event["site"], event["id"], is_decision=True), frozenset(), decision=Part(order, attributes))


def _latest(one: Part | None, other: Part | None) -> Part | None:
    return max(filter(None, (one, other)), key=lambda part: part.order, default=None)


def _origin(origin: Mapping[str, Any]) -> str:
    lost = int(origin.get("lost_before", 0))
    name = f"{origin['isolate']}/{int(origin['sequence'])}"
    return f"{name}/{lost}" if lost else name


def _order(milliseconds: float, attributes: Attributes) -> str:
    """Later is greater; of the same time, the content decides, so that every arrival order ends alike."""
    content = json.dumps(attributes, sort_keys=True, default=str)
    return f"{int(milliseconds):015d}#{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _select(names: tuple[str, ...], event: Mapping[str, Any]) -> Attributes:
    return {name: _storable(_pruned(name, event[name])) for name in names if name in event}


def _pruned(name: str, value: Any) -> Any:
    if name in _NESTED_ATTRIBUTES:
        return {nested: value[nested] for nested in _NESTED_ATTRIBUTES[name] if nested in value}
    return value


def _storable(value: Any) -> Any:
    """Convert to what DynamoDB stores: exact numbers, and U+FFFD for lone surrogates."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(element) for element in value]
    if isinstance(value, dict):
        return {name: _storable(element) for name, element in value.items()}
    if isinstance(value, float):
        rounded = round(value, _DECIMAL_PLACES)
        return int(rounded) if rounded.is_integer() else Decimal(repr(rounded))
    return value
