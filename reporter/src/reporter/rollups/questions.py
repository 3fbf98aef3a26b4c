"""What was asked: similar questions as one group, with what became of them, in bounded memory."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.rollups import checked
from reporter.rollups.group import Group
from reporter.rollups.vocabulary import vocabulary
from reporter.rollups.wording import key, rules, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reporter.exchange import Exchange

_LIVE_GROUPS: Final = 20_000

# Beyond this many comparisons, spellings that are left stay groups of their own: the most
# frequent are compared first, and a minute is all that anybody's words can cost.
_MOST_COMPARISONS: Final = 300_000
_STEMS_OF_A_SUBJECT: Final = 2


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
        name = key(stems)
        group = self.groups.get(name)
        if group is None:
            group = self.groups[name] = Group(stems)
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
        return {"groups": rows, "rest": dict(sorted(self.rest.items())), "rules": rules()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json` returned.

        Groups that other rules have made get the stems they would have now, so that a question
        stays one question when the rules change.
        """
        groups = [Group.from_json(row) for row in checked.rows(data["groups"])]
        if data.get("rules") != rules():
            for group in groups:
                group.stem_again()
        return cls(groups, checked.counts(data["rest"]))


def _completed(leaders: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Return every subject without a question word that occurs with one, and only one, too."""
    question_words = vocabulary().question_words
    asking: dict[str, list[str]] = {}
    for stems in leaders:
        rest = tuple(stem for stem in stems if stem not in question_words)
        if len(rest) >= _STEMS_OF_A_SUBJECT and len(rest) < len(stems):
            asking.setdefault(key(rest), []).append(key(stems))
    return {rest: names[0] for rest, names in asking.items() if len(names) == 1}
