"""`make test`: every test of the repository, two lanes side by side, and what was skipped and why."""

import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from local.paths import BUILD, ROOT
from local.programs import ProgramError, environment
from local.terraform import cli_variables

_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)")
_CLOSING_LINE = re.compile(r"^=*\s*(\d+ [a-z]+, )*\d+ [a-z]+ in [\d.]+s|^(Success!|Failure!) \d+ passed")
_SKIP = re.compile(r"^SKIPPED |^skipped: ")


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

    def read(self, line: str) -> None:
        """Take from a printed line what it says about tests."""
        if _SKIP.match(line):
            self.skips.append(line)
            # pytest counts its own in its closing line.
            self.counts["skipped"] += line.startswith("skipped: ")
        if _CLOSING_LINE.match(line):
            for number, word in _COUNT.findall(line):
                self.counts["failed" if word.startswith("error") else word] += int(number)


def _lanes() -> list[list[Job]]:
    """Return the jobs: those of a lane run one after the other, the lanes side by side.

    The stack mostly waits for queues to be made, so that the other lane has the processor to itself.
    """
    python = sys.executable
    pytest = [python, "-m", "pytest", "-q"]
    folders = ("edge-worker", "processor", "reporter", "infrastructure")
    return [
        [Job("stack", [*pytest, "-m", "stack", "tests"])],
        [
            Job("lint", ["make", "--no-print-directory", "lint", f"PYTHON={python}"]),
            Job("unit", [*pytest, "-m", "not stack", "tests"]),
            *(Job(folder, ["make", "--no-print-directory", "-C", folder, "check"]) for folder in folders),
        ],
    ]


def main() -> int:
    """Run everything; return 0 only if all of it passed."""
    try:
        variables = environment(**cli_variables(BUILD / "test"))
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=_run_lane, args=(lane, variables, lines, outcomes), daemon=True) for lane in _lanes()
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or not lines.empty():
        try:
            print(lines.get(timeout=0.2), flush=True)
        except queue.Empty:
            continue
    return _summarise(outcomes)


def _run_lane(
    jobs: list[Job], variables: dict[str, str], lines: "queue.SimpleQueue[str]", outcomes: list[Outcome]
) -> None:
    for job in jobs:
        begun = time.monotonic()
        outcome = Outcome(job)
        lines.put(f"{job.name:>14} | started")
        with subprocess.Popen(
            job.command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            for line in process.stdout or ():
                outcome.read(line.rstrip())
                lines.put(f"{job.name:>14} | {line.rstrip()}")
        outcome.code, outcome.seconds = process.returncode, time.monotonic() - begun
        lines.put(f"{job.name:>14} | {'passed' if outcome.code == 0 else 'FAILED'} after {outcome.seconds:.0f} s")
        outcomes.append(outcome)


def _summarise(outcomes: list[Outcome]) -> int:
    print(f"\n{'':14}   {'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for outcome in outcomes:
        counts = outcome.counts
        verdict = "" if outcome.code == 0 else "   FAILED"
        print(
            f"{outcome.job.name:>14}   {counts['passed']:>8}{counts['failed']:>8}{counts['skipped']:>9}"
            f"{outcome.seconds:>9.0f}{verdict}"
        )
    for outcome in outcomes:
        for skip in outcome.skips:
            print(f"{outcome.job.name:>14} | {skip}")
    totals = {word: sum(outcome.counts[word] for outcome in outcomes) for word in ("passed", "failed", "skipped")}
    failures = [outcome for outcome in outcomes if outcome.code != 0]
    # A job can fail with no test failing (lint, say): that counts as one.
    failed = totals["failed"] + sum(1 for outcome in failures if outcome.counts["failed"] == 0)
    print(f"\n{totals['passed']} passed, {failed} failed, {totals['skipped']} skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
