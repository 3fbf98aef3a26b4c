from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.report.change import Share, count_change, percent, share_change

counts = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("this", "last", "is_real", "text"),
    [
        (2, 1, False, "last week 1"),
        (19, 0, False, "last week 0"),
        (100, 90, False, "last week 90 (+11%, within chance)"),
        (150, 100, True, "+50%, last week 100"),
        (60, 100, True, "-40%, last week 100"),
        (40, 5, True, "up, last week 5"),
        (25, 15, False, "last week 15 (+10, within chance)"),
        (1204, 1203, False, "last week 1,203 (+1, within chance)"),
        (1204, 1204, False, "last week 1,204"),
        (7, None, False, "first week"),
    ],
)
def test_a_difference_of_counts_is_shown_and_called_a_change_where_it_is_one(
    this: int, last: int | None, is_real: bool, text: str
) -> None:
    assert count_change(this, last, is_real=is_real).text == text


@pytest.mark.parametrize(
    ("this", "last", "is_real", "text"),
    [
        (Share(3, 5), Share(1, 4), False, "last week 1 of 4"),
        (Share(80, 100), Share(78, 100), False, "last week 78% (+2.0 points, within chance)"),
        (Share(80, 100), Share(80, 100), False, "last week 80% (as before)"),
        (Share(80, 100), Share(50, 100), True, "up from 50%"),
        (Share(500, 1000), Share(560, 1000), True, "down from 56%"),
        (Share(9, 1000), Share(2, 1000), True, "up from 0.2%"),
        (Share(5, 10), None, False, "first week"),
        (Share(5, 10), Share(0, 0), False, "none last week"),
        (Share(0, 0), Share(0, 0), False, ""),
    ],
)
def test_a_difference_of_shares_is_shown_and_called_a_change_where_it_is_one(
    this: Share, last: Share | None, is_real: bool, text: str
) -> None:
    assert share_change(this, last, is_real=is_real).text == text


@given(counts, counts)
def test_comparing_the_other_way_round_turns_the_direction(this: int, last: int) -> None:
    assert count_change(this, last, is_real=True).direction == -count_change(last, this, is_real=True).direction


@given(st.floats(0, 1))
def test_a_percentage_is_never_rounded_to_all_or_nothing(rate: float) -> None:
    text = percent(rate)

    if 0 < rate < 0.9999999:
        assert text != "0%"
    if rate < 0.999:
        assert text != "100%"
    assert not math.isnan(rate)
    assert " " not in text.removeprefix("under ").removeprefix("over ")
