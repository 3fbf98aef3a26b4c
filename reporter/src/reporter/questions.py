"""What was asked: similar questions as one group, with what became of them, in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.exchange import OUTCOMES
from reporter.tally import Tally
from reporter.wording import key, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reporter.exchange import Exchange

# How much an outcome says that the owner has something to do.
TROUBLE: Final = {"unanswered": 1.0, "error": 1.0, "abandoned": 1.0, "partial": 0.5}

_LIVE_GROUPS: Final = 20_000
_SOURCES_OF_GROUP: Final = 5
_LONGEST_EXAMPLE: Final = 160


@dataclass(slots=True)
class Group:
    """Questions about one subject."""

    stems: tuple[str, ...]
    example: str = ""
    first_asked_ms: int = 1 << 62
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
        if exchange.moment_ms < self.first_asked_ms and exchange.question:
            self.first_asked_ms = exchange.moment_ms
            self.example = exchange.question[:_LONGEST_EXAMPLE]
        for source in exchange.sources:
            self.sources.add(source)
        self.sources.shrink(_SOURCES_OF_GROUP)

    def merge(self, other: Group) -> None:
        """Count all of another group. Its example is taken if it is older."""
        self.outcomes.update(other.outcomes)
        self.up += other.up
        self.down += other.down
        self.rephrased += other.rephrased
        self.sources.merge(other.sources)
        older = min((self.first_asked_ms, self.example), (other.first_asked_ms, other.example))
        self.first_asked_ms, self.example = older

    def copy(self) -> Group:
        """Return an independent group with the same counts."""
        twin = Group(self.stems)
        twin.merge(self)
        return twin

    def to_json(self) -> list[Any]:
        """Return a compact row."""
        return [
            list(self.stems),
            self.example,
            self.first_asked_ms,
            [self.outcomes[name] for name in OUTCOMES],
            [self.up, self.down, self.rephrased],
            self.sources.to_json(),
        ]

    @classmethod
    def from_json(cls, row: Sequence[Any]) -> Self:
        """Restore what `to_json` returned."""
        stems, example, first_asked_ms, outcomes, (up, down, rephrased), sources = row
        counts = Counter({name: n for name, n in zip(OUTCOMES, outcomes, strict=True) if n})
        return cls(
            tuple(stems),
            example,
            first_asked_ms,
            counts,
            up,
            down,
            rephrased,
            Tally.from_json(sources),
        )


class Questions:
    """All groups of a period. What is not kept by group is counted in `rest`."""

    def __init__(self, groups: Iterable[Group] = (), rest: Mapping[str, int] | None = None) -> None:
        self.groups: dict[str, Group] = {key(group.stems): group for group in groups}
        self.rest: Counter[str] = Counter(rest or {})

    def add(self, exchange: Exchange, stems: tuple[str, ...]) -> Group:
        """Count a question and return its group."""
        if len(self.groups) >= _LIVE_GROUPS:
            self.shrink(_LIVE_GROUPS // 2)
        group = self.groups.setdefault(key(stems), Group(stems))
        group.add(exchange)
        return group

    def merge(self, other: Questions) -> None:
        """Count all that another has counted."""
        for name, group in other.groups.items():
            if name in self.groups:
                self.groups[name].merge(group)
            else:
                self.groups[name] = group.copy()
        self.rest.update(other.rest)

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

    def clustered(self) -> list[Group]:
        """Return the groups with mistyped ones joined, most asked first.

        The most frequent spelling leads; a group joins the first leader that differs from it by
        typos only. So the result does not depend on the order of counting.
        """
        leaders: list[Group] = []
        by_letters: dict[tuple[str, ...], list[Group]] = {}
        for name in sorted(self.groups, key=lambda name: (-self.groups[name].count, name)):
            group = self.groups[name]
            # A typo never touches the first letter (wording.is_typo), so leaders with other
            # first letters need not be compared.
            rivals = by_letters.setdefault(tuple(sorted(stem[0] for stem in group.stems)), [])
            leader = next((rival for rival in rivals if same(rival.stems, group.stems)), None)
            if leader is None:
                twin = group.copy()
                rivals.append(twin)
                leaders.append(twin)
            else:
                leader.merge(group)
        return sorted(leaders, key=lambda group: (-group.count, key(group.stems)))

    def to_json(self) -> dict[str, Any]:
        """Return all groups as rows."""
        rows = [self.groups[name].to_json() for name in sorted(self.groups)]
        return {"groups": rows, "rest": dict(sorted(self.rest.items()))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json` returned."""
        return cls(map(Group.from_json, data["groups"]), data["rest"])
