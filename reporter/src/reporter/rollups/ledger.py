"""Was anything lost on the way? Every Worker isolate numbers its events from 1; gaps are losses.

What an isolate lost after the last event that arrived cannot be seen this way.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.rollups import checked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reporter.exchange import Exchange, Origin

_LIVE_ISOLATES: Final = 10_000
# After it stands the day of history that an isolate numbered (contract/analytics-event: origin.isolate).
_HISTORY: Final = "z"
# 30 December 9999: in every time zone a moment that Python's datetime can show.
_LATEST_MS: Final = 253_402_128_000_000


class Sequences:
    """The numbers that arrived from one isolate, as closed intervals in order."""

    __slots__ = ("_firsts", "_lasts", "given_up")

    def __init__(self, intervals: Sequence[Sequence[int]] = (), given_up: int = 0) -> None:
        self._firsts = [first for first, _ in intervals]
        self._lasts = [last for _, last in intervals]
        self.given_up = given_up

    @classmethod
    def from_json(cls, intervals: Any, given_up: Any) -> Self:
        """Restore `intervals`, which rise and neither touch nor overlap."""
        pairs = [[checked.count(each) for each in checked.row(pair, 2)] for pair in checked.rows(intervals)]
        numbers = [number for pair in pairs for number in pair]
        if any(first > last for first, last in pairs) or numbers != sorted(numbers):
            raise checked.DamagedRollupError("no intervals")
        return cls(pairs, checked.count(given_up))

    @property
    def intervals(self) -> list[list[int]]:
        """First and last number of every unbroken run."""
        return [list(pair) for pair in zip(self._firsts, self._lasts, strict=True)]

    @property
    def count(self) -> int:
        """How many numbers arrived."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    def gaps_before_own(self, others: Sequences) -> int:
        """Count what neither these nor the others hold and one of these comes next after.

        So every gap counts once, in the period whose event follows it.
        """
        everything = Sequences(self.intervals)
        for first, last in others.intervals:
            everything.add(first, last)
        gaps, previous = 0, 0
        for first, last in everything.intervals:
            if first in self:
                gaps += first - previous - 1
            previous = last
        return gaps

    def __contains__(self, number: int) -> bool:
        """Whether a number arrived."""
        position = bisect_right(self._firsts, number) - 1
        return position >= 0 and number <= self._lasts[position]

    def add(self, first: int, last: int) -> bool:
        """Add the numbers first to last and say whether any of them is new."""
        if self._lasts and first == self._lasts[-1] + 1:  # as nearly all come
            self._lasts[-1] = last
            return True
        left = bisect_left(self._lasts, first - 1)
        right = bisect_right(self._firsts, last + 1)
        if left < right and self._firsts[left] <= first and last <= self._lasts[left]:
            return False
        if left < right:
            first, last = min(first, self._firsts[left]), max(last, self._lasts[right - 1])
        self._firsts[left:right] = [first]
        self._lasts[left:right] = [last]
        return True


@dataclass(frozen=True, order=True, slots=True)
class Waiting:
    """How many events waited in the Worker's outbox at a moment, Unix epoch milliseconds; the greater is the newer."""

    moment_ms: int
    events: int

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Restore a row of the two."""
        moment_ms, events = map(checked.count, checked.row(data, 2))
        if moment_ms > _LATEST_MS:
            raise checked.DamagedRollupError("no moment that a calendar has")
        return cls(moment_ms, events)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the edge made and what of it is in the table.

    Attributes:
        made: events, as far as the numbers of those that arrived tell.
        stored: events that are in the table.
        given_up: events that the edge itself has reported as lost.
        is_upper_bound: `made`, and with it what is missing, may be too high: not all isolates
            were kept by name, and what one did before or after could not be joined.
        waiting: the newest news of the outbox; None where no event has told.

    """

    made: int
    stored: int
    given_up: int
    is_upper_bound: bool = False
    waiting: Waiting | None = None

    @property
    def missing(self) -> int:
        """Made but not stored: dropped by the Worker, in the dead-letter queue, still on its way, or lost."""
        return self.made - self.stored

    @property
    def still_waiting(self) -> int:
        """Of what is missing, as many as waited when last seen; what the Worker has dropped does not wait."""
        return max(min(self.waiting.events, self.missing - self.given_up), 0) if self.waiting else 0

    @property
    def lost(self) -> int:
        """Missing, and not explained by what still waits."""
        return self.missing - self.still_waiting


