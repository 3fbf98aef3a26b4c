"""Visitors who ask again in other words: how often, which words, and which of them worked."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.rollups import checked
from reporter.rollups.pairs import Pair, Pairs
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
        if not checked.rows(questions):
            raise checked.DamagedRollupError("no question")
        return cls(checked.count(moment_ms), list(map(checked.text, questions)), checked.flag(worked))

    @property
    def rank(self) -> tuple[bool, int, list[str]]:
        """Sort key: the chains that teach a wording that works first, then the latest."""
        return (not self.worked, -self.moment_ms, self.questions)


@dataclass(slots=True)
class _Attempt:
    moment_ms: int
    question: str
    compared: str
    stems: tuple[str, ...]
    outcome: str
    rating: str | None
    chain: Chain | None = None

    @property
    def is_satisfied(self) -> bool:
        """Whether it was answered, and not rated down."""
        return self.outcome == "answered" and self.rating != "down"


@dataclass(slots=True)
class Rephrasing:
    """How often it happened, by words, and examples; and what only its meaning can tell.

    Attributes:
        after_failure, after_answer: questions within the time that share too few words.

    """

    followable: int = 0
    rephrased: int = 0
    chains: list[Chain] = field(default_factory=list)
    after_failure: Pairs = field(default_factory=Pairs)
    after_answer: Pairs = field(default_factory=Pairs)

    def merge(self, other: Rephrasing) -> None:
        """Count all that another has counted."""
        self.followable += other.followable
        self.rephrased += other.rephrased
        self.chains = sorted(self.chains + other.chains, key=lambda chain: chain.rank)
        self.after_failure.merge(other.after_failure)
        self.after_answer.merge(other.after_answer)

    def shrink(self, limit: int) -> None:
        """Keep the best examples only, and as many pairs of each kind."""
        self.chains = sorted(self.chains, key=lambda chain: chain.rank)[:limit]
        self.after_failure.shrink(limit)
        self.after_answer.shrink(limit)

    def to_json(self) -> dict[str, Any]:
        """Return counts and chains."""
        rows = [[chain.moment_ms, chain.questions, chain.worked] for chain in self.chains]
        return {
            "followable": self.followable,
            "rephrased": self.rephrased,
            "chains": rows,
            "after_failure": self.after_failure.to_json(),
            "after_answer": self.after_answer.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json` returned, or an earlier version of it: without pairs."""
        chains = [Chain.from_json(row) for row in checked.rows(data["chains"])]
        pairs = [Pairs.from_json(data.get(name, [0, []])) for name in ("after_failure", "after_answer")]
        return cls(checked.count(data["followable"]), checked.count(data["rephrased"]), chains, *pairs)


class RephrasingWatch:
    """Follows the sessions of one day, fed in the order of asking; a chain ends at midnight."""

    def __init__(self) -> None:
        self.result = Rephrasing()
        self._latest: OrderedDict[str, _Attempt] = OrderedDict()

    def see(self, exchange: Exchange, stems: tuple[str, ...]) -> tuple[str, ...] | None:
        """Follow one question; return the stems of the question that it rephrases, if it does."""
        if exchange.session is None or exchange.question is None or exchange.outcome is None:
            return None
        self.result.followable += 1
        shown, compared = exchange.question[:_LONGEST_QUESTION], exchange.question[:_LONGEST_COMPARED]
        attempt = _Attempt(exchange.moment_ms, shown, compared, stems, exchange.outcome, exchange.rating)
        before = self._latest.pop(exchange.session, None)
        self._latest[exchange.session] = attempt
        if len(self._latest) > _LIVE_SESSIONS:
            self._latest.popitem(last=False)
        if before is None or not 0 <= attempt.moment_ms - before.moment_ms <= WITHIN_MS:
            return None
        if not _is_rephrased(before, attempt):
            self._keep(before, attempt)
            return None
        if plain(compared) == plain(before.compared):
            attempt.chain = before.chain
            return None
        self.result.rephrased += 1
        attempt.chain = before.chain or self._begin(before)
        attempt.chain.questions = [
            *attempt.chain.questions[: _LONGEST_CHAIN - 1],
            exchange.question[:_LONGEST_QUESTION],
        ]
        attempt.chain.moment_ms = exchange.moment_ms
        attempt.chain.worked = attempt.is_satisfied
        return before.stems

    def _keep(self, before: _Attempt, after: _Attempt) -> None:
        pairs = self.result.after_answer if before.is_satisfied else self.result.after_failure
        pairs.add(Pair(after.moment_ms, before.question, after.question, after.is_satisfied))

    def _begin(self, attempt: _Attempt) -> Chain:
        chain = Chain(attempt.moment_ms, [attempt.question], worked=False)
        self.result.chains.append(chain)
        if len(self.result.chains) > _LIVE_CHAINS:
            self.result.shrink(_LIVE_CHAINS // 2)
        return chain


def _is_rephrased(before: _Attempt, after: _Attempt) -> bool:
    likeness = _LIKENESS_AFTER_ANSWER if before.is_satisfied else _LIKENESS_AFTER_FAILURE
    return similarity(before.stems, after.stems) >= likeness
