"""Which topics explain an alert: those that failed more often than they usually do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

EXPLAINED_BY: Final = 3


@dataclass(frozen=True, slots=True)
class Failures:
    """How often a topic was asked, how often without a good answer, and a question in a visitor's words."""

    name: str
    asked: int
    failed: float


def explain(day: Mapping[str, Failures], before: Mapping[str, Failures]) -> list[Failures]:
    """Return the topics with most failures beyond what is usual for them, at most three.

    A topic that was not asked before is expected to fail as often as all topics did.
    """
    asked = sum(each.asked for each in before.values())
    overall = sum(each.failed for each in before.values()) / asked if asked else 0.0

    def excess(topic: str) -> float:
        now, usual = day[topic], before.get(topic)
        rate = usual.failed / usual.asked if usual and usual.asked else overall
        return now.failed - rate * now.asked

    ranked = sorted(day, key=lambda topic: (-excess(topic), topic))
    return [day[topic] for topic in ranked[:EXPLAINED_BY] if excess(topic) >= 1]
