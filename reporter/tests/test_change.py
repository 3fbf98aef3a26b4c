from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.report.change import Share, count_change, percent, share_change

counts = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("this", "last", "text"),
    [
        (2, 1, "last week 1"),
        (19, 0, "last week 0"),
        (100, 90, "no real change, last week 90"),
        (150, 100, "+50 %, last week 100"),
        (60, 100, "-40 %, last week 100"),
        (40, 5, "up, last week 5"),
        (5, 40, "-88 %, last week 40"),
        (1204, 1180, "no real change, last week 1,180"),
        (7, None, "first week"),
    ],
)
def test_a_change_of_counts_is_told_when_it_is_more_than_chance(this: int, last: int | None, text: str) -> None:
    assert count_change(this, last).text == text


@pytest.mark.parametrize(
    ("this", "last", "text"),
    [
        (Share(3, 5), Share(1, 4), "last week 1 of 4"),
        (Share(80, 100), Share(78, 100), "no real change, last week 78 %"),
        (Share(80, 100), Share(50, 100), "up from 50 %"),
        (Share(500, 1000), Share(560, 1000), "down from 56 %"),
        (Share(5, 10), None, "first week"),
        (Share(5, 10), Share(0, 0), "none last week"),
        (Share(0, 0), Share(0, 0), ""),
    ],
)
def test_a_change_of_shares_is_told_when_it_is_more_than_chance(this: Share, last: Share | None, text: str) -> None:
    assert share_change(this, last).text == text


def test_the_interval_is_wilsons() -> None:
    # Newcombe 1998, table I: 81 of 263 has 0.2553 to 0.3662; 0 of 20 has 0 to 0.1611.
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Share(0, 20).interval == pytest.approx((0, 0.1611), abs=5e-5)


def test_the_difference_is_judged_by_newcombes_interval() -> None:
    # Newcombe 1998 (difference), table II: 56/70 - 48/80 has 0.0524 to 0.3339; 9/10 - 3/10 differs,
    # 6/7 - 2/7 has 0.0582 to 0.8062 but too few cases to be told.
    assert share_change(Share(56, 70), Share(48, 80)).direction == 1
    assert share_change(Share(9, 10), Share(3, 10)).direction == 1
    assert share_change(Share(6, 7), Share(2, 7)).direction == 0
    assert share_change(Share(5, 56), Share(0, 29)).direction == 0


@given(counts, counts)
def test_shares_lie_in_their_interval(part: int, more: int) -> None:
    share = Share(part, part + more)

    low, high = share.interval

    assert 0 <= low <= share.rate + 1e-12
    assert share.rate - 1e-12 <= high <= 1


@given(counts, counts)
def test_comparing_the_other_way_round_turns_the_direction(this: int, last: int) -> None:
    assert count_change(this, last).direction == -count_change(last, this).direction


@given(st.floats(0, 1))
def test_a_percentage_is_never_rounded_to_all_or_nothing(rate: float) -> None:
    text = percent(rate)

    if 0 < rate < 0.9999999:
        assert text != "0 %"
    if rate < 0.999:
        assert text != "100 %"
    assert not math.isnan(rate)
