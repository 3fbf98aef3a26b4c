"""Questions put together by topic, where a weekly run follows topics; else each stands for itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from reporter.rollups.group import Example, Group
from reporter.topics.wordings import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reporter.topics.followed import Followed

_WORDINGS: Final = 3


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

    def wordings(self, topic: str, shown: Group, groups: Mapping[str, Group]) -> tuple[str, ...]:
        """Return other wordings of a topic in a week."""
        if self.followed is None:
            return ()
        keys = [name for name in self.followed.keys[int(topic)] if name in groups]
        keys.sort(key=lambda name: -groups[name].count)
        texts = [example.text for name in keys if (example := groups[name].example)]
        return tuple(text for text in dict.fromkeys(texts) if shown.example and text != shown.example.text)[:_WORDINGS]

    def alike(self, topics: Sequence[str], groups: Mapping[str, Group]) -> list[list[str]]:
        """Return topics in groups that are one matter, each group with the topic asked most first."""
        if self.followed is None or not topics:
            return [[topic] for topic in topics]
        chosen = set(topics)
        names = [name for name in groups if self._topic_of(name) in chosen]
        count: Counter[str] = Counter()
        for name in names:
            count[self._topic_of(name)] += groups[name].count
        clusters = self.followed.alike([_wording(name, self._all[name], groups) for name in names])
        return [sorted(map(str, cluster), key=lambda topic: (-count[topic], topic)) for cluster in clusters]

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
