"""How much of a figure comes from how few sessions: the sums that a fair comparison of weeks needs.

Questions of one session belong together, so a session is one observation. For a figure that is
`part` of `whole`, the squares and products of what each session contributed give the variance of
the sum, however sessions differ in size (cluster-robust, as Liang and Zeger 1986). They are sums
themselves, so days merge into weeks. A session that goes on past midnight counts as two.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.rollups import checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LIVE_SESSIONS: Final = 20_000
_MS_PER_DAY: Final = 86_400_000


@dataclass(slots=True)
class Moments:
    """Sums over sessions of a figure's part and whole.

    Attributes:
        sessions: how many sessions contributed to the whole.
        part: the sum of the parts, `whole` that of the wholes.
        part_squared, product, whole_squared: sums of squares and of part times whole.

    """

    sessions: int = 0
    part: float = 0.0
    whole: float = 0.0
    part_squared: float = 0.0
    product: float = 0.0
    whole_squared: float = 0.0

    def replace(self, before: tuple[float, float], after: tuple[float, float]) -> None:
        """Count that a session's part and whole have grown."""
        (part, whole), (new_part, new_whole) = before, after
        self.sessions += (new_whole > 0) - (whole > 0)
        self.part += new_part - part
        self.whole += new_whole - whole
        self.part_squared += new_part**2 - part**2
        self.product += new_part * new_whole - part * whole
        self.whole_squared += new_whole**2 - whole**2

    def replace_whole(self, before: float, after: float) -> None:
        """Count that the whole of a session without a part has grown."""
        self.sessions += (after > 0) - (before > 0)
        self.whole += after - before
        self.whole_squared += after**2 - before**2

    def merge(self, other: Moments) -> None:
        """Count all that another has counted."""
        self.sessions += other.sessions
        self.part += other.part
        self.whole += other.whole
        self.part_squared += other.part_squared
        self.product += other.product
        self.whole_squared += other.whole_squared

    def residual(self, rate: float) -> float:
        """Return the sum of squares of part less `rate` times whole."""
        return max(0.0, self.part_squared - 2 * rate * self.product + rate * rate * self.whole_squared)

    def to_json(self) -> list[float]:
        """Return a row."""
        values = (self.sessions, self.part, self.whole, self.part_squared, self.product, self.whole_squared)
        return [round(value, 6) for value in values]

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Restore what `to_json` returned."""
        sessions, *sums = checked.row(data, 6)
        return cls(checked.count(sessions), *map(checked.number, sums))

    @classmethod
    def of_single_questions(cls, part: float, whole: float) -> Self:
        """Return the sums where every session had one question, for rollups that do not know them."""
        return cls(round(whole), part, whole, part, part, whole)


class Clusters:
    """The moments of several figures."""

    def __init__(self, moments: Mapping[str, Moments] | None = None) -> None:
        self._moments = dict(moments or {})

    def of(self, figure: str) -> Moments:
        """Return the sums of a figure, for reading or adding."""
        moments = self._moments.get(figure)
        if moments is None:
            moments = self._moments[figure] = Moments()
        return moments

    def complement(self, figure: str) -> Moments:
        """Return the sums of what is not the figure's part."""
        all_of = self.of(figure)
        return Moments(
            all_of.sessions,
            all_of.whole - all_of.part,
            all_of.whole,
            all_of.whole_squared - 2 * all_of.product + all_of.part_squared,
            all_of.whole_squared - all_of.product,
            all_of.whole_squared,
        )

    def merge(self, other: Clusters) -> None:
        """Count all that another has counted."""
        for figure, moments in other._moments.items():
            self.of(figure).merge(moments)

    def to_json(self) -> dict[str, list[float]]:
        """Return a row for each figure."""
        return {figure: self._moments[figure].to_json() for figure in sorted(self._moments)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Restore what `to_json` returned."""
        return cls({figure: Moments.from_json(row) for figure, row in checked.mapping(data).items()})


@dataclass(slots=True)
class _Session:
    questions: int = 0
    weight: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)
    others: dict[str, tuple[float, float]] = field(default_factory=dict)
    visitor: str | None = None
    utc_day: int = 0


class SessionWatch:
    """Follows what the sessions of a day contribute to each figure, in bounded memory.

    The session that has been idle longest is forgotten first. If it goes on it counts as another.
    """

    def __init__(self) -> None:
        self._clusters = Clusters()
        self._asked = Moments()
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._latest: tuple[str | None, _Session] = (None, _Session())

    def ask(self, session: str, outcome: str, weight: float) -> None:
        """Count a question; `weight` is how many it stands for where only a sample is recorded."""
        state = self._state(session)
        self._clusters.of("questions").replace_whole(state.weight, state.weight + weight)
        self._asked.replace_whole(state.questions, state.questions + 1)
        # Only an outcome that the session has had changes its own sums; the rest is in `_asked`.
        for name, times in state.outcomes.items():
            self._clusters.of(name).product += times
        times = state.outcomes.get(outcome, 0)
        moments = self._clusters.of(outcome)
        moments.part += 1
        moments.part_squared += 2 * times + 1
        moments.product += state.questions + 1
        state.outcomes[outcome] = times + 1
        state.questions += 1
        state.weight += weight

    def count(self, session: str, figure: str, part: float, whole: float) -> None:
        """Count what a session adds to another figure."""
        others = self._state(session).others
        part_before, whole_before = others.get(figure, (0.0, 0.0))
        others[figure] = (part_before + part, whole_before + whole)
        self._clusters.of(figure).replace((part_before, whole_before), others[figure])

    def is_renamed(self, session: str, visitor: str, moment_ms: int) -> bool:
        """Whether a session's visitor was seen under another name: names change at midnight UTC."""
        state, utc_day = self._state(session), moment_ms // _MS_PER_DAY
        if state.visitor is None:
            state.visitor, state.utc_day = visitor, utc_day
        return state.visitor != visitor and state.utc_day != utc_day

    def finish(self, outcomes: Iterable[str]) -> Clusters:
        """Return the sums, with what all outcomes have in common entered in each."""
        for name in outcomes:
            moments = self._clusters.of(name)
            moments.sessions = self._asked.sessions
            moments.whole = self._asked.whole
            moments.whole_squared = self._asked.whole_squared
        return self._clusters

    def _state(self, session: str) -> _Session:
        name, state = self._latest
        if session != name:
            state = self._begin_or_resume(session)
            self._latest = session, state
        return state

    def _begin_or_resume(self, session: str) -> _Session:
        state = self._sessions.get(session)
        if state is None:
            state = self._sessions[session] = _Session()
            if len(self._sessions) > _LIVE_SESSIONS:
                self._sessions.popitem(last=False)
        else:
            self._sessions.move_to_end(session)
        return state
