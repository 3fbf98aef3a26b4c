"""Counts the events of one Worker isolate, so that what is lost on the way can be seen at the other end."""

from collections import Counter
from dataclasses import dataclass

_HISTORY = "z"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event was made: `sequence` counts from 1; `lost_before` events were given up since the last one.

    `waiting` is how many events wait in the outbox, where that is known.
    """

    isolate: str
    sequence: int
    lost_before: int = 0
    waiting: int | None = None

    def as_json(self) -> dict[str, str | int]:
        """Return the contract's form; `lost_before` only where something was lost, `waiting` where something waited."""
        counted: dict[str, str | int] = {"isolate": self.isolate, "sequence": self.sequence}
        if self.lost_before:
            counted["lost_before"] = self.lost_before
        if self.waiting is not None:
            counted["waiting"] = self.waiting
        return counted


class Isolate:
    """Plain data that all requests of an isolate share: its random name, and what it made and lost.

    The runtime runs one request at a time until it waits, and nothing here waits, so no lock is needed.
    """

    def __init__(self, name: str) -> None:
        """`name` is 4 to 12 of 0-9a-y, different for each isolate."""
        self._name = name
        self._made: Counter[str] = Counter()
        self._lost = 0

    def next_origin(self, day: int | None = None) -> Origin:
        """Return the origin of an event that is made now. It takes the count of lost events with it.

        Args:
            day: of history, the day since the Unix epoch that it belongs to. Each has numbers of its own: in one row
                with those of now, what was made in between would look lost to whoever reads that day alone.
        """
        name = self._name if day is None else f"{self._name}{_HISTORY}{_base_36(day)}"
        self._made[name] += 1
        lost, self._lost = self._lost, 0
        return Origin(name, self._made[name], lost)

    def count_lost(self, origin: Origin) -> None:
        """Note that the event of this origin was given up, and with it what it would have reported as lost."""
        self._lost += 1 + origin.lost_before


def _base_36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
