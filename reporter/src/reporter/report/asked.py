"""What was asked over the weeks: the same matter in all of them, what fails, what is fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reporter.report.by_topic import Topics
from reporter.report.chance import exceeds
from reporter.rollups.group import Group
from reporter.rollups.questions import Questions
from reporter.rollups.wording import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reporter.rollups.rollup import Rollup
    from reporter.topics.followed import Followed

_FIXED_FROM: Final = 2
_NEAR: Final = 1 / 3

# Where nearly everything fails, what fails more often than not is still worth a line.
_MOST_EXPECTED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """A topic of this week, or a question where topics are not followed, and what became of it before.

    Attributes:
        topic: its id in the table; empty where it is not kept there.
        wordings: other ways in which it was asked this week, the most frequent first.

    """

    group: Group
    last_week: int
    before: Group
    nearest_source: str | None
    topic: str = ""
    wordings: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether it was not asked in the weeks before."""
        return self.before.count == 0

    @property
    def example(self) -> str:
        """The most typical question, in a visitor's words."""
        return self.group.example.text if self.group.example else ""

    @property
    def failed(self) -> int:
        """How often it got no good answer."""
        return self.group.count - self.group.outcomes["answered"]


class AskedOverWeeks:
    """The questions of this week and the weeks before, this week's first, by topic."""

    def __init__(self, weeks: Sequence[Rollup], topics: Topics | None = None) -> None:
        everything = Questions()
        for week in weeks:
            everything.merge(week.questions)
        spellings = everything.spellings()
        every = everything.joined(spellings)
        by_week = [week.questions.joined(spellings) for week in weeks]
        self._topics = topics or Topics()
        self._wordings = by_week[0]
        self._topics.follow(every, by_week[0])
        self._all = self._topics.merged(every)
        self._this, *before = (self._topics.merged(groups) for groups in by_week)
        self._last = before[0] if before else {}
        self._before: dict[str, Group] = {}
        for groups in before:
            for name, group in groups.items():
                self._before.setdefault(name, Group(group.stems)).merge(group)
        self.rest = weeks[0].questions.rest.total()

    @property
    def followed(self) -> Followed | None:
        """The topics, where they are followed."""
        return self._topics.followed

    @property
    def count(self) -> int:
        """How many different topics were asked about this week."""
        return len(self._this)

    def most_asked(self, limit: int) -> list[Asked]:
        """Return the topics asked about most this week."""
        ordered = sorted(self._this, key=lambda name: (-self._this[name].count, name))
        return [self._asked(name) for name in ordered[:limit]]

    def gaps(self, limit: int) -> list[Asked]:
        """Return what fails more than the rest of the site does beyond chance, by how often times how badly.

        Topics that fail for what is one matter are one gap.
        """
        failing = [name for name, group in self._this.items() if self._fails(group, self._this)]
        gaps = [self._asked(*names) for names in self._topics.alike(failing, self._wordings)]
        return sorted(gaps, key=lambda gap: (-gap.group.severity, gap.example))[:limit]

    def fixed(self, limit: int) -> list[Asked]:
        """Return the topics that failed in the weeks before and were only answered in this."""
        fixed = [
            name
            for name, group in self._this.items()
            if min(group.count, self._before_of(name).count) >= _FIXED_FROM
            and not group.trouble
            and self._fails(self._before_of(name), self._before)
        ]
        fixed.sort(key=lambda name: (-self._this[name].count, name))
        return [self._asked(name) for name in fixed[:limit]]

    def _fails(self, group: Group, among: Mapping[str, Group]) -> bool:
        others = sum(each.count for each in among.values()) - group.count
        failed = sum(each.trouble for each in among.values()) - group.trouble
        expected = min(failed / others, _MOST_EXPECTED) if others else 0.0
        # One visitor who asks thirty times is one who got no answer.
        asked = min(group.count, group.visitors or group.count)
        return exceeds(group.trouble * asked / group.count, asked, expected) if group.count else False

    def _asked(self, name: str, *others: str) -> Asked:
        """Return what was asked about a topic, with others that are the same matter."""
        group, before = self._this[name].copy(), self._before_of(name).copy()
        for other in others:
            group.join(self._this[other])
            before.join(self._before_of(other))
        last = sum(self._last[each].count for each in (name, *others) if each in self._last)
        wordings = self._topics.wordings(name, group, self._wordings)
        return Asked(group, last, before, self._nearest_source(name, group), self._topics.id_of(name), wordings)

    def _before_of(self, name: str) -> Group:
        return self._before.get(name) or Group(self._this[name].stems)

    def _nearest_source(self, name: str, group: Group) -> str | None:
        own = group.sources.top(1)
        if own:
            return own[0][0]
        with_sources = {other: each for other, each in self._all.items() if each.sources.total}
        nearest = self._topics.nearest(name, with_sources)
        if nearest is not None:
            return with_sources[nearest].sources.top(1)[0][0]
        return _source_of_nearest(group, with_sources.values())


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
