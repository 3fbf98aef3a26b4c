"""Questions about one subject: how often they were asked, and what became of them."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.exchange import OTHER_OUTCOME, OUTCOMES
from reporter.rollups import checked
from reporter.rollups.tally import Tally
from reporter.rollups.wording import subject

if TYPE_CHECKING:
    from reporter.exchange import Exchange

# How much an outcome says that the owner has something to do.
TROUBLE: Final = {"unanswered": 1.0, "error": 1.0, "abandoned": 1.0, "partial": 0.5}

_COUNTED: Final = (*OUTCOMES, OTHER_OUTCOME)
_SOURCES_OF_GROUP: Final = 5
_LONGEST_EXAMPLE: Final = 160
_WORDS_OF_A_SENTENCE: Final = 4
_PLACES: Final = 256
_VALUES: Final = 6


@dataclass(frozen=True, order=True, slots=True)
class Example:
    """A question in a visitor's words; of two the lesser is shown: a whole one, and the older."""

    is_short: bool
    moment_ms: int
    text: str

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Restore a row of the three."""
        is_short, moment_ms, text = checked.row(data, 3)
        return cls(checked.flag(is_short), checked.count(moment_ms), checked.text(text))


@dataclass(slots=True)
class Group:
    """Questions about one subject."""

    stems: tuple[str, ...]
    example: Example | None = None
    outcomes: Counter[str] = field(default_factory=Counter)
    up: int = 0
    down: int = 0
    rephrased: int = 0
    sessions: int = 0
    failed_sessions: int = 0
    sources: Tally = field(default_factory=Tally)
    visitor_marks: int = 0

    @property
    def visitors(self) -> int:
        """About how many visitors asked it, each once a day; 0 where that is not known."""
        return min(visitors_of(self.visitor_marks), self.count)

    @property
    def count(self) -> int:
        """How often it was asked."""
        return self.outcomes.total()

    @property
    def askers(self) -> int:
        """By how many it was asked: visitors, or sessions, where they are known and fewer than how often."""
        return min(self.count, self.visitors or self.count, self.sessions or self.count)

    @property
    def trouble(self) -> float:
        """How often it went wrong, a weak answer counted as half."""
        failed = sum(TROUBLE.get(name, 0.0) * count for name, count in self.outcomes.items())
        return min(failed + self.down / 2, float(self.count))

    @property
    def severity(self) -> float:
        """How many people times how badly: the order in which gaps are worth closing.

        Sessions count, not questions: thirty questions of one person weigh as one person.
        """
        if not self.sessions:
            return self.trouble * self.trouble / self.count if self.count else 0.0
        failed = min(self.failed_sessions + self.down / 2, float(self.sessions))
        return failed * failed / self.sessions

    def add(self, exchange: Exchange) -> None:
        """Count one more."""
        outcome = exchange.outcome or "answered"
        self.outcomes[outcome if outcome in OUTCOMES else OTHER_OUTCOME] += 1
        self.up += exchange.rating == "up"
        self.down += exchange.rating == "down"
        if exchange.visitor is not None:
            self.visitor_marks |= 1 << (zlib.crc32(exchange.visitor.encode("utf-8", "replace")) % _PLACES)
        if not self._shows_older(exchange.moment_ms):
            self._show(_example(exchange))
        for source in exchange.sources:
            self.sources.add(source)
        if exchange.sources:
            self.sources.shrink(_SOURCES_OF_GROUP)

    def merge(self, other: Group) -> None:
        """Count all of another group; the better example of both is kept."""
        self.join(other)
        self._show(other.example)

    def join(self, other: Group) -> None:
        """Count all of a group that is this one mistyped; it gives no example."""
        self.outcomes.update(other.outcomes)
        self.up += other.up
        self.down += other.down
        self.rephrased += other.rephrased
        self.sessions += other.sessions
        self.failed_sessions += other.failed_sessions
        self.sources.merge(other.sources)
        self.visitor_marks |= other.visitor_marks

    def _shows_older(self, moment_ms: int) -> bool:
        """Whether no question of a moment can be a better example, which most are not: they come in order."""
        return self.example is not None and not self.example.is_short and self.example.moment_ms < moment_ms

    def _show(self, example: Example | None) -> None:
        if example is not None and (self.example is None or example < self.example):
            self.example = example

    def copy(self) -> Group:
        """Return an independent group with the same counts."""
        twin = Group(self.stems)
        twin.merge(self)
        return twin

    def stem_again(self) -> None:
        """Take the stems of the example, unless the example may have been cut."""
        if self.example is not None and len(self.example.text) < _LONGEST_EXAMPLE:
            self.stems = subject(self.example.text)

    def to_json(self) -> list[Any]:
        """Return a compact row."""
        return [
            list(self.stems),
            self.example and [self.example.is_short, self.example.moment_ms, self.example.text],
            [self.outcomes[name] for name in _COUNTED],
            [self.up, self.down, self.rephrased, self.sessions, self.failed_sessions],
            self.sources.to_json(),
            f"{self.visitor_marks:x}",
        ]

    @classmethod
    def from_json(cls, row: Any) -> Self:
        """Restore what `to_json` returned, or an earlier version of it: without sessions and visitors."""
        *row, marks = row if len(checked.rows(row)) == _VALUES else [*row, "0"]
        stems, example, outcomes, counts, sources = checked.row(row, _VALUES - 1)
        # Rollups of earlier versions may hold an empty stem.
        shown = None if example is None else Example.from_json(example)
        whole = tuple(stem for stem in map(checked.text, checked.rows(stems)) if stem)
        by_outcome = zip(_COUNTED, map(checked.count, checked.rows(outcomes)), strict=False)
        up, down, rephrased, *sessions = map(checked.count, checked.rows(counts))
        group = cls(
            whole or subject(shown.text if shown else ""),
            shown,
            Counter({name: times for name, times in by_outcome if times}),
            up,
            down,
            rephrased,
            sources=Tally.from_json(sources),
            visitor_marks=checked.marks(marks, _PLACES),
        )
        group.sessions, group.failed_sessions = sessions or (group.count, round(group.trouble))
        return group


def visitors_of(marks: int) -> int:
    """Return about how many visitors have left their marks.

    Each visitor marks one of 256 places, and the places left empty tell how many came (linear
    counting; Whang et al., ACM TODS 1990): within 1 of 20, and 5% up to some hundreds.
    """
    empty = _PLACES - marks.bit_count()
    return round(_PLACES * math.log(_PLACES / max(empty, 0.5)))


def _example(exchange: Exchange) -> Example | None:
    if exchange.question is None:
        return None
    is_short = len(exchange.question.split()) < _WORDS_OF_A_SENTENCE
    return Example(is_short, exchange.moment_ms, exchange.question[:_LONGEST_EXAMPLE])
