"""The demo's visitors: always the same, and speaking only in words of the corpus."""

import datetime
from collections import Counter

import pytest

from stack.sample_traffic.corpus import KNOWN_CATEGORIES, conversations, good_answers
from stack.sample_traffic.visits import milliseconds, monday, visits

WEEK_MS = 7 * 86_400_000
BEGIN = 1_760_000_000_000


def test_the_same_arguments_make_the_same_visits() -> None:
    assert visits(50, begin=BEGIN, end=BEGIN + WEEK_MS, seed=1) == visits(50, begin=BEGIN, end=BEGIN + WEEK_MS, seed=1)
    assert visits(50, begin=BEGIN, end=BEGIN + WEEK_MS, seed=1) != visits(50, begin=BEGIN, end=BEGIN + WEEK_MS, seed=2)


@pytest.mark.parametrize("length", [1000, WEEK_MS, 4 * WEEK_MS])
def test_visits_lie_in_their_time_and_in_order(length: int) -> None:
    times = [visit.asked_at for visit in visits(300, begin=BEGIN, end=BEGIN + length, seed=5)]

    assert len(times) == 300
    assert times == sorted(times)
    assert times[0] >= BEGIN
    assert times[-1] < BEGIN + length


def test_every_question_is_one_that_people_asked() -> None:
    asked = {conversation.question for conversation in conversations()}

    assert {visit.question for visit in visits(500, begin=BEGIN, end=BEGIN + WEEK_MS, seed=3)} <= asked


def test_a_visitor_rates_by_what_people_answered() -> None:
    visit = next(visit for visit in visits(50, begin=BEGIN, end=BEGIN + WEEK_MS, seed=3) if visit.rates)
    answer = next(iter(good_answers()[visit.question]))

    assert (visit.rating(answer), visit.rating("I do not know.")) == ("up", "down")


def test_some_of_what_is_asked_is_known_and_some_is_not() -> None:
    known = {c.question for c in conversations() if c.language == "en" and c.category in KNOWN_CATEGORIES}

    shares = Counter(visit.question in known for visit in visits(1000, begin=BEGIN, end=BEGIN + WEEK_MS, seed=4))

    assert min(shares[True], shares[False]) > 200


@pytest.mark.parametrize(
    ("day", "first"),
    [("2026-11-22", "2026-11-16"), ("2026-11-16", "2026-11-16"), ("2027-01-01", "2026-12-28")],
)
def test_a_week_begins_on_its_iso_monday(day: str, first: str) -> None:
    moment = datetime.datetime.fromisoformat(f"{day}T13:00:00+00:00")

    assert monday(moment).date().isoformat() == first
    assert milliseconds(moment) - milliseconds(monday(moment, weeks_before=1)) > WEEK_MS
