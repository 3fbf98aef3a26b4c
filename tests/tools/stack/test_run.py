"""What `make test` makes of the lines that its jobs print."""

import sys

import pytest

from tests.__main__ import Job, Outcome, Runner, jobs, summarise


def read(*lines: str) -> Outcome:
    outcome = Outcome(Job("some", []))
    for line in lines:
        outcome.read(line)
    return outcome


@pytest.mark.parametrize(
    ("line", "passed", "failed", "skipped"),
    [
        ("34 passed in 1.44s", 34, 0, 0),
        ("1 failed, 506 passed in 194.14s (0:03:14)", 506, 1, 0),
        ("1 failed, 18 passed, 33 deselected in 141.09s (0:02:21)", 18, 1, 0),
        ("========= 2 passed, 1 skipped in 0.25s =========", 2, 0, 1),
        ("3 passed, 1 error in 2.00s", 3, 1, 0),
        ("Success! 7 passed, 0 failed.", 7, 0, 0),
        ("Failure! 2 passed, 1 failed.", 2, 1, 0),
        ("the visitor asked whether 5 passed", 0, 0, 0),
    ],
)
def test_closing_lines_are_counted(line: str, passed: int, failed: int, skipped: int) -> None:
    assert read(line).counts == {"passed": passed, "failed": failed, "skipped": skipped}


def test_skips_are_kept_with_their_reason() -> None:
    outcome = read("skipped: no browser", "SKIPPED [1] a.py:1: no browser", "3 passed, 1 skipped in 1.0s")

    assert outcome.skips == ["skipped: no browser", "SKIPPED [1] a.py:1: no browser"]
    assert outcome.counts["skipped"] == 2


def test_a_job_that_fails_without_a_test_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    planned = [
        Job("good", [sys.executable, "-c", "print('2 passed in 0.1s')"]),
        Job("bad", [sys.executable, "-c", "1/0"]),
    ]

    outcomes = Runner({}).run(planned)
    code = summarise(outcomes)

    printed = capsys.readouterr().out
    assert code == 1
    assert printed.count("ZeroDivisionError") == 2
    assert printed.endswith("\n2 passed, 1 failed, 0 skipped\n")


def test_what_failed_is_said_again_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    printed = r"a long log\nE   assert 1 == 2\nmore of it\nFAILED a.py::b - assert 1 == 2\n1 failed in 0.1s"

    summarise(Runner({}).run([Job("bad", [sys.executable, "-c", f"print('{printed}'); raise SystemExit(1)"])]))

    _, summary = capsys.readouterr().out.split("seconds\n")
    assert "E   assert 1 == 2\n" in summary
    assert "FAILED a.py::b - assert 1 == 2\n" in summary
    assert "more of it" not in summary


def test_what_made_many_tests_fail_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["E   Busy", *(f"ERROR a.py::{number} - Busy" for number in range(100)), "FAILED a.py::c - 1 is not 2"]
    outcome = read(*lines, "1 failed, 100 errors in 2.0s")
    outcome.code = 1

    summarise([outcome])

    _, summary = capsys.readouterr().out.split("seconds\n")
    assert [line.partition("| ")[2] for line in summary.splitlines() if "| " in line] == [
        "E   Busy",
        "ERROR a.py::0 - Busy",
        "FAILED a.py::c - 1 is not 2",
    ]


def test_every_folder_is_tested() -> None:
    names = {job.name for job in jobs()}

    assert {"edge-worker/", "processor/", "reporter/", "infrastructure/", "stack", "lint"} <= names


def test_the_coverage_of_a_service_is_shown_after_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    printed = r"TOTAL                      563      2     92      1   99.5%\n3 passed in 0.1s"

    summarise(Runner({}).run([Job("service/", [sys.executable, "-c", f"print('{printed}')"])]))

    _, summary = capsys.readouterr().out.split("seconds\n")
    assert "99.5 % (2 of 563 statements missed, 1 of 92 branches taken partly)" in summary
