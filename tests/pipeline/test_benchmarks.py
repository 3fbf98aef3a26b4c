"""What `make bench` measures on a running stack, in the smallest run."""

import sys
from dataclasses import replace

import pytest

from benchmarks import cold_start, pipeline
from benchmarks.plan import QUICK
from stack.progress import Progress
from stack.stack import Stack

pytestmark = pytest.mark.stack

SMALLEST = replace(QUICK, latencies=1, cold_starts=1)


def test_a_question_is_followed_into_the_table(running: Stack) -> None:
    measured = pipeline.measure(running, SMALLEST, Progress(sys.stderr))

    assert len(measured["milliseconds"]) == 1


def test_the_processor_is_started_from_its_package(running: Stack) -> None:
    measured = cold_start.measure(running, SMALLEST, Progress(sys.stderr))

    assert measured["starts"][0]["import_ms"] > 0
    assert measured["import_ms_by_package"]
