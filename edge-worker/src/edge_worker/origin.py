"""Counts the events of one Worker isolate, so that what is lost on the way can be seen at the other end."""

from dataclasses import dataclass


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
        """`name` is 4 to 16 of 0-9a-z, different for each isolate."""
        self._name = name
        self._made = 0
        self._lost = 0

    def next_origin(self) -> Origin:
        """Return the origin of an event that is made now. It takes the count of lost events with it."""
        self._made += 1
        lost, self._lost = self._lost, 0
        return Origin(self._name, self._made, lost)

    def count_lost(self, origin: Origin) -> None:
        """Note that the event of this origin was given up, and with it what it would have reported as lost."""
        self._lost += 1 + origin.lost_before
