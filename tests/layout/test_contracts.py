"""Every consumer's copy of a contract is, byte for byte, what its owner says."""

import json
from pathlib import Path

import jsonschema
import pytest

from stack.paths import EDGE_WORKER, INFRASTRUCTURE, PROCESSOR, REPORTER

EVENT = EDGE_WORKER / "contract" / "analytics-event"
ITEM = PROCESSOR / "contract" / "stored-item"
LINK = REPORTER / "contract" / "act-link"
CONVERSATIONS = REPORTER / "contract" / "conversation-list"
KEYS = INFRASTRUCTURE / "modules" / "event-table" / "keys.json"


def contents(place: Path) -> dict[str, bytes]:
    if place.is_file():
        return {"": place.read_bytes()}
    return {str(file.relative_to(place)): file.read_bytes() for file in place.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("owner", "copy"),
    [
        pytest.param(EVENT, PROCESSOR / "contract" / "analytics-event", id="event-in-processor"),
        pytest.param(ITEM, REPORTER / "contract" / "stored-item", id="item-in-reporter"),
        pytest.param(LINK, EDGE_WORKER / "contract" / "act-link", id="link-in-edge-worker"),
        pytest.param(CONVERSATIONS, EDGE_WORKER / "contract" / "conversation-list", id="list-in-edge-worker"),
        pytest.param(KEYS, PROCESSOR / "contract" / "table-keys.json", id="keys-in-processor"),
        pytest.param(KEYS, REPORTER / "contract" / "table-keys.json", id="keys-in-reporter"),
    ],
)
def test_a_copy_equals_its_owner(owner: Path, copy: Path) -> None:
    owned = contents(owner)

    copied = contents(copy)

    assert owned, f"{owner} is empty"
    assert copied == owned


@pytest.mark.parametrize("schema", [EVENT / "v1.schema.json", ITEM / "v1.schema.json"], ids=["event", "item"])
def test_a_contract_is_a_valid_schema(schema: Path) -> None:
    document = json.loads(schema.read_text(encoding="utf-8"))

    jsonschema.Draft7Validator.check_schema(document)

    assert document["$id"].endswith(":1")


@pytest.mark.parametrize(
    "example",
    sorted((EVENT / "examples").rglob("*.json")),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_an_example_is_what_its_folder_says(example: Path) -> None:
    schema = json.loads((EVENT / "v1.schema.json").read_text(encoding="utf-8"))

    valid = jsonschema.Draft7Validator(schema).is_valid(json.loads(example.read_text(encoding="utf-8")))

    assert valid == (example.parent.name == "valid")


@pytest.mark.parametrize("example", sorted((ITEM / "examples").rglob("*.json")), ids=lambda path: path.stem)
def test_a_stored_example_meets_the_schema(example: Path) -> None:
    schema = json.loads((ITEM / "v1.schema.json").read_text(encoding="utf-8"))

    jsonschema.validate(json.loads(example.read_text(encoding="utf-8")), schema)

    assert example.parent.name == "valid"


@pytest.mark.parametrize("path", ["deployment", "tests/test_deployment.py"])
def test_both_services_are_deployed_by_the_same_program(path: str) -> None:
    def sources(folder: Path) -> dict[str, bytes]:
        return {name: text for name, text in contents(folder / path).items() if "__pycache__" not in name}

    assert sources(PROCESSOR) == sources(REPORTER)
