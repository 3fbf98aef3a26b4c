"""The reporter's grouping of questions: precision and recall on labelled questions that it was not tuned on."""

import json
from pathlib import Path
from typing import Any

from stack.paths import REPORTER, TOOLS
from stack.programs import program_variables, run
from stack.progress import Progress

_PROBE = TOOLS / "benchmarks" / "probes" / "grouping.py"
_LABELLED = TOOLS / "benchmarks" / "labelled"


def measure(directory: Path, progress: Progress) -> dict[str, Any]:
    """Return the samples.

    Raises:
        ProgramError: it fails.
    """
    with progress.step("Reporter: group labelled questions by meaning and by word"):
        printed = run(
            [REPORTER / ".venv" / "bin" / "python", _PROBE, "measure", _LABELLED],
            cwd=REPORTER,
            env=program_variables(PYTHONPATH="src:.", PYTHONSAFEPATH="1", OPENBLAS_NUM_THREADS="1"),
            log=directory / "logs" / "grouping.log",
        )
    result: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return result
