"""What topics are made of: one question in one set of words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """One question in one set of words, over the weeks of a report.

    Attributes:
        key: the name of its group (`rollups.wording.key`).
        text: the question as a visitor typed it.
        asked_at_ms: when that visitor asked, Unix epoch milliseconds.
        count: how often it was asked in the week of the report.
        total: how often in that week and the weeks before.
        others: the same question as other visitors typed it, where that is known.

    """

    key: str
    text: str
    asked_at_ms: int
    count: int
    total: int
    others: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The question in all the ways that are known."""
        return (self.text, *self.others)
