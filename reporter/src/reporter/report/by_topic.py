"""Questions put together by topic, where a weekly run follows topics; else each stands for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reporter.report.chance import exceeds
from reporter.rollups.group import Example, Group
from reporter.topics.wordings import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reporter.topics.followed import Followed

_WORDINGS: Final = 3

# Where nearly everything fails, what fails more often than not is still worth a line.
_MOST_EXPECTED: Final = 0.5


@dataclass(frozen=True, slots=True)
class FailingTopics:
    """Topics that fail for what is one matter, and the names of their failing wordings, the most typical first."""

    topics: tuple[str, ...]
    wordings: tuple[str, ...]


class Topics:
    """How wordings are put together: each by itself, unless a weekly run follows their topics."""

    def __init__(self, follow: Callable[[Sequence[Wording]], Followed | None] | None = None) -> None:
        self._follow = follow
        self.followed: Followed | None = None
        self._all: Mapping[str, Group] = {}

    def follow(self, every: Mapping[str, Group], this: Mapping[str, Group]) -> None:
        """Find the topic of each wording, from all weeks' and this week's groups."""
        self._all = every
        if self._follow is not None:
            self.followed = self._follow([_wording(name, group, this) for name, group in every.items()])

    def merged(self, groups: Mapping[str, Group]) -> dict[str, Group]:
        """Return the groups of a week by topic; its example is the topic's name."""
        result: dict[str, Group] = {}
        for name, group in sorted(groups.items(), key=lambda item: (-item[1].count, item[0])):
            topic = self._topic_of(name)
            if topic in result:
                result[topic].join(group)
            else:
                result[topic] = group.copy()
                result[topic].example = self._name(topic) or group.example
        return result

    def wordings(
        self, topic: str, shown: Group, groups: Mapping[str, Group], first: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Return other wordings of a topic in a week, some of them first."""
        if self.followed is None:
            return ()
        keys = [name for name in self.followed.keys[int(topic)] if name in groups]
        keys.sort(key=lambda name: -groups[name].count)
        texts = [example.text for name in [*first, *keys] if (example := groups[name].example)]
        return tuple(text for text in dict.fromkeys(texts) if shown.example and text != shown.example.text)[:_WORDINGS]

    def failing(self, groups: Mapping[str, Group]) -> list[FailingTopics]:
        """Return what of a week fails more than the rest does, beyond chance, the worst first."""
        if self.followed is None:
            return [FailingTopics((name,), (name,)) for name in _failing_wordings(groups)]
        # One visitor who asks thirty times is one who got no answer.
        asked = [group.askers for group in groups.values()]
        failed = [group.trouble * times / group.count for group, times in zip(groups.values(), asked, strict=True)]
        visitors = [group.visitor_marks for group in groups.values()]
        found = self.followed.failing(list(groups), asked, failed, visitors)
        return [FailingTopics(tuple(map(str, each.topics)), tuple(each.keys)) for each in found]

    def nearest(self, topic: str, candidates: Iterable[str]) -> str | None:
        """Return the topic that is nearest in meaning."""
        if self.followed is None:
            return None
        found = self.followed.nearest(int(topic), map(int, candidates))
        return None if found is None else str(found)

    def id_of(self, topic: str) -> str:
        """Return the id under which a topic is kept in the table; empty where it is not."""
        return f"{int(topic):09d}" if self.followed is not None and int(topic) > 0 else ""

    def topic_of(self, name: str) -> str:
        """Return the topic of a wording; the wording itself where it is not followed."""
        return name if self.followed is None else str(self.followed.topic_of.get(name, name))

    def _topic_of(self, name: str) -> str:
        return name if self.followed is None else str(self.followed.topic_of[name])

    def _name(self, topic: str) -> Example | None:
        if self.followed is None:
            return None
        known = self.followed.topics[int(topic)]
        return Example(is_short=False, moment_ms=known.named_at_ms, text=known.name)


def _wording(name: str, group: Group, this: Mapping[str, Group]) -> Wording:
    example = group.example
    count = this[name].count if name in this else 0
    return Wording(name, example.text if example else name, example.moment_ms if example else 0, count, group.count)


def _failing_wordings(groups: Mapping[str, Group]) -> list[str]:
    asked, failed = (sum(group.count for group in groups.values()), sum(group.trouble for group in groups.values()))
    return sorted(
        (name for name, group in groups.items() if fails(group, asked, failed)),
        key=lambda name: (-groups[name].severity, name),
    )


def fails(group: Group, asked: float, failed: float) -> bool:
    """Whether a group of all that was asked fails more than the rest does, beyond chance."""
    others = asked - group.count
    expected = min((failed - group.trouble) / others, _MOST_EXPECTED) if others else 0.0
    times = group.askers
    return exceeds(group.trouble * times / group.count, times, expected) if group.count else False
