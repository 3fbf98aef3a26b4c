"""What storing the real corpus takes, from the Worker's event to the processor's item."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from stack.paths import PROCESSOR
from stack.programs import environment
from stack.sample_traffic.corpus import conversations, write_knowledge
from stack.sample_traffic.replay import entries_of_events
from stack.sample_traffic.visits import visits


def test_nearly_every_real_question_is_stored_with_one_write_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = round(time.time() * 1000)
    knowledge = tmp_path / "knowledge.json"
    write_knowledge(knowledge)
    asked = visits(2 * len(conversations()), begin=now - 86_400_000, end=now, seed=1)

    bodies = [event.entry["MessageBody"] for event in entries_of_events(asked, knowledge=knowledge)]
    measured = subprocess.run(
        [PROCESSOR / ".venv" / "bin" / "python", "-m", "operations", "sizes"],
        cwd=PROCESSOR,
        env=environment(PYTHONPATH="src"),
        input="\n".join(map(json.dumps, bodies)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    with capsys.disabled():
        print(f"\nwrite units: {measured.strip()}")
    sizes = json.loads(measured)
    assert sizes["items"] == len(asked)
    assert sizes["share_of_one_unit"] >= 0.95
