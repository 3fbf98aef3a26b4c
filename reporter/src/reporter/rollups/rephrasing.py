"""Visitors who ask again in other words: how often, which words, and which of them worked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.rollups import checked
from reporter.rollups.plain_text import plain
from reporter.rollups.wording import similarity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reporter.exchange import Exchange

# Ten minutes: after a longer pause it is another visit rather than another attempt.
WITHIN_MS: Final = 600_000

# Words that two questions must share. After a good answer a similar question is more often the
# next one on the subject, so it takes more likeness to call it the same.
_LIKENESS_AFTER_FAILURE: Final = 1 / 3
_LIKENESS_AFTER_ANSWER: Final = 1 / 2

_LIVE_SESSIONS: Final = 20_000
_LONGEST_CHAIN: Final = 5
_LIVE_CHAINS: Final = 2_000
_LONGEST_QUESTION: Final = 160
_LONGEST_COMPARED: Final = 500


@dataclass(slots=True)
class Chain:
    """The wordings of one visitor for one thing, in order, and whether the last one worked."""

    moment_ms: int
    questions: list[str]
    worked: bool

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Restore a row of moment, questions and success."""
        moment_ms, questions, worked = checked.row(data, 3)
        return cls(checked.count(moment_ms), list(map(checked.text, checked.rows(questions))), checked.flag(worked))

    @property
    def rank(self) -> tuple[bool, int, list[str]]:
        """Sort key: the chains that teach a wording that works first, then the latest."""
        return (not self.worked, -self.moment_ms, self.questions)


@dataclass(slots=True)
class _Attempt:
    moment_ms: int
    question: str
    text: str
    stems: tuple[str, ...]
    outcome: str
    rating: str | None
    chain: Chain | None = None


@dataclass(slots=True)
class Rephrasing:
    """How often it happened, and examples."""

    followable: int = 0
    rephrased: int = 0
    chains: list[Chain] = field(default_factory=list)

    def merge(self, other: Rephrasing) -> None:
        """Count all that another has counted."""
        self.followable += other.followable
        self.rephrased += other.rephrased
        self.chains = sorted(self.chains + other.chains, key=lambda chain: chain.rank)

    def shrink(self, limit: int) -> None:
        """Keep the best examples only."""
        self.chains = sorted(self.chains, key=lambda chain: chain.rank)[:limit]

    def to_json(self) -> dict[str, Any]:
        """Return counts and chains."""
        rows = [[chain.moment_ms, chain.questions, chain.worked] for chain in self.chains]
        return {"followable": self.followable, "rephrased": self.rephrased, "chains": rows}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json` returned."""
        chains = [Chain.from_json(row) for row in checked.rows(data["chains"])]
        return cls(checked.count(data["followable"]), checked.count(data["rephrased"]), chains)


class RephrasingWatch:
    """Follows the sessions of one day, fed in the order of asking; a chain ends at midnight."""

    def __init__(self) -> None:
        self.result = Rephrasing()
        self._latest: dict[str, _Attempt] = {}

    def see(self, exchange: Exchange, stems: tuple[str, ...]) -> tuple[str, ...] | None:
        """Follow one question; return the stems of the question that it rephrases, if it does."""
        if exchange.session is None or exchange.question is None or exchange.outcome is None:
            return None
        self.result.followable += 1
        text = plain(exchange.question[:_LONGEST_COMPARED])
        shown = exchange.question[:_LONGEST_QUESTION]
        attempt = _Attempt(exchange.moment_ms, shown, text, stems, exchange.outcome, exchange.rating)
        before = self._latest.pop(exchange.session, None)
        self._latest[exchange.session] = attempt
        if len(self._latest) > _LIVE_SESSIONS:
            del self._latest[next(iter(self._latest))]
        if before is None or not _is_rephrased(before, attempt):
            return None
        if text == before.text:
            attempt.chain = before.chain
            return None
        self.result.rephrased += 1
        attempt.chain = before.chain or self._begin(before)
        attempt.chain.questions = [
            *attempt.chain.questions[: _LONGEST_CHAIN - 1],
            exchange.question[:_LONGEST_QUESTION],
        ]
        attempt.chain.moment_ms = exchange.moment_ms
        attempt.chain.worked = exchange.outcome == "answered" and exchange.rating != "down"
        return before.stems

    def _begin(self, attempt: _Attempt) -> Chain:
        chain = Chain(attempt.moment_ms, [attempt.question], worked=False)
        self.result.chains.append(chain)
        if len(self.result.chains) > _LIVE_CHAINS:
            self.result.shrink(_LIVE_CHAINS // 2)
        return chain


def _is_rephrased(before: _Attempt, after: _Attempt) -> bool:
    if not 0 <= after.moment_ms - before.moment_ms <= WITHIN_MS:
        return False
    satisfied = before.outcome == "answered" and before.rating != "down"
    likeness = _LIKENESS_AFTER_ANSWER if satisfied else _LIKENESS_AFTER_FAILURE
    return similarity(before.stems, after.stems) >= likeness
