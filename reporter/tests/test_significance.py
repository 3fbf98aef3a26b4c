"""What is called a change is one: quiet weeks simulated, real changes found, both with sessions of any size."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import ZONE
from reporter.exchange import OUTCOMES, Exchange
from reporter.period import Week, day_bounds
from reporter.report.figures import Comparison
from reporter.report.significance import count_p_value, day_dispersion, real_changes, share_p_value
from reporter.rollups.clusters import Moments, SessionWatch
from reporter.rollups.rollup import Rollup, merged
from reporter.rollups.rollup_builder import roll_up

if TYPE_CHECKING:
    from collections.abc import Callable

WEEK = Week.parse("2026-W46")
WEIGHTS = (80, 4, 8, 1, 3, 4)


def a_week(chance: random.Random, sessions: int, size: Callable[[], int], week: Week, *, bad: bool = False) -> Rollup:
    """A week's rollup: visitors come at random, and most get the same outcome for all that they ask."""
    days = []
    for day in week.days:
        begin, _ = day_bounds(day, ZONE)
        exchanges: list[Exchange] = []
        for number in range(poisson(chance, sessions / 7)):
            (habit,) = chance.choices(OUTCOMES, (40, 4, 48, 1, 3, 4) if bad else WEIGHTS)
            for _ in range(size()):
                outcome = habit if chance.random() < 0.7 else chance.choices(OUTCOMES, WEIGHTS)[0]
                rating = chance.choice(("up", "up", "down")) if chance.random() < 0.1 else None
                name = f"{day}-{number}"
                exchanges.append(
                    Exchange(
                        id=f"{len(exchanges):036d}",
                        moment_ms=begin + len(exchanges),
                        outcome=outcome,
                        question="a",
                        session=name,
                        visitor=name,
                        rating=rating,
                    )
                )
        days.append(roll_up(exchanges, day, ZONE))
    return merged(days)


def poisson(chance: random.Random, mean: float) -> int:
    left, count = mean, 0
    while (left := left - chance.expovariate(1)) > 0:
        count += 1
    return count


def changes(weeks: list[Rollup]) -> frozenset[str]:
    return Comparison(weeks, [""] * len(weeks), is_over=True).real


@pytest.mark.no_cover
@pytest.mark.parametrize(("sessions", "largest"), [(60, 1), (60, 5), (30, 30)])
@pytest.mark.no_cover
def test_of_four_hundred_quiet_weeks_one_in_twenty_at_most_is_called_changed(sessions: int, largest: int) -> None:
    chance = random.Random(sessions * largest)
    weeks = [a_week(chance, sessions, lambda: chance.randint(1, largest), WEEK) for _ in range(138)]

    # Each week beside others, as no two pairs have more than one week in common.
    pairs = [[weeks[n], weeks[(n + step) % 138], weeks[(n + 7 * step) % 138]] for n in range(138) for step in (1, 2, 3)]
    wrong = sum(bool(changes(each)) for each in pairs)

    assert len(pairs) >= 400
    assert wrong <= 0.05 * len(pairs)


def test_a_real_change_is_found() -> None:
    chance = random.Random(3)
    size = lambda: chance.randint(1, 5)  # noqa: E731 - three lines of use
    quiet = [a_week(chance, 150, size, WEEK) for _ in range(2)]

    assert "questions" in changes([a_week(chance, 400, size, WEEK), *quiet])
    assert "not_answered" in changes([a_week(chance, 150, size, WEEK, bad=True), *quiet])
    assert "useful" not in changes([a_week(chance, 150, size, WEEK, bad=True), *quiet])


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(OUTCOMES)), max_size=60))
def test_the_sums_are_those_of_the_sessions(asked: list[tuple[int, str]]) -> None:
    watch = SessionWatch()
    for session, outcome in asked:
        watch.ask(str(session), outcome, 2)

    clusters = watch.finish(OUTCOMES)

    sizes = [sum(each == session for each, _ in asked) for session in range(10)]
    assert clusters.of("questions").whole_squared == sum((2 * size) ** 2 for size in sizes)
    for outcome in OUTCOMES:
        parts = [sum(each == (session, outcome) for each in asked) for session in range(10)]
        squares = [sum(part * part for part in parts), sum(p * s for p, s in zip(parts, sizes, strict=True))]
        moments = clusters.of(outcome)
        assert [moments.part, moments.whole] == [sum(parts), len(asked)]
        assert [moments.part_squared, moments.product] == squares
        assert moments.whole_squared == sum(size * size for size in sizes)
        rest = clusters.complement(outcome)
        assert rest.part_squared == sum((size - part) ** 2 for part, size in zip(parts, sizes, strict=True))


def test_one_session_of_thirty_is_no_thirty_sessions() -> None:
    one_each, heavy = Moments(150, 0, 150, 0, 0, 150), Moments(5, 0, 150, 0, 0, 5 * 900)
    before = Moments(100, 0, 100, 0, 0, 100)

    assert count_p_value(one_each, before) < 0.01
    assert count_p_value(heavy, before) > 0.1


def test_days_that_vary_more_than_chance_raise_the_bar() -> None:
    even = [[10, 11, 9, 10, 12, 8, 10], [9, 10, 11, 10, 8, 12, 10], [10, 10, 10, 11, 10, 9, 10]]
    uneven = [[1, 40, 2, 30, 1, 2, 1], [35, 1, 1, 2, 30, 1, 3], [2, 2, 33, 1, 1, 38, 1]]

    assert day_dispersion(even) == 1
    assert day_dispersion(uneven) > 10
    assert day_dispersion(uneven[:1]) == 1
    assert count_p_value(Moments(200, 0, 200, 0, 0, 200), Moments(120, 0, 120, 0, 0, 120), 10) > 0.1


def test_few_sessions_prove_nothing() -> None:
    assert share_p_value(Moments(5, 5, 5, 5, 5, 5), Moments(400, 4, 400, 4, 4, 400)) == 1
    assert count_p_value(Moments(), Moments()) == 1


def test_the_more_figures_the_higher_the_bar() -> None:
    assert real_changes({"a": 0.03}) == {"a"}
    assert real_changes({"a": 0.03, "b": 0.9}) == frozenset()
    assert real_changes({"a": 0.001, "b": 0.03, "c": 0.6}) == {"a"}
    assert real_changes({}) == frozenset()