class Ledger:
    """The events of every isolate. Isolates beyond the bound are summed up in `_settled`."""

    def __init__(self) -> None:
        self._isolates: dict[str, Sequences] = {}
        self._settled = Delivery(0, 0, 0)
        self.waiting: Waiting | None = None

    def see_waiting(self, exchange: Exchange) -> None:
        """Remember what the newest exchange says of the outbox."""
        if exchange.waiting is not None:
            self.waiting = newest(self.waiting, Waiting(exchange.moment_ms, exchange.waiting))

    def add(self, origin: Origin) -> None:
        """Enter an event; entering it again changes nothing."""
        sequences = self._isolates.get(origin.isolate)
        if sequences is None:
            if len(self._isolates) >= _LIVE_ISOLATES:
                self.shrink(_LIVE_ISOLATES // 2)
            sequences = Sequences()
        else:
            del self._isolates[origin.isolate]
        self._isolates[origin.isolate] = sequences  # the last: shrinking drops those idle longest
        if sequences.add(origin.sequence, origin.sequence):
            sequences.given_up += origin.given_up_before

    @property
    def isolates(self) -> int:
        """How many instances of the Worker are kept by name; each once, however many days of history it numbered."""
        return len({name.partition(_HISTORY)[0] for name in self._isolates})

    def merge(self, other: Ledger) -> None:
        """Enter all that another has entered."""
        for isolate, theirs in other._isolates.items():
            ours = self._isolates.setdefault(isolate, Sequences())
            for first, last in theirs.intervals:
                ours.add(first, last)
            ours.given_up += theirs.given_up
        self._settled = _sum(self._settled, other._settled)
        self.waiting = newest(self.waiting, other.waiting)

    def shrink(self, limit: int) -> None:
        """Sum up all isolates but those whose last events were entered last."""
        for isolate in list(self._isolates)[: max(len(self._isolates) - limit, 0)]:
            alone = _delivery(self._isolates.pop(isolate), Sequences())
            self._settled = replace(_sum(self._settled, alone), is_upper_bound=True)

    def delivery(self, others: Ledger) -> Delivery:
        """Return what was made and stored in this ledger's period.

        A rating is stored with the exchange that it rates, perhaps in another week, so numbers
        that the `others`, the weeks around this one, hold are no gaps.
        """
        result = self._settled
        for isolate, sequences in self._isolates.items():
            around = others._isolates.get(isolate, Sequences())
            result = _sum(result, _delivery(sequences, around))
        return replace(result, is_upper_bound=result.is_upper_bound or others._settled.is_upper_bound)

    def to_json(self) -> dict[str, Any]:
        """Return the runs of every isolate."""
        rows = {name: [each.intervals, each.given_up] for name, each in self._isolates.items()}
        settled = self._settled
        data: dict[str, Any] = {"isolates": rows, "settled": [settled.made, settled.stored, settled.given_up]}
        if self.waiting is not None:
            data["waiting"] = [self.waiting.moment_ms, self.waiting.events]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json` returned, now or before it kept what waits."""
        ledger = cls()
        for name, row in checked.mapping(data["isolates"]).items():
            intervals, given_up = checked.row(row, 2)
            ledger._isolates[name] = Sequences.from_json(intervals, given_up)
        made, stored, lost = map(checked.count, checked.row(data["settled"], 3))
        ledger._settled = Delivery(made, stored, lost, is_upper_bound=made > 0)
        if "waiting" in data:
            ledger.waiting = Waiting.from_json(data["waiting"])
        return ledger


def _delivery(sequences: Sequences, around: Sequences) -> Delivery:
    stored = sequences.count
    return Delivery(stored + sequences.gaps_before_own(around), stored, sequences.given_up)


def _sum(first: Delivery, second: Delivery) -> Delivery:
    return Delivery(
        first.made + second.made,
        first.stored + second.stored,
        first.given_up + second.given_up,
        is_upper_bound=first.is_upper_bound or second.is_upper_bound,
    )


def newest(one: Waiting | None, other: Waiting | None) -> Waiting | None:
    """Return the newer news; of two of one moment, the greater number."""
    return max(filter(None, (one, other)), default=None)
