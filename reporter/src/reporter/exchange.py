"""One stored exchange: what the report reads of an item, and the moment it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTCOMES: Final = ("answered", "partial", "unanswered", "refused", "error", "abandoned")
OTHER_OUTCOME: Final = "other"
"""Stands for outcomes that a later version of the contract introduces."""

# The id is made when the question arrives and asked_at says the same; clocks that step, or a
# replay with its own times, may part them. Beyond this the id decides, so that every item is
# found in exactly one day by reading no more than this before and after it.
CLOCK_TOLERANCE_MS: Final = 3_600_000


# As contract/stored-item/v1.schema.json has it; numbers of more digits are no counts of events.
_ORIGIN: Final = re.compile("([0-9a-z]{4,16})/([1-9][0-9]{0,11})(?:/([1-9][0-9]{0,11}))?")
_UUID_VERSION_7: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


# Origin and Exchange are no frozen dataclasses: one of each is made for every stored item, and setting attributes
# through object.__setattr__ would take up to five times as long.
class Origin(NamedTuple):
    """An event as its Worker isolate numbered it."""

    isolate: str
    sequence: int
    given_up_before: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``isolate/sequence`` or ``isolate/sequence/lost_before``.

        Raises:
            ValueError: the text has another form.

        """
        match = _ORIGIN.fullmatch(text)
        if match is None:
            raise ValueError("no origin: isolate/sequence or isolate/sequence/lost_before")
        isolate, sequence, lost = match.groups()
        return cls(isolate, int(sequence), int(lost) if lost else 0)


@dataclass(slots=True)
class Exchange:
    """A question and what became of it; `outcome` is None where only a rating has arrived."""

    id: str
    moment_ms: int
    outcome: str | None = None
    question: str | None = None
    is_unfinished: bool = False
    """Whether tools were called until nobody waited any more: nothing that a better text would have answered."""
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
    waiting: int | None = None
    """How many events waited in the Worker's outbox when this one was made; None where there is no news of it."""
    rating: str | None = None
    comment: str | None = None
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class DamagedItem:
    """An item that does not follow the contract: counted, and not used but for its origins."""

    moment_ms: int
    origins: tuple[Origin, ...] = ()


def id_moment(identifier: str) -> int:
    """Return the Unix epoch milliseconds in a UUID version 7 (RFC 9562, section 5.7).

    Raises:
        ValueError: the text is no such UUID.

    """
    if _UUID_VERSION_7.fullmatch(identifier) is None:
        raise ValueError("no UUID version 7")
    return int(identifier[:8] + identifier[9:13], 16)


def first_id(moment_ms: int) -> str:
    """Return the text that sorts before every id of a moment and after all earlier ones."""
    digits = f"{max(moment_ms, 0):012x}"
    return f"{digits[:8]}-{digits[8:]}"
