"""Where failures gather on made-up sites: what was planted is found, what is chance is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reporter.topics.failing import Site, failing
from reporter.topics.vectors import normalised

if TYPE_CHECKING:
    from numpy.typing import NDArray

MATTERS, WORDINGS = 60, 10


def site(seed: int, *, scattered: bool = True) -> tuple[Site, NDArray[np.int64]]:
    """A site with ten wordings of each matter, half of them alone in their topic; and the matter of each."""
    dice = np.random.default_rng(seed)
    matters = np.repeat(np.arange(MATTERS), WORDINGS)
    middles = dice.normal(size=(MATTERS, 512))
    vectors = normalised((middles[matters] + 0.9 * dice.normal(size=(len(matters), 512))).astype(np.float32))
    alone = scattered & (np.arange(len(matters)) % 2 > 0)
    topics = np.unique(np.where(alone, MATTERS + np.arange(len(matters)), matters), return_inverse=True)[1]
    return Site(vectors, topics, np.ones(len(matters))), matters


@pytest.mark.parametrize("seed", range(5))
def test_each_matter_that_always_fails_is_found_in_one_piece(seed: int) -> None:
    asked, matters = site(seed)
    dice = np.random.default_rng(seed + 100)
    planted = dice.choice(MATTERS, 8, replace=False)
    failed = (np.isin(matters, planted) | (dice.random(len(matters)) < 0.05)).astype(float)

    found = failing(asked, failed)

    main = [int(np.bincount(matters[list(matter.members)]).argmax()) for matter in found]
    assert sorted(set(main) & set(planted)) == sorted(planted)
    assert len(main) == len(set(main))
    assert len(set(main) - set(planted)) <= 2  # a fifth of what is listed


@pytest.mark.no_cover
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.4, 1.0])
def test_most_sites_whose_failures_are_chance_have_no_gap(rate: float) -> None:
    listed = [
        len(failing(asked, (np.random.default_rng(seed).random(len(matters)) < rate).astype(float)))
        for seed in range(1 if rate == 1.0 else 5)
        for asked, matters in [site(seed)]
    ]

    # Where everything fails, all of it is worth a line: what is expected is at most one half.
    assert sum(map(bool, listed)) == 1 if rate == 1.0 else sum(map(bool, listed)) <= 1


@pytest.mark.parametrize(("visitors", "is_listed"), [(1, False), (30, True)])
def test_one_visitor_who_asks_in_thirty_ways_is_one(visitors: int, is_listed: bool) -> None:
    asked, matters = site(3)
    dice = np.random.default_rng(3)
    failed = np.where(matters < 3, 1.0, dice.random(len(matters)) < 0.02).astype(float)
    marks = [1 << (number % visitors if number < 30 else 40 + number % 200) for number in range(len(matters))]

    found = failing(Site(asked.vectors, np.where(matters < 3, 0, asked.topics + 1), asked.asked, marks), failed)

    assert any(min(matter.members) < 30 for matter in found) is is_listed


def test_where_nothing_was_asked_nothing_fails() -> None:
    nothing = np.zeros(0)

    assert failing(Site(np.zeros((0, 512), np.float32), nothing.astype(np.int64), nothing), nothing) == []


@settings(max_examples=12)
@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 1)), min_size=1, max_size=25))
@example([(1, 0.0)] * 3 + [(1, 1.0)] * 3 + [(1, 0.0)] * 4 + [(4, 1.0), (1, 0.0), (2, 1.0), (1, 1.0)])
def test_whatever_fails_each_wording_is_in_one_matter_at_most(rows: list[tuple[int, float]]) -> None:
    asked = np.array([count for count, _ in rows], float)
    failed = asked * [share for _, share in rows]
    vectors = np.zeros((len(rows), 512), np.float32)
    vectors[::2, 0] = 1

    found = failing(Site(vectors, np.arange(len(rows)) // 3, asked), failed)

    members = [number for matter in found for number in matter.members]
    assert len(members) == len(set(members))
    assert all(failed[number] > 0 for number in members)
    assert all(0 < matter.failed <= matter.asked + 1e-6 for matter in found)
