"""`make test`: every test of the repository, several jobs side by side, and what was skipped and why."""

import os
import queue
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from stack.paths import BUILD, ROOT, TOOLS
from stack.programs import ProgramError, program_variables
from stack.terraform import cli_variables
from tests.split import FOLDERS

# Two more than the smallest machine has processors: what starts a stack or Workers waits for half of its time.
_SIDE_BY_SIDE = 4
_GRACE_SECONDS = 20
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)")
_CLOSING_LINE = re.compile(r"^=*\s*(\d+ [a-z]+, )*\d+ [a-z]+ in [\d.]+s|^(Success!|Failure!) \d+ passed")
_SKIP = re.compile(r"^SKIPPED |^skipped: ")
_FAILURE = re.compile(r"^(FAILED|ERROR) |^E  ")
_FAILURE_LINES = 40
# The closing line of coverage's table: statements, missed ones, branches, partly taken ones, the share of all.
_COVERAGE = re.compile(r"^TOTAL\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+([\d.]+)%")


@dataclass(frozen=True)
class Job:
    """One command of the test run."""

    name: str
    command: Sequence[str]


@dataclass
class Outcome:
    """How a job ended."""

    job: Job
    seconds: float = 0
    code: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {"passed": 0, "failed": 0, "skipped": 0})
    skips: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    coverage: str = ""
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_FAILURE_LINES))

    def read(self, line: str) -> None:
        """Take from a printed line what it says about tests."""
        self.last.append(line)
        if _FAILURE.match(line):
            self.failures.append(line)
        if _SKIP.match(line):
            self.skips.append(line)
            # pytest counts its own in its closing line.
            self.counts["skipped"] += line.startswith("skipped: ")
        if _CLOSING_LINE.match(line):
            for number, word in _COUNT.findall(line):
                self.counts["failed" if word.startswith("error") else word] += int(number)
        if total := _COVERAGE.match(line):
            statements, missed, branches, partial, share = total.groups()
            self.coverage = (
                f"coverage of src/: {share} %"
                f" ({missed} of {statements} statements missed, {partial} of {branches} branches taken partly)"
            )


def jobs() -> list[Job]:
    """Return what is run: first what takes longest, and what waits most beside what waits least."""
    python = sys.executable
    pytest = [python, "-m", "pytest", "-q"]
    own_stacks = ("tests/infrastructure", "tests/documents")
    folders = {folder: Job(f"{folder}/", [python, "-m", "tests.split", folder]) for folder in FOLDERS}
    return [
        Job("stack", [*pytest, "-m", "stack", *(f"--ignore={folder}" for folder in own_stacks), "tests"]),
        folders["edge-worker"],
        Job("infrastructure", [*pytest, "-m", "stack", "tests/infrastructure"]),
        folders["reporter"],
        Job("documents", [*pytest, "-m", "stack", "tests/documents"]),
        folders["infrastructure"],
        Job("across", [*pytest, "-m", "not stack", "tests"]),
        folders["processor"],
        Job("lint", ["make", "--no-print-directory", "lint", f"PYTHON={python}"]),
    ]


class Runner:
    """Runs jobs side by side and prints what they print, line by line, with the job's name."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._processes: set[subprocess.Popen[str]] = set()

    def run(self, planned: Sequence[Job]) -> list[Outcome]:
        """Run all of them and return how they ended, in the order given."""
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            futures = [pool.submit(self._run_job, job) for job in planned]
            try:
                while not (all(future.done() for future in futures) and self._lines.empty()):
                    with suppress(queue.Empty):
                        print(self._lines.get(timeout=0.2), flush=True)
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                self._stop()
                raise
            return [future.result() for future in futures]

    def _run_job(self, job: Job) -> Outcome:
        begun = time.monotonic()
        outcome = Outcome(job)
        self._say(job, "started")
        with subprocess.Popen(
            job.command,
            cwd=ROOT,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            self._processes.add(process)
            for line in process.stdout or ():
                outcome.read(line.rstrip())
                self._say(job, line.rstrip())
        self._processes.discard(process)
        outcome.code, outcome.seconds = process.returncode, time.monotonic() - begun
        self._say(job, f"{'passed' if outcome.code == 0 else 'FAILED'} after {outcome.seconds:.0f} s")
        return outcome

    def _say(self, job: Job, line: str) -> None:
        self._lines.put(f"{job.name:>15} | {line}")

    def _stop(self) -> None:
        """Ask every job to stop what it has started, as Ctrl-C would, and see that it does."""
        for process in list(self._processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
        deadline = time.monotonic() + _GRACE_SECONDS
        for process in list(self._processes):
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0.1))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    """Run everything; return 0 only if all of it passed."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        variables = program_variables(PYTHONPATH=str(TOOLS), **cli_variables(BUILD / "test"))
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    try:
        return summarise(Runner(variables).run(jobs()))
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _distinct(failures: Iterable[str]) -> Iterator[str]:
    """Leave out the tests that failed in the words of an earlier one, as all do whose fixture failed."""
    said = set()
    for line in failures:
        words = line.partition(" - ")[2] or line
        if words not in said:
            yield line
        said.add(words)


def summarise(outcomes: Sequence[Outcome]) -> int:
    """Print a table of the outcomes, the skips with their reasons, what failed and the totals; return the exit code."""
    print(f"\n{'':15}   {'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for outcome in outcomes:
        counts = outcome.counts
        verdict = "" if outcome.code == 0 else "   FAILED"
        print(
            f"{outcome.job.name:>15}   {counts['passed']:>8}{counts['failed']:>8}{counts['skipped']:>9}"
            f"{outcome.seconds:>9.0f}{verdict}"
        )
    for outcome in outcomes:
        for skip in outcome.skips:
            print(f"{outcome.job.name:>15} | {skip}")
    for outcome in outcomes:
        if outcome.coverage:
            print(f"{outcome.job.name:>15} | {outcome.coverage}")
    failures = [outcome for outcome in outcomes if outcome.code != 0]
    for outcome in failures:
        # What the tests said of themselves; where none did, as in lint, the end of it all.
        for line in list(_distinct(outcome.failures))[:_FAILURE_LINES] or outcome.last:
            print(f"{outcome.job.name:>15} | {line}")
    totals = {word: sum(outcome.counts[word] for outcome in outcomes) for word in ("passed", "failed", "skipped")}
    # A job can fail with no test failing (lint, say): that counts as one.
    failed = totals["failed"] + sum(1 for outcome in failures if outcome.counts["failed"] == 0)
    print(f"\n{totals['passed']} passed, {failed} failed, {totals['skipped']} skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
