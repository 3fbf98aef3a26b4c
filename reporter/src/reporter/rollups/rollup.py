"""Everything the report needs to know of a day, in a few kilobytes; days merge into weeks.

Merging adds and never rounds, so it is associative and commutative. Only `Rollup.encode` and the
builder (rollup_builder.py) drop detail, always into a remainder, so that totals stay exact.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.exchange import OTHER_OUTCOME, OUTCOMES
from reporter.nesting import is_too_deep
from reporter.rollups import checked
from reporter.rollups.checked import DamagedRollupError
from reporter.rollups.clusters import Clusters, Moments
from reporter.rollups.comments import Comment, most_telling
from reporter.rollups.distinct import Distinct
from reporter.rollups.ledger import Ledger
from reporter.rollups.quantiles import Quantiles
from reporter.rollups.questions import Questions
from reporter.rollups.rephrasing import Rephrasing
from reporter.rollups.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LATENCIES: Final = ("total", "retrieval", "model", "waited")
TALLIES: Final = (
    "countries", "referrers", "languages", "devices", "models", "input_tokens", "output_tokens",
    "micro_dollars", "sources", "sources_up", "sources_down", "sources_failed", "bots", "cache",
    "other_outcomes",
)  # fmt: skip

_COUNTS: Final = ("unrecorded", "ratings_alone", "without_question", "damaged", "visitors_twice")
_COUNTED: Final = (*OUTCOMES, OTHER_OUTCOME)
_NO_TALLY: Final[Mapping[str, Any]] = {"counts": {}, "other": 0}

# An item may take 400 KB. Under 100 KB, the five weeks of a report are read in a moment.
LARGEST_ITEM_BYTES: Final = 96_000
_GROUPS: Final = 400
_NAMES: Final = 200
_EXAMPLES: Final = 20
_ISOLATES: Final = 2_000
# Far more than any rollup has before it is compressed.
_LARGEST_TEXT_BYTES: Final = 16_000_000


@dataclass(slots=True)
class Rollup:
    """The sums of one day, or of several merged. People only, unless a name says otherwise."""

    outcomes: Counter[str] = field(default_factory=Counter)
    by_day: dict[str, Counter[str]] = field(default_factory=dict)
    hours: Counter[str] = field(default_factory=Counter)
    ratings: Counter[str] = field(default_factory=Counter)
    represented: float = 0.0
    unrecorded: int = 0
    ratings_alone: int = 0
    without_question: int = 0
    damaged: int = 0
    lost_days: int = 0
    clusters: Clusters = field(default_factory=Clusters)
    sessions: Distinct = field(default_factory=Distinct)
    visitors: Distinct = field(default_factory=Distinct)
    visitors_twice: int = 0
    """At most so many visitors are counted under two names: names change at midnight UTC, within an owner's day."""
    latencies: dict[str, Quantiles] = field(default_factory=lambda: {name: Quantiles() for name in LATENCIES})
    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in TALLIES})
    questions: Questions = field(default_factory=Questions)
    rephrasing: Rephrasing = field(default_factory=Rephrasing)
    comments: list[Comment] = field(default_factory=list)
    bot_examples: dict[str, list[str]] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def exchanges(self) -> int:
        """How many questions people asked."""
        return self.outcomes.total()

    @property
    def bots(self) -> int:
        """How many exchanges were held with bots."""
        return self.tallies["bots"].total

    def merge(self, other: Rollup) -> None:
        """Add all that another holds."""
        self.outcomes.update(other.outcomes)
        for day, outcomes in other.by_day.items():
            self.by_day.setdefault(day, Counter()).update(outcomes)
        self.hours.update(other.hours)
        self.ratings.update(other.ratings)
        for name in (*_COUNTS, "represented", "lost_days"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.clusters.merge(other.clusters)
        self.sessions.merge(other.sessions)
        self.visitors.merge(other.visitors)
        for name in LATENCIES:
            self.latencies[name].merge(other.latencies[name])
        for name in TALLIES:
            self.tallies[name].merge(other.tallies[name])
        self.questions.merge(other.questions)
        self.rephrasing.merge(other.rephrasing)
        self.comments = sorted(self.comments + other.comments, key=lambda comment: comment.rank)
        for rule, examples in other.bot_examples.items():
            merged = set(self.bot_examples.get(rule, [])) | set(examples)
            self.bot_examples[rule] = sorted(merged)
        self.ledger.merge(other.ledger)

    def encode(self) -> bytes:
        """Return the rollup in at most `LARGEST_ITEM_BYTES`, with less detail where it must be.

        What is dropped is dropped from this rollup too, so that it equals the stored one.
        """
        groups, names, examples, isolates = _GROUPS, _NAMES, _EXAMPLES, _ISOLATES
        while True:
            self._shrink(groups, names, examples, isolates)
            text = json.dumps(self._to_json(), ensure_ascii=False, separators=(",", ":"))
            encoded = zlib.compress(text.encode("utf-8", "replace"), 9)
            if len(encoded) <= LARGEST_ITEM_BYTES:
                return encoded
            groups, names, examples, isolates = (part * 2 // 3 for part in (groups, names, examples, isolates))

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Restore what `encode` returned, now or in an earlier version.

        Raises:
            DamagedRollupError: it was never returned by `encode`.

        """
        try:
            return cls._from_json(checked.mapping(json.loads(_unpacked(encoded))))
        except DamagedRollupError:
            raise
        except (
            zlib.error,
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            ArithmeticError,
        ) as error:
            raise DamagedRollupError(f"not readable: {type(error).__name__}") from error

    @classmethod
    def _from_json(cls, data: Mapping[str, Any]) -> Self:
        outcomes = checked.counts(data["outcomes"])
        rollup = cls(
            outcomes=outcomes,
            by_day={_day(day): checked.counts(outcomes) for day, outcomes in checked.mapping(data["by_day"]).items()},
            hours=checked.counts(data["hours"]),
            ratings=checked.counts(data["ratings"]),
            represented=checked.number(data["represented"]),
            sessions=Distinct.from_json(data["sessions"], outcomes.total()),
            visitors=Distinct.from_json(data["visitors"], outcomes.total()),
            latencies={name: Quantiles.from_json(data["latencies"][name]) for name in LATENCIES},
            tallies={name: Tally.from_json(data["tallies"].get(name, _NO_TALLY)) for name in TALLIES},
            questions=Questions.from_json(data["questions"]),
            rephrasing=Rephrasing.from_json(data["rephrasing"]),
            comments=[Comment.from_json(row) for row in checked.rows(data["comments"])],
            bot_examples={
                rule: list(map(checked.text, checked.rows(examples)))
                for rule, examples in checked.mapping(data["bot_examples"]).items()
            },
            ledger=Ledger.from_json(data["ledger"]),
        )
        for name in _COUNTS:
            setattr(rollup, name, checked.count(data.get(name, 0)))
        rollup.clusters = Clusters.from_json(data["clusters"]) if "clusters" in data else rollup._single_questions()
        return rollup

    def _single_questions(self) -> Clusters:
        """Return the sums for a rollup from before they were kept: as if no session had asked twice."""
        asked, rated = self.exchanges, self.ratings["up"] + self.ratings["down"]
        known = {name: Moments.of_single_questions(self.outcomes[name], asked) for name in OUTCOMES}
        known["questions"] = Moments.of_single_questions(0, self.represented)
        known["useful"] = Moments.of_single_questions(self.ratings["up"], rated)
        known["rephrased"] = Moments.of_single_questions(self.rephrasing.rephrased, self.rephrasing.followable)
        return Clusters(known)

    def take_words_out(self) -> None:
        """Forget what visitors typed; numbers stay."""
        self.questions.shrink(0)
        self.rephrasing.shrink(0)
        self.comments, self.bot_examples = [], {}

    def _shrink(self, groups: int, names: int, examples: int, isolates: int) -> None:
        self.questions.shrink(groups)
        for tally in self.tallies.values():
            tally.shrink(names)
        self.rephrasing.shrink(examples)
        self.comments = most_telling(self.comments, examples)
        self.bot_examples = {
            rule: self.bot_examples[rule][:3]
            for rule in sorted(self.bot_examples)
            if rule in self.tallies["bots"].counts
        }
        self.ledger.shrink(isolates)

    def _to_json(self) -> dict[str, Any]:
        return {
            "outcomes": _in_order(self.outcomes, _COUNTED),
            "by_day": {day: _in_order(self.by_day[day], _COUNTED) for day in sorted(self.by_day)},
            "hours": dict(sorted(self.hours.items())),
            "ratings": dict(sorted(self.ratings.items())),
            "represented": self.represented,
            **{name: getattr(self, name) for name in _COUNTS},
            "clusters": self.clusters.to_json(),
            "sessions": self.sessions.to_json(),
            "visitors": self.visitors.to_json(),
            "latencies": {name: self.latencies[name].to_json() for name in LATENCIES},
            "tallies": {name: self.tallies[name].to_json() for name in TALLIES},
            "questions": self.questions.to_json(),
            "rephrasing": self.rephrasing.to_json(),
            "comments": [[c.moment_ms, c.rating, c.text, c.question] for c in self.comments],
            "bot_examples": self.bot_examples,
            "ledger": self.ledger.to_json(),
        }


def merged(rollups: Iterable[Rollup]) -> Rollup:
    """Return the sum of some rollups, which stay as they are."""
    result = Rollup()
    for rollup in rollups:
        result.merge(rollup)
    return result


def _unpacked(encoded: bytes) -> str:
    """Return the JSON text of a stored rollup, if it has a size and a depth that one can have."""
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(encoded, _LARGEST_TEXT_BYTES).decode()
    if not unpacking.eof:
        raise DamagedRollupError("too large, or cut off")
    if is_too_deep(text):
        raise DamagedRollupError("nested too deeply")
    return text


def _in_order(counts: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    return {name: counts[name] for name in names if counts.get(name)}


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()
