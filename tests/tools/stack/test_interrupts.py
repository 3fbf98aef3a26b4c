"""An interrupt finds every program that was started, at whatever moment it comes."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stack.interrupts import postponed
from stack.paths import ROOT

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# The interrupt comes when the program is running and its `Popen` has not yet been returned.
_SCRIPT = """
import os, signal, subprocess, sys
from pathlib import Path
from stack.interrupts import stop_when_told

class Popen(subprocess.Popen):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        Path("pid").write_text(str(self.pid))
        while not Path("begun").exists():
            pass
        os.kill(os.getpid(), getattr(signal, sys.argv[1]))
        sum(range(1000))

subprocess.Popen = Popen
program = [sys.executable, "-c", '''
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
pathlib.Path("begun").touch()
time.sleep(60)
''']
stop_when_told()
here = Path.cwd()
"""
_STARTED_BY = {
    "run_visibly": "from operate.interruptible import run_visibly\nrun_visibly(program, here, os.environ)",
    "run_interruptibly": (
        "from operate.interruptible import run_interruptibly\nrun_interruptibly(program, here, os.environ, name='x')"
    ),
    "run": "from stack.programs import run\nrun(program, cwd=here, env=os.environ, log=here / 'log')",
    "running": (
        "from stack.programs import running\n"
        "with running(program, cwd=here, env=os.environ, log=here / 'log'):\n    signal.pause()"
    ),
}


@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("started_by", _STARTED_BY)
def test_a_program_that_has_just_been_started_is_stopped(tmp_path: Path, started_by: str, ending: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _SCRIPT + _STARTED_BY[started_by], ending],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tools")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.stderr.rstrip().endswith("KeyboardInterrupt")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.fixture
def handlers() -> Iterator[list[int]]:
    """Let a handler note the signals that reach it, and put back what was there."""
    told: list[int] = []
    before = {number: signal.signal(number, lambda caught, _frame: told.append(caught)) for number in _ENDINGS}
    yield told
    for number, handler in before.items():
        signal.signal(number, handler)


def test_what_came_meanwhile_is_delivered_once_and_then_handlers_are_as_before(handlers: list[int]) -> None:
    before = [signal.getsignal(number) for number in _ENDINGS]

    with postponed() as resume:
        for _ in range(3):
            signal.raise_signal(signal.SIGTERM)
        assert handlers == []
        resume()
        assert handlers == [signal.SIGTERM]
        signal.raise_signal(signal.SIGINT)

    assert handlers == [signal.SIGTERM, signal.SIGINT]
    assert [signal.getsignal(number) for number in _ENDINGS] == before


def test_what_came_before_a_failure_is_delivered_too(handlers: list[int]) -> None:
    with suppress(FileNotFoundError), postponed():
        signal.raise_signal(signal.SIGHUP)
        raise FileNotFoundError

    assert handlers == [signal.SIGHUP]


def test_a_signal_that_is_ignored_stays_ignored(handlers: list[int]) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with postponed():
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_other_threads_start_programs_as_before() -> None:
    seen = []

    def start() -> None:
        with postponed() as resume:
            resume()
            seen.append(True)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert seen == [True]
