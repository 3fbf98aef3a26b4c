"""Quiet sites give no alarm, a fault does."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.alerts.comparison import THRESHOLD, dearer, silent, worse_share
from reporter.alerts.explanation import Failures, explain


@dataclass
class Sums:
    sessions: int = 0
    part: float = 0.0
    whole: float = 0.0
    part_squared: float = 0.0
    product: float = 0.0
    whole_squared: float = 0.0

    def add(self, part: float, whole: float) -> None:
        self.sessions += 1
        self.part += part
        self.whole += whole
        self.part_squared += part * part
        self.product += part * whole
        self.whole_squared += whole * whole


def a_day(dice: random.Random, *, sessions: float, rate: float, length: float = 2.0) -> Sums:
    """A day of sessions that each ask some questions and whose failures belong together."""
    sums = Sums()
    for _ in range(max(0, round(dice.gauss(sessions, sessions**0.5)))):
        asked = 1 + min(int(dice.expovariate(1 / (length - 0.999))), 30)
        own = dice.betavariate(3 * rate, 3 * (1 - rate))
        sums.add(sum(dice.random() < own for _ in range(asked)), asked)
    return sums


@pytest.mark.parametrize(
    ("sessions", "rate", "length"),
    [(15, 0.05, 1.0), (15, 0.3, 3.0), (40, 0.1, 2.0), (40, 0.5, 3.0), (150, 0.2, 2.0)],
)
@pytest.mark.no_cover
@pytest.mark.no_cover
def test_quiet_sites_give_at_most_one_false_alarm_in_a_quarter(sessions: int, rate: float, length: float) -> None:
    """Four years of each kind of site: its weekdays differ, and so do its days, by a tenth of the rate."""
    dice = random.Random(sessions * 1000 + int(rate * 100))
    weekday = [1.0, 1.1, 1.0, 0.9, 1.0, 0.4, 0.3]
    days = [
        a_day(dice, sessions=sessions * weekday[number % 7], rate=min(0.95, rate * dice.gauss(1, 0.1)), length=length)
        for number in range(4 * 364)
    ]

    alarms = sum(
        worse_share("failed", days[number], [days[number - 7 * ago] for ago in range(1, 5)]) is not None
        for number in range(28, len(days))
    )

    assert alarms <= (len(days) - 28) / 91 / 4


@pytest.mark.parametrize(("sessions", "usual", "faulty"), [(30, 0.2, 0.75), (60, 0.2, 0.6), (150, 0.1, 0.35)])
def test_a_fault_gives_an_alarm(sessions: int, usual: float, faulty: float) -> None:
    dice = random.Random(5)
    found = 0
    for _ in range(50):
        before = [a_day(dice, sessions=sessions, rate=usual) for _ in range(4)]
        found += worse_share("failed", a_day(dice, sessions=sessions, rate=faulty), before) is not None

    assert found >= 42


def test_few_sessions_give_none_however_bad() -> None:
    dice = random.Random(1)
    before = [a_day(dice, sessions=40, rate=0.1) for _ in range(4)]
    day = Sums()
    for _ in range(11):
        day.add(1, 1)

    assert worse_share("failed", day, before) is None


def test_one_person_with_thirty_failed_questions_gives_none() -> None:
    dice = random.Random(1)
    before = [a_day(dice, sessions=40, rate=0.1) for _ in range(4)]
    day = a_day(dice, sessions=40, rate=0.1)
    day.add(30, 30)

    assert worse_share("failed", day, before) is None


def test_a_small_rise_gives_none_however_sure() -> None:
    dice = random.Random(1)
    before = [a_day(dice, sessions=5_000, rate=0.2) for _ in range(4)]

    assert worse_share("failed", a_day(dice, sessions=5_000, rate=0.26), before) is None


def test_a_site_without_a_past_gives_none() -> None:
    dice = random.Random(1)
    day = a_day(dice, sessions=60, rate=0.9)

    assert worse_share("failed", day, [Sums(), Sums(), Sums(), a_day(dice, sessions=60, rate=0.1)]) is None


@given(
    st.lists(
        st.lists(
            st.integers(1, 9).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))), max_size=40
        ),
        min_size=5,
        max_size=5,
    )
)
def test_no_sums_break_it_and_a_finding_is_worse(sessions: list[list[tuple[int, int]]]) -> None:
    days = []
    for each in sessions:
        days.append(Sums())
        for part, whole in each:
            days[-1].add(part, whole)

    finding = worse_share("failed", days[0], days[1:])

    assert finding is None or (finding.now > finding.before and finding.score >= THRESHOLD)


@pytest.mark.parametrize(
    ("sessions", "before", "is_found"),
    [(0, [40, 50, 45, 60], True), (1, [40, 50, 45, 60], False), (0, [40, 50, 5, 60], False), (0, [40, 50], False)],
)
def test_silence(sessions: int, before: list[int], *, is_found: bool) -> None:
    assert (silent(sessions, before) is not None) == is_found


@pytest.mark.parametrize(
    ("dollars", "before", "is_found"),
    [(9, [1, 2, 3, 2], True), (8.9, [1, 2, 3, 2], False), (0.9, [0, 0, 0, 0], False), (2, [0, 0, 0, 0], True)],
)
def test_cost(dollars: float, before: list[float], *, is_found: bool) -> None:
    assert (dearer(dollars, before) is not None) == is_found


def test_the_topics_that_explain_it_are_those_that_fail_more_than_usual() -> None:
    before = {"a": Failures("a", 400, 200.0), "b": Failures("b", 100, 2.0), "c": Failures("c", 100, 0.0)}
    day = {
        "a": Failures("a", 100, 50.0),
        "b": Failures("b", 25, 20.0),
        "new": Failures("new", 30, 30.0),
        "c": Failures("c", 25, 0.5),
    }

    assert [each.name for each in explain(day, before)] == ["new", "b"]
