"""One topic of the week, or several that are one matter: how often it was asked, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reporter.rollups.group import Group

_DISLIKED_FROM: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A topic of this week, or a question where topics are not followed, and what became of it before.

    Attributes:
        topic: its id in the table; empty where it is not kept there.
        wordings: other ways in which it was asked this week, the most frequent first.
        comment: the latest complaint about its answers; empty where there is none.
        related: how many other topics are counted with it, since they are the same matter.
        as_related: how often it was asked as one of those; the rest is what is listed under the topic itself.

    """

    group: Group
    last_week: int
    before: Group
    nearest_source: str | None
    topic: str = ""
    wordings: tuple[str, ...] = ()
    comment: str = ""
    related: int = 0
    as_related: int = 0

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

    @property
    def is_disliked(self) -> bool:
        """Whether it is a gap for its ratings: it is answered, and visitors say that this does not help."""
        return is_disliked(self.group) and self.failed < self.group.count / 2

    @property
    def in_parts(self) -> str:
        """Say how a count of several topics adds up; nothing for one."""
        if not self.as_related:
            return ""
        own = self.group.count - self.as_related
        others = "a related one" if self.related == 1 else f"{self.related} related ones"
        return f"{own:,}× as this topic, {self.as_related:,}× as {others}"


def is_disliked(group: Group) -> bool:
    """Whether a group's answers are rated down so often that they are a gap."""
    return group.down >= max(_DISLIKED_FROM, 2 * group.up + 1)
