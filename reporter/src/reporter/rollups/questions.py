"""What was asked: similar questions as one group, with what became of them, in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.exchange import OUTCOMES
from reporter.rollups.tally import Tally
from reporter.rollups.vocabulary import vocabulary
from reporter.rollups.wording import key, same, subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reporter.exchange import Exchange

# How much an outcome says that the owner has something to do.
TROUBLE: Final = {"unanswered": 1.0, "error": 1.0, "abandoned": 1.0, "partial": 0.5}

_LIVE_GROUPS: Final = 20_000

# Beyond this many comparisons, spellings that are left stay groups of their own: the most
# frequent are compared first, and a minute is all that anybody's words can cost.
_MOST_COMPARISONS: Final = 300_000
_SOURCES_OF_GROUP: Final = 5
_LONGEST_EXAMPLE: Final = 160
_WORDS_OF_A_SENTENCE: Final = 4
_STEMS_OF_A_SUBJECT: Final = 2


@dataclass(frozen=True, order=True, slots=True)
class Example:
    """A question in a visitor's words; of two the lesser is shown: a whole one, and the older."""

    is_short: bool
    moment_ms: int
    text: str


@dataclass(slots=True)
class Group:
    """Questions about one subject."""

    stems: tuple[str, ...]
    example: Example | None = None
    outcomes: Counter[str] = field(default_factory=Counter)
    up: int = 0
    down: int = 0
    rephrased: int = 0
    sources: Tally = field(default_factory=Tally)

    @property
    def count(self) -> int:
        """How often it was asked."""
        return self.outcomes.total()

    @property
    def trouble(self) -> float:
        """How often it went wrong, a weak answer counted as half."""
        failed = sum(TROUBLE.get(name, 0.0) * count for name, count in self.outcomes.items())
        return min(failed + self.down / 2, float(self.count))

    @property
    def severity(self) -> float:
        """How often times how badly: the order in which gaps are worth closing."""
        return self.trouble * self.trouble / self.count if self.count else 0.0

    def add(self, exchange: Exchange) -> None:
        """Count one more."""
        self.outcomes[exchange.outcome or "answered"] += 1
        self.up += exchange.rating == "up"
        self.down += exchange.rating == "down"
        self._show(_example(exchange))
        for source in exchange.sources:
            self.sources.add(source)
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
        self.sources.merge(other.sources)

    def _show(self, example: Example | None) -> None:
        if example is not None and (self.example is None or example < self.example):
            self.example = example

    def copy(self) -> Group:
        """Return an independent group with the same counts."""
        twin = Group(self.stems)
        twin.merge(self)
        return twin

    def to_json(self) -> list[Any]:
        """Return a compact row."""
        return [
            list(self.stems),
            self.example and [self.example.is_short, self.example.moment_ms, self.example.text],
            [self.outcomes[name] for name in OUTCOMES],
            [self.up, self.down, self.rephrased],
            self.sources.to_json(),
        ]

    @classmethod
    def from_json(cls, row: Sequence[Any]) -> Self:
        """Restore what `to_json` returned."""
        stems, example, outcomes, (up, down, rephrased), sources = row
        # Rollups of earlier versions may hold an empty stem.
        whole = tuple(stem for stem in stems if stem) or subject(example[2] if example else "")
        counts = Counter({name: n for name, n in zip(OUTCOMES, outcomes, strict=True) if n})
        return cls(
            whole,
            example and Example(*example),
            counts,
            up,
            down,
            rephrased,
            Tally.from_json(sources),
        )


