"""The life of a gap: the owner says that it is fixed, and the data confirm it or bring it back.

    open ──▶ fixed ──▶ confirmed          the owner says fixed; the data decide
      ▲        │           │
      └────────┴───────────┘              back: it fails as before, or again
    any ──▶ ignored, same                 the owner says not ours, or the same as another

Nothing here reads a clock or a table: the same input gives the same state, and applying it twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from reporter.gaps.evidence import NOTHING, is_better, is_worse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reporter.gaps.decision import Decision
    from reporter.gaps.evidence import Evidence

State = Literal["open", "fixed", "confirmed", "back", "ignored", "same"]
By = Literal["owner", "data"]

# Fewer questions since a fix say nothing yet.
MIN_ASKED: Final = 5
# A fix that is not confirmed by then, and is asked about, did not help: one of Monday is judged on the next.
DAYS_TO_HELP: Final = 6
# A gap is followed with the last changes of its state.
HISTORY: Final = 8

_MS_PER_DAY: Final = 86_400_000
_STATE_AFTER: Final[dict[str, State]] = {"fixed": "fixed", "not_ours": "ignored", "same": "same"}


@dataclass(frozen=True, slots=True)
class Change:
    """A gap entered a state; `at_ms` in Unix epoch milliseconds."""

    state: State
    at_ms: int
    by: By


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap of one topic, as it stands.

    Attributes:
        topic: the topic's id.
        history: the changes of its state, the latest last.
        same_as: the topic that it is followed with, in the state `same`.
        before: what was answered in the weeks before the owner's fix.
        since: what was answered since it.

    """

    topic: str
    history: tuple[Change, ...]
    same_as: str = ""
    before: Evidence = NOTHING
    since: Evidence = NOTHING

    @property
    def last(self) -> Change:
        """The change that made it what it is."""
        return self.history[-1]

    @property
    def state(self) -> State:
        """What it is."""
        return self.last.state

    @property
    def is_listed(self) -> bool:
        """Whether a report lists it among what to do."""
        return self.state in {"open", "back"}

    def to(self, state: State, at_ms: int, by: By) -> Gap:
        """Return it in another state."""
        return replace(self, history=(*self.history, Change(state, at_ms, by))[-HISTORY:])


@dataclass(frozen=True, slots=True)
class Observation:
    """What the data say of a topic at the time of a report.

    Attributes:
        is_failing: whether the week's report finds a gap.
        before: the four weeks before the owner's latest fix; of an open gap, before now.
        since: what came since then.
        latest: the week of the report.
        now_ms: Unix epoch milliseconds.
        comparisons: how many gaps are judged in the same report.

    """

    is_failing: bool
    now_ms: int
    before: Evidence = NOTHING
    since: Evidence = NOTHING
    latest: Evidence = NOTHING
    comparisons: int = 1


def opened(topic: str, now_ms: int) -> Gap:
    """Return the gap of a topic that fails for the first time."""
    return Gap(topic, (Change("open", now_ms, "data"),))


def decided(gap: Gap, decisions: Iterable[Decision]) -> Gap:
    """Apply what the owner decided on this gap's topic after its last decision, the earliest first."""
    last_ms = max((change.at_ms for change in gap.history if change.by == "owner"), default=-1)
    ours = (each for each in decisions if each.topic == gap.topic and each.decided_at_ms > last_ms)
    for decision in sorted(ours, key=lambda each: (each.decided_at_ms, each.action, each.same_as)):
        if decision.same_as == gap.topic:
            continue
        gap = replace(gap, same_as=decision.same_as, before=NOTHING, since=NOTHING)
        gap = gap.to(_STATE_AFTER[decision.action], decision.decided_at_ms, "owner")
    return gap


def judged(gap: Gap, seen: Observation) -> Gap:
    """Let the data confirm a fix, or bring the gap back."""
    if gap.state == "fixed":
        gap = replace(gap, before=seen.before, since=seen.since)
        if gap.since.asked < MIN_ASKED:
            return gap
        if is_better(seen.before, seen.since, seen.comparisons) and not seen.is_failing:
            return gap.to("confirmed", seen.now_ms, "data")
        is_old = seen.now_ms - gap.last.at_ms >= DAYS_TO_HELP * _MS_PER_DAY
        return gap.to("back", seen.now_ms, "data") if is_old and seen.is_failing else gap
    if gap.state == "confirmed" and seen.is_failing and is_worse(gap.since, seen.latest, seen.comparisons):
        return gap.to("back", seen.now_ms, "data")
    return gap
