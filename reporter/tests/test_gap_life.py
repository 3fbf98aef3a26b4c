"""A gap's life: what the owner says, and what the data make of it."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.gaps.decision import Decision
from reporter.gaps.evidence import LEVEL, Evidence, chance_of_fewer_failures, is_better, is_worse
from reporter.gaps.life import HISTORY, Gap, Observation, decided, judged, opened

DAY: Final = 86_400_000
WEEK: Final = 7 * DAY
MONDAY: Final = 1_762_732_800_000
TOPIC: Final = "000000042"

COUNTS = st.integers(0, 60).flatmap(lambda asked: st.builds(Evidence, st.just(asked), st.integers(0, asked)))
DECISIONS = st.lists(
    st.builds(
        lambda topic, action, at, other: Decision(topic, action, at, other if action == "same" else ""),
        st.sampled_from([TOPIC, "000000007"]),
        st.sampled_from(["fixed", "not_ours", "same"]),
        st.integers(MONDAY, MONDAY + 6 * WEEK),
        st.sampled_from(["000000007", "000000009"]),
    ),
    max_size=6,
)
OBSERVATIONS = st.builds(
    Observation,
    is_failing=st.booleans(),
    now_ms=st.integers(MONDAY, MONDAY + 12 * WEEK),
    before=COUNTS,
    since=COUNTS,
    latest=COUNTS,
    comparisons=st.integers(1, 20),
)


def exact(before: Evidence, since: Evidence) -> Fraction:
    """The same probability by counting, with no logarithm."""
    asked, failed = before.asked + since.asked, before.failed + since.failed
    ways = sum(
        math.comb(since.asked, count) * math.comb(before.asked, failed - count)
        for count in range(since.failed + 1)
        if 0 <= failed - count <= before.asked
    )
    return Fraction(ways, math.comb(asked, failed))


@given(COUNTS, COUNTS)
def test_the_chance_is_fishers(before: Evidence, since: Evidence) -> None:
    chance = chance_of_fewer_failures(before, since)

    assert 0 <= chance <= 1
    if before.asked and since.asked and before.failed + since.failed:
        assert chance == pytest.approx(float(exact(before, since)), abs=1e-9)


@given(COUNTS, COUNTS)
def test_nothing_is_better_and_worse_at_once(before: Evidence, since: Evidence) -> None:
    assert not (is_better(before, since) and is_worse(before, since))


def test_chance_alone_is_called_better_in_at_most_one_of_twenty() -> None:
    dice = random.Random(1)
    wrong = 0
    for _ in range(2_000):
        before, since = (sum(dice.random() < 0.6 for _ in range(asked)) for asked in (40, 30))
        wrong += is_better(Evidence(40, before), Evidence(30, since))

    assert wrong / 2_000 <= LEVEL


@given(DECISIONS, OBSERVATIONS)
def test_applying_the_same_twice_changes_nothing(decisions: list[Decision], seen: Observation) -> None:
    gap = judged(decided(opened(TOPIC, MONDAY - 1), decisions), seen)

    assert judged(decided(gap, decisions), seen) == gap


@given(DECISIONS, st.randoms())
def test_the_order_of_arrival_does_not_matter(decisions: list[Decision], dice: random.Random) -> None:
    shuffled = list(decisions)
    dice.shuffle(shuffled)

    assert decided(opened(TOPIC, MONDAY - 1), shuffled) == decided(opened(TOPIC, MONDAY - 1), decisions)


@given(DECISIONS, st.lists(OBSERVATIONS, max_size=12))
def test_only_the_owner_ignores_and_only_the_data_confirm(decisions: list[Decision], weeks: list[Observation]) -> None:
    gap = decided(opened(TOPIC, MONDAY - 1), decisions)
    for seen in weeks:
        gap = judged(gap, seen)

    assert len(gap.history) <= HISTORY
    for change in gap.history:
        assert change.by == ("owner" if change.state in {"fixed", "ignored", "same"} else "data")


@given(st.lists(OBSERVATIONS, max_size=12))
def test_what_is_ignored_stays_ignored(weeks: list[Observation]) -> None:
    gap = decided(opened(TOPIC, MONDAY - 1), [Decision(TOPIC, "not_ours", MONDAY)])
    for seen in weeks:
        gap = judged(gap, seen)

    assert gap.state == "ignored"
    assert not gap.is_listed


def week(*, good: float, asked: int = 20, dice: random.Random) -> Evidence:
    return Evidence(asked, sum(dice.random() < good for _ in range(asked)))


def test_six_weeks_of_one_gap() -> None:
    """Opened, called fixed too early, back, fixed for real, confirmed, and back when it breaks again."""
    dice = random.Random(7)
    good = [0.05, 0.05, 0.95, 0.95, 0.05, 0.95]
    weeks = [week(good=rate, dice=dice) for rate in good]
    decisions: list[Decision] = []
    states: list[str] = []
    gap: Gap | None = None
    for number, latest in enumerate(weeks):
        now = MONDAY + (number + 1) * WEEK
        gap = decided(gap or opened(TOPIC, now), decisions)
        fixes = [each.decided_at_ms for each in decisions if each.action == "fixed"]
        begun = (fixes[-1] - MONDAY) // WEEK if fixes else number
        before = sum(weeks[max(0, begun - 4) : begun], Evidence())
        since = sum(weeks[begun : number + 1], Evidence())
        gap = judged(gap, Observation(latest.failed > 8, now, before, since, latest))
        states.append(gap.state)
        if number == 0:
            decisions.append(Decision(TOPIC, "fixed", now + 1))
        if number == 1:
            decisions.append(Decision(TOPIC, "fixed", now + 2))

    assert gap
    assert states == ["open", "back", "confirmed", "confirmed", "back", "back"]
    assert [(change.state, change.by) for change in gap.history] == [
        ("open", "data"), ("fixed", "owner"), ("back", "data"),
        ("fixed", "owner"), ("confirmed", "data"), ("back", "data"),
    ]  # fmt: skip


def test_a_fix_that_nobody_asks_about_waits() -> None:
    gap = decided(opened(TOPIC, MONDAY), [Decision(TOPIC, "fixed", MONDAY + 1)])

    later = judged(gap, Observation(is_failing=False, now_ms=MONDAY + 9 * WEEK, before=Evidence(40, 2)))

    assert later.state == "fixed"


def test_a_fix_that_does_not_help_comes_back_after_a_week() -> None:
    gap = decided(opened(TOPIC, MONDAY), [Decision(TOPIC, "fixed", MONDAY + 1)])
    seen = Observation(is_failing=True, now_ms=MONDAY + 3 * DAY, before=Evidence(40, 2), since=Evidence(30, 3))

    assert judged(gap, seen).state == "fixed"
    assert judged(gap, replace(seen, now_ms=MONDAY + 8 * DAY)).state == "back"


def test_a_confirmation_carries_its_figures() -> None:
    gap = decided(opened(TOPIC, MONDAY), [Decision(TOPIC, "fixed", MONDAY + 1)])

    confirmed = judged(
        gap,
        Observation(is_failing=False, now_ms=MONDAY + WEEK, before=Evidence(40, 2), since=Evidence(33, 31)),
    )

    assert confirmed.state == "confirmed"
    assert f"{confirmed.since} answered since, before {confirmed.before}" == "31 of 33 answered since, before 2 of 40"


def test_a_gap_is_not_the_same_as_itself() -> None:
    gap = decided(opened(TOPIC, MONDAY), [Decision(TOPIC, "same", MONDAY + 1, TOPIC)])

    assert gap.state == "open"


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        Evidence(2, 3)
