"""The reporter: what a day of a million exchanges and a weekly report take, and how often a quiet week alarms."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.plan import Plan
from stack.paths import REPORTER, TOOLS
from stack.programs import program_variables, run
from stack.progress import Progress
from stack.sample_traffic.corpus import conversations

SMALLER_WEEK = 10_000
_PROBES = TOOLS / "benchmarks" / "probes"


class Reporter:
    """Measures the reporter, each time in a fresh process of its own environment."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        self._directory = directory
        self._plan = plan
        self._questions = directory / "questions.json"

    def prepare(self, progress: Progress) -> None:
        """Make the rollups of both weeks, which takes time and is not measured.

        Raises:
            ProgramError: it fails.
        """
        asked = Counter(conversation.question for conversation in conversations())
        self._directory.mkdir(parents=True, exist_ok=True)
        self._questions.write_text(json.dumps([question for question, _ in asked.most_common()]), encoding="utf-8")
        for count in (SMALLER_WEEK, self._plan.day):
            with progress.step(f"Reporter: roll up the days of a week of {count:,} exchanges"):
                self._probe("week", str(count), self._questions, self._week(count))

    def measure(self, progress: Progress) -> dict[str, Any]:
        """Return the samples.

        Raises:
            ProgramError: it fails.
        """
        with progress.step(f"Reporter: roll up a day of {self._plan.day:,} exchanges"):
            day = self._probe("day", str(self._plan.day), self._questions)
        with progress.step("Reporter: make the weekly report"):
            weeks = self._probe("weekly", str(self._plan.reports), self._week(SMALLER_WEEK), self._week(self._plan.day))
        with progress.step("Reporter: compare weeks in which nothing changes"):
            quiet = self._probe(str(self._plan.quiet_weeks), program="quiet_weeks.py")
        return {"day": day, "weekly": weeks, "quiet": quiet}

    def _week(self, count: int) -> Path:
        return self._directory / f"week-{count}.json"

    def _probe(self, *arguments: str | Path, program: str = "rollups.py") -> Any:
        printed = run(
            [REPORTER / ".venv" / "bin" / "python", _PROBES / program, *arguments],
            cwd=REPORTER,
            env=program_variables(PYTHONPATH="src:.", PYTHONSAFEPATH="1", OPENBLAS_NUM_THREADS="1"),
            log=self._directory / "logs" / "reporter.log",
        )
        return json.loads(printed.splitlines()[-1])
