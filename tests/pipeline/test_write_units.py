"""What storing the real corpus takes, from the Worker's event to the processor's item."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from cost.item_size import WRITE_UNIT_BYTES, item_size
from stack.paths import PROCESSOR
from stack.programs import program_variables
from stack.sample_traffic.corpus import conversations, write_knowledge
from stack.sample_traffic.replay import entries_of_events
from stack.sample_traffic.visits import visits


def stored_items(bodies: list[str]) -> list[dict[str, dict[str, object]]]:
    """Return the items that messages become, in DynamoDB's own notation."""
    printed = subprocess.run(
        [PROCESSOR / ".venv" / "bin" / "python", Path(__file__).with_name("stored_items.py")],
        env=program_variables(PYTHONPATH=f"{PROCESSOR / 'src'}:{PROCESSOR}", PYTHONSAFEPATH="1"),
        input="\n".join(map(json.dumps, bodies)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [json.loads(line) for line in printed.splitlines()]


def test_nearly_every_real_question_is_stored_with_one_write_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = round(time.time() * 1000)
    knowledge = tmp_path / "knowledge.json"
    write_knowledge(knowledge)
    asked = visits(len(conversations()), begin=now - 86_400_000, end=now, seed=1)

    items = stored_items([event.entry["MessageBody"] for event in entries_of_events(asked, knowledge=knowledge)])

    sizes = sorted(item_size(item) for item in items)
    share_of_one_unit = sum(1 for size in sizes if size <= WRITE_UNIT_BYTES) / len(sizes)
    with capsys.disabled():
        print(f"\nitem sizes in bytes: median {sizes[len(sizes) // 2]}, largest {sizes[-1]}; ", end="")
        print(f"{share_of_one_unit:.2%} take one write unit")
    assert len(items) == len(asked)
    assert share_of_one_unit >= 0.95


def test_an_item_with_a_long_question_in_wide_characters_takes_two_write_units() -> None:
    example = PROCESSOR / "contract" / "analytics-event" / "examples" / "valid" / "exchange-full.json"
    message = json.loads(example.read_text(encoding="utf-8"))
    message["events"][0]["question"] = "词" * 500

    [item] = stored_items([json.dumps(message)])

    assert WRITE_UNIT_BYTES < item_size(item) < 2 * WRITE_UNIT_BYTES
