"""What visitors wrote with their ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from reporter.rollups import checked

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class Comment:
    """What a visitor wrote with a rating."""

    moment_ms: int
    rating: str
    text: str
    question: str

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Restore a row of the four."""
        moment_ms, rating, text, question = checked.row(data, 4)
        return cls(checked.count(moment_ms), checked.text(rating), checked.text(text), checked.text(question))

    @property
    def rank(self) -> tuple[bool, int, str, str]:
        """Sort key: complaints first, then the latest."""
        return (self.rating != "down", -self.moment_ms, self.text, self.question)


def most_telling(comments: Iterable[Comment], limit: int) -> list[Comment]:
    """Return the latest complaints and the latest others, so that neither hides the other."""
    ranked = sorted(comments, key=lambda comment: comment.rank)
    down = [comment for comment in ranked if comment.rating == "down"]
    up = [comment for comment in ranked if comment.rating != "down"]
    return down[: limit - min(len(up), limit // 2)] + up[: limit // 2]
