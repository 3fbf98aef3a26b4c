"""Events of the past, made by the Worker's own code."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stack.paths import EDGE_WORKER
from stack.programs import ProgramError, program_variables
from stack.sample_traffic.corpus import good_answers
from stack.sample_traffic.visits import Visit
from stack.worker import SITE


@dataclass(frozen=True)
class ReplayedEvent:
    """An event that is ready for the queue."""

    id: str
    """Of the exchange it belongs to."""
    type: Literal["exchange", "feedback"]
    entry: dict[str, Any]
    """An entry of `SendMessageBatch`."""


def entries_of_events(visits: Iterable[Visit], *, knowledge: Path, site: str = SITE) -> list[ReplayedEvent]:
    """Answer the questions with the Worker's code, as if at the time they were asked, and rate some of the answers.

    Raises:
        ProgramError: the Worker's code fails.
    """
    lines = (
        json.dumps(
            {
                "question": visit.question,
                "session": visit.session,
                "asked_at": visit.asked_at,
                "headers": visit.headers(),
                "good_answers": sorted(good_answers()[visit.question]) if visit.rates else None,
            }
        )
        for visit in visits
    )
    folders = f"{EDGE_WORKER / 'src'}:{EDGE_WORKER / 'python_modules'}"
    finished = subprocess.run(
        [sys.executable, Path(__file__).with_name("worker_events.py"), knowledge, site, secrets.token_hex(32)],
        input="\n".join(lines),
        env=program_variables(PYTHONPATH=folders, PYTHONSAFEPATH="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise ProgramError(f"the Worker's code could not make the events:\n{finished.stderr}")
    return [ReplayedEvent(**json.loads(line)) for line in finished.stdout.splitlines()]