class Questions:
    """All groups of a period. What is not kept by group is counted in `rest`."""

    def __init__(self, groups: Iterable[Group] = (), rest: Mapping[str, int] | None = None) -> None:
        self.groups: dict[str, Group] = {}
        self.rest: Counter[str] = Counter(rest or {})
        for group in groups:
            self._merge_group(group)

    def add(self, exchange: Exchange, stems: tuple[str, ...]) -> Group:
        """Count a question and return its group."""
        if len(self.groups) >= _LIVE_GROUPS:
            self.shrink(_LIVE_GROUPS // 2)
        group = self.groups.setdefault(key(stems), Group(stems))
        group.add(exchange)
        return group

    def merge(self, other: Questions) -> None:
        """Count all that another has counted."""
        for group in other.groups.values():
            self._merge_group(group.copy())
        self.rest.update(other.rest)

    def _merge_group(self, group: Group) -> None:
        name = key(group.stems)
        if name in self.groups:
            self.groups[name].merge(group)
        else:
            self.groups[name] = group

    def shrink(self, limit: int) -> None:
        """Keep the groups asked most, and for a quarter of the room those that fail most."""
        if len(self.groups) <= limit:
            return
        by_severity = sorted(self.groups, key=lambda name: (-self.groups[name].severity, name))
        by_count = sorted(self.groups, key=lambda name: (-self.groups[name].count, name))
        chosen = dict.fromkeys(by_severity[: limit // 4] + by_count)
        kept = {name: self.groups[name] for name in list(chosen)[:limit]}
        for name, group in self.groups.items():
            if name not in kept:
                self.rest.update(group.outcomes)
        self.groups = kept

    def spellings(self) -> dict[str, str]:
        """Return every group's name with the name of the group that it is another form of.

        The most frequent spelling leads; a group joins the first leader that differs from it by
        typos only. Then "parking place" joins "where parking place", unless there is a "when
        parking place" as well. The result does not depend on the order of counting.
        """
        leaders = self._mistyped()
        completed = _completed(self.groups[name].stems for name in set(leaders.values()))
        return {name: completed.get(leader, leader) for name, leader in leaders.items()}

    def _mistyped(self) -> dict[str, str]:
        result: dict[str, str] = {}
        rivals_by_letters: dict[tuple[str, ...], list[Group]] = {}
        left = _MOST_COMPARISONS
        for name in sorted(self.groups, key=lambda name: (-self.groups[name].count, name)):
            group = self.groups[name]
            # A typo never touches a first letter (wording.is_typo), so only leaders with the same
            # first letters need to be compared.
            letters = tuple(sorted(stem[0] for stem in group.stems))
            rivals = rivals_by_letters.setdefault(letters, [])
            compared = rivals[:left]
            left -= len(compared)
            leader = next((rival for rival in compared if same(rival.stems, group.stems)), None)
            if leader is None:
                rivals.append(group)
            result[name] = name if leader is None else key(leader.stems)
        return result

    def joined(self, spellings: Mapping[str, str]) -> dict[str, Group]:
        """Return the groups with mistyped ones joined to their leaders, by the leader's name."""
        result: dict[str, Group] = {}
        leaders_first = sorted(self.groups, key=lambda name: (name != spellings[name], name))
        for name in leaders_first:
            group, leader = self.groups[name], spellings[name]
            if leader in result:
                result[leader].join(group)
            else:
                result[leader] = group.copy()
        return result

    def to_json(self) -> dict[str, Any]:
        """Return all groups as rows."""
        rows = [self.groups[name].to_json() for name in sorted(self.groups)]
        return {"groups": rows, "rest": dict(sorted(self.rest.items()))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json` returned."""
        return cls(map(Group.from_json, data["groups"]), data["rest"])


def _completed(leaders: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Return every subject without a question word that occurs with one, and only one, too."""
    question_words = vocabulary().question_words
    asking: dict[str, list[str]] = {}
    for stems in leaders:
        rest = tuple(stem for stem in stems if stem not in question_words)
        if len(rest) >= _STEMS_OF_A_SUBJECT and len(rest) < len(stems):
            asking.setdefault(key(rest), []).append(key(stems))
    return {rest: names[0] for rest, names in asking.items() if len(names) == 1}


def _example(exchange: Exchange) -> Example | None:
    if exchange.question is None:
        return None
    is_short = len(exchange.question.split()) < _WORDS_OF_A_SENTENCE
    return Example(is_short, exchange.moment_ms, exchange.question[:_LONGEST_EXAMPLE])
