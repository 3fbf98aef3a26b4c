"""One stored exchange: what the report reads of an item, and the moment it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTCOMES: Final = ("answered", "partial", "unanswered", "refused", "error", "abandoned")

# The id is made when the question arrives and asked_at says the same; clocks that step, or a
# replay with its own times, may part them. Beyond this the id decides, so that every item is
# found in exactly one day by reading no more than this before and after it.
CLOCK_TOLERANCE_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Origin:
    """An event as its Worker isolate numbered it."""

    isolate: str
    sequence: int
    given_up_before: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``isolate/sequence`` or ``isolate/sequence/lost_before``."""
        isolate, sequence, *given_up = text.split("/")
        return cls(isolate, int(sequence), int(given_up[0]) if given_up else 0)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what became of it; `outcome` is None where only a rating has arrived."""

    id: str
    moment_ms: int
    outcome: str | None = None
    question: str | None = None
    sources: tuple[str, ...] = ()
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    cache: str | None = None
    session: str | None = None
    visitor: str | None = None
    country: str | None = None
    language: str | None = None
    referrer: str | None = None
    device: str | None = None
    bot: str | None = None
    sample_rate: float = 1.0
    rating: str | None = None
    comment: str | None = None
    origins: tuple[Origin, ...] = ()

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read an item of the table (contract/stored-item/v1.schema.json)."""
        return cls(
            id=item[key_names().sort_key],
            moment_ms=_moment(item),
            outcome=item.get("outcome"),
            question=item.get("question"),
            sources=tuple(item.get("sources", ())),
            latency_ms={name: float(value) for name, value in item.get("latency_ms", {}).items()},
            model=item.get("model", {}),
            cache=item.get("cache"),
            session=item.get("session"),
            visitor=item.get("visitor"),
            country=item.get("country"),
            language=item.get("language"),
            referrer=item.get("referrer"),
            device=item.get("device"),
            bot=item.get("bot"),
            sample_rate=float(item.get("sample_rate", 1)),
            rating=item.get("rating"),
            comment=item.get("comment"),
            origins=tuple(sorted(map(Origin.parse, item["origins"]), key=lambda o: o.sequence)),
        )


def id_moment(identifier: str) -> int:
    """Return the Unix epoch milliseconds in a UUID version 7 (RFC 9562, section 5.7)."""
    return int(identifier[:8] + identifier[9:13], 16)


def first_id(moment_ms: int) -> str:
    """Return the text that sorts before every id of a moment and after all earlier ones."""
    digits = f"{max(moment_ms, 0):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _moment(item: Mapping[str, Any]) -> int:
    made = id_moment(item[key_names().sort_key])
    asked = int(item.get("asked_at", made))
    return asked if abs(asked - made) <= CLOCK_TOLERANCE_MS else made
