"""How long the processor takes to start: its package as it is deployed, in a fresh process on one core."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

from benchmarks.plan import Plan
from benchmarks.processor import exchanges
from stack.paths import EMULATOR, PROCESSOR, TOOLS
from stack.programs import program_variables, run
from stack.progress import Progress
from stack.stack import Stack

_PROBE = TOOLS / "benchmarks" / "probes" / "first_invocation.py"
_IMPORT_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$")
_SEED = 77


def measure(running: Stack, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Start the processor again and again and return how long each time took.

    The Python is the one that runs the function in the emulator. As on Lambda, boto3 is there already, and the
    package has no compiled files and gets none.

    Raises:
        ProgramError: it fails.
    """
    [package] = (path for path in (running.directory / "sam" / PROCESSOR.name).iterdir() if path.is_dir())
    python = EMULATOR / ".venv" / "bin" / "python"
    variables = program_variables(
        **running.emulator.variables,
        PYTHONPATH=str(package),
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONSAFEPATH="1",
        QUEUE_URL=running.parameters["queue-url"],
        TABLE_NAME=running.parameters["table-name"],
    )
    log = running.directory / "logs" / "cold-start.log"
    starts = []
    with progress.step(f"Processor: start {plan.cold_starts} times"):
        for event in exchanges(running, plan.cold_starts, seed=_SEED):
            command = [python, _PROBE, event.entry["MessageBody"]]
            starts.append(json.loads(run(command, cwd=package, env=variables, log=log).splitlines()[-1]))
        traced = running.directory / "logs" / "import-time.log"
        traced.unlink(missing_ok=True)
        command = [python, "-X", "importtime", _PROBE, event.entry["MessageBody"]]
        run(command, cwd=package, env=variables, log=traced)
    return {"starts": starts, "import_ms_by_package": by_package(traced.read_text(encoding="utf-8").splitlines())}


def by_package(lines: Iterable[str]) -> dict[str, float]:
    """Return milliseconds by top-level package, most first, from what `python -X importtime` prints.

    Each module counts with its own time, without that of the modules it imports.
    """
    microseconds: Counter[str] = Counter()
    for line in lines:
        if match := _IMPORT_LINE.search(line):
            microseconds[match[2].partition(".")[0]] += int(match[1])
    standard = sum(count for name, count in microseconds.items() if name in sys.stdlib_module_names)
    others = {name: count for name, count in microseconds.items() if name not in sys.stdlib_module_names}
    ranked = Counter({"the standard library": standard, **others}).most_common(6)
    return {name: round(count / 1000, 1) for name, count in ranked}
