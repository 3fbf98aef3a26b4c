"""What was asked over the weeks: the same question in all of them, what fails, what is fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reporter.rollups.group import Group
from reporter.rollups.questions import Questions
from reporter.rollups.wording import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reporter.rollups.rollup import Rollup

# A group is a gap when at least this share of its questions went wrong, a weak answer as half.
_GAP_FROM: Final = 1 / 3
_FIXED_FROM: Final = 2
_NEAR: Final = 1 / 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of this week, and what became of it before."""

    group: Group
    last_week: int
    before: Group
    nearest_source: str | None

    @property
    def is_new(self) -> bool:
        """Whether it was not asked in the weeks before."""
        return self.before.count == 0

    @property
    def example(self) -> str:
        """The question in a visitor's words."""
        return self.group.example.text if self.group.example else ""

    @property
    def failed(self) -> int:
        """How often it got no good answer."""
        return self.group.count - self.group.outcomes["answered"]


class AskedOverWeeks:
    """The questions of this week and the weeks before, this week's first."""

    def __init__(self, weeks: Sequence[Rollup]) -> None:
        everything = Questions()
        for week in weeks:
            everything.merge(week.questions)
        spellings = everything.spellings()
        self._all = everything.joined(spellings)
        self._this, *before = (week.questions.joined(spellings) for week in weeks)
        self._last = before[0] if before else {}
        self._before: dict[str, Group] = {}
        for groups in before:
            for name, group in groups.items():
                self._before.setdefault(name, Group(group.stems)).merge(group)
        self.rest = weeks[0].questions.rest.total()

    @property
    def count(self) -> int:
        """How many different questions were asked this week."""
        return len(self._this)

    def most_asked(self, limit: int) -> list[Asked]:
        """Return the questions asked most this week."""
        return self._ranked(self._this, lambda group: group.count, limit)

    def gaps(self, limit: int) -> list[Asked]:
        """Return the questions that fail, by how often times how badly."""
        failing = [name for name, group in self._this.items() if _is_gap(group)]
        return self._ranked(failing, lambda group: group.severity, limit)

    def fixed(self, limit: int) -> list[Asked]:
        """Return the questions that failed in the weeks before and were only answered in this."""
        fixed = [
            name
            for name, group in self._this.items()
            if min(group.count, self._before_of(name).count) >= _FIXED_FROM
            and not group.trouble
            and _is_gap(self._before_of(name))
        ]
        return self._ranked(fixed, lambda group: group.count, limit)

    def _ranked(self, names: Iterable[str], rank: Callable[[Group], float], limit: int) -> list[Asked]:
        ordered = sorted(names, key=lambda name: (-rank(self._this[name]), name))
        return [self._asked(name) for name in ordered[:limit]]

    def _asked(self, name: str) -> Asked:
        group, last = self._this[name], self._last.get(name)
        nearest = self._nearest_source(group)
        return Asked(group, last.count if last else 0, self._before_of(name), nearest)

    def _before_of(self, name: str) -> Group:
        return self._before.get(name) or Group(self._this[name].stems)

    def _nearest_source(self, group: Group) -> str | None:
        own = group.sources.top(1)
        if own:
            return own[0][0]
        return _source_of_nearest(group, (each for each in self._all.values() if each.sources.total))


def _is_gap(group: Group) -> bool:
    return group.trouble >= _GAP_FROM * group.count


def _source_of_nearest(group: Group, candidates: Iterable[Group]) -> str | None:
    stems = set(group.stems)
    near = [other for other in candidates if _likeness(stems, other.stems) >= _NEAR]
    if not near:
        return None
    nearest = min(near, key=lambda other: (-_likeness(stems, other.stems), key(other.stems)))
    return nearest.sources.top(1)[0][0]


def _likeness(stems: set[str], others: tuple[str, ...]) -> float:
    """Return the share of words in common, spelt alike: one look at each group has to suffice."""
    common = len(stems.intersection(others))
    return common / (len(stems) + len(others) - common)
