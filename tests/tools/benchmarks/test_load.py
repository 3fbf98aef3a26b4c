"""The load is what it claims to be."""

import random
import threading
import time

import pytest

from benchmarks.load import closed_loop, open_loop, poisson_moments


def test_visitors_come_as_often_as_asked_for_and_independently_of_each_other() -> None:
    moments = poisson_moments(20_000, per_second=20, chance=random.Random(1))

    gaps = [later - earlier for earlier, later in zip([0.0, *moments], moments, strict=False)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert mean == pytest.approx(1 / 20, rel=0.03)
    # Of an exponential distribution, the deviation is the mean.
    assert deviation == pytest.approx(mean, rel=0.03)


def test_in_an_open_loop_a_held_up_visitor_is_charged_from_when_the_question_was_to_be_asked() -> None:
    one_at_a_time, begun = threading.Lock(), threading.Event()

    def ask(question: str) -> None:
        if question == "quick":
            begun.wait(30)
        with one_at_a_time:
            begun.set()
            time.sleep(0.2 if question == "slow" else 0)

    samples = open_loop(ask, ["slow", "quick", "quick"], [0.0, 0.05, 0.1])

    waited = [sample.milliseconds for sample in samples]
    assert waited[0] >= 200
    assert waited[1] >= 150 - 1
    assert waited[2] >= 100 - 1


def test_in_an_open_loop_nobody_waits_for_the_answer_of_another() -> None:
    together = threading.Barrier(3, timeout=120)

    def ask(_question: str) -> str:
        together.wait()
        return "id"

    samples = open_loop(ask, ["a", "b", "c"], [0.0, 0.001, 0.002])

    assert [sample.id for sample in samples] == ["id"] * 3


def test_a_closed_loop_has_as_many_visitors_at_a_time_as_asked_for() -> None:
    now, most = 0, 0
    counting = threading.Lock()
    # Each waits for three others: with fewer at a time, none would be answered.
    together = threading.Barrier(4, timeout=120)

    def ask(_question: str) -> None:
        nonlocal now, most
        with counting:
            now += 1
            most = max(most, now)
        together.wait()
        with counting:
            now -= 1

    samples = closed_loop(ask, ["question"] * 20, concurrency=4)

    assert len(samples) == 20
    assert most == 4
