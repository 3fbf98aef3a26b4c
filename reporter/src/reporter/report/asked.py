"""What was asked over the weeks: the same matter in all of them, what fails, what is fixed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from reporter.gaps.evidence import LEVEL, Evidence, is_better
from reporter.report.asked_topic import Asked, is_disliked
from reporter.report.by_topic import FailingTopics, Topics, fails
from reporter.report.significance import TOPICS_LEVEL
from reporter.rollups.group import Group
from reporter.rollups.questions import Questions
from reporter.rollups.wording import key, subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reporter.rollups.comments import Comment
    from reporter.rollups.rollup import Rollup
    from reporter.topics.followed import Followed

_NEAR: Final = 1 / 3


class AskedOverWeeks:
    """The questions of this week and the weeks before, this week's first, by topic."""

    def __init__(self, weeks: Sequence[Rollup], topics: Topics | None = None) -> None:
        everything = Questions()
        for week in weeks:
            everything.merge(week.questions)
        spellings = self._spellings = everything.spellings()
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
        self._comments = _complaints(weeks[0].comments, spellings, self._topics)
        self.rest = weeks[0].questions.rest.total()
        self.is_listed: Callable[[str], bool] = lambda _topic: True
        """Whether a failing topic is listed as a gap, by its id in the table."""

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
        ordered = sorted(self._this, key=lambda name: (-self._this[name].count, name))[:limit]
        return [self._asked(name) for name in ordered]

    @property
    def failing(self) -> frozenset[str]:
        """The topics that fail, by their ids in the table."""
        return frozenset(filter(None, (self._topics.id_of(name) for each in self._failing for name in each.topics)))

    @cached_property
    def _failing(self) -> list[FailingTopics]:
        """What fails, the worst first, and what is answered to nobody's liking."""
        found = self._topics.failing(self._wordings)
        known = {name for each in found for name in each.topics}
        disliked = [name for name, group in self._this.items() if name not in known and is_disliked(group)]
        disliked.sort(key=lambda name: (-self._this[name].severity, name))
        return [*found, *(FailingTopics((name,), ()) for name in disliked)]

    def evidence(self, questions: Questions) -> dict[str, Evidence]:
        """Return how often each topic was asked and answered well in some of the questions, by its id in the table.

        A session is counted once, and is answered well if all of it was.
        """
        groups = self._topics.merged(questions.joined(self._spellings))
        return {topic: _evidence(group) for name, group in groups.items() if (topic := self._topics.id_of(name))}

    def topic_of(self, question: str) -> str:
        """Return the id in the table of the topic that a question belongs to; empty where it was not among them."""
        if self.followed is None:
            return ""
        name = key(subject(question))
        topic = self.followed.topic_of.get(self._spellings.get(name, name))
        return "" if topic is None else self._topics.id_of(str(topic))

    def name_of(self, topic: str) -> str:
        """Return the question that a topic is named by, given its id in the table; empty where it was not asked."""
        found = (group for name, group in self._all.items() if self._topics.id_of(name) == topic)
        return next((group.example.text for group in found if group.example), "")

    def gaps(self, limit: int) -> list[Asked]:
        """Return what fails more than the rest of the site does beyond chance, by how often times how badly.

        Topics that fail for what is one matter are one gap, with the questions that failed.
        """
        gaps = []
        for each in self._failing:
            first, *others = each.topics
            if self.is_listed(self._topics.id_of(first)):
                listed = [name for name in others if self.is_listed(self._topics.id_of(name))]
                gaps.append(self._asked(first, *listed, failed=each.wordings))
        gaps.sort(key=lambda gap: (-gap.group.severity, gap.example))
        return gaps[:limit]

    def fixed(self, limit: int) -> list[Asked]:
        """Return the topics that failed in the weeks before and no longer do, beyond chance.

        All topics that were asked about in both periods are compared, which the level accounts
        for: those that failed most by chance are among those that failed.
        """
        both = [name for name in self._this if name in self._before]
        comparisons = round(len(both) * LEVEL / TOPICS_LEVEL)
        asked = sum(group.count for group in self._before.values())
        failed = sum(group.trouble for group in self._before.values())
        fixed = [
            name
            for name in both
            if not self._this[name].trouble
            and fails(self._before[name], asked, failed)
            and is_better(_evidence(self._before[name]), _evidence(self._this[name]), comparisons)
        ]
        fixed.sort(key=lambda name: (-self._this[name].count, name))
        return [self._asked(name) for name in fixed[:limit]]

    def _asked(self, name: str, *others: str, failed: Sequence[str] = ()) -> Asked:
        """Return what was asked about a topic, with others that are the same matter.

        Args:
            name: the topic.
            others: topics that are the same matter.
            failed: the wordings to show it by, the most typical first.

        """
        group, before = self._joined(name, *others), self._before_of(name).copy()
        for other in others:
            before.join(self._before_of(other))
        if failed and group.example and group.example.text not in self._texts(failed):
            group.example = self._wordings[failed[0]].example
        last = sum(self._last[each].count for each in (name, *others) if each in self._last)
        wordings = self._topics.wordings(name, group, self._wordings, failed)
        comment = next(filter(None, map(self._comments.get, (name, *others))), "")
        nearest = self._nearest_source(name, group)
        as_related = group.count - self._this[name].count
        return Asked(group, last, before, nearest, self._topics.id_of(name), wordings, comment, len(others), as_related)

    def _texts(self, names: Iterable[str]) -> set[str]:
        return {example.text for name in names if (example := self._wordings[name].example)}

    def _joined(self, first: str, *others: str) -> Group:
        group = self._this[first].copy()
        for other in others:
            group.join(self._this[other])
        return group

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


def _evidence(group: Group) -> Evidence:
    return Evidence(group.sessions, group.sessions - min(group.failed_sessions, group.sessions))


def _complaints(comments: Iterable[Comment], spellings: Mapping[str, str], topics: Topics) -> dict[str, str]:
    """Return the latest complaint about each topic's answers."""
    found: dict[str, str] = {}
    for comment in comments:
        if comment.rating == "down" and comment.question:
            name = key(subject(comment.question))
            found.setdefault(topics.topic_of(spellings.get(name, name)), comment.text)
    return found


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
