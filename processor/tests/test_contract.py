"""The vendored event contract and the owned item contract, held against the code.

`pytest --write-examples` refreshes the examples of stored items.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from conftest import TABLE_NAME
from factories import CONTRACT, examples, merged, plain
from processor.item import item_from_event
from processor.message import InvalidMessageError, parse_events
from processor.table import ItemTable
from processor.user_agent import visitor_attributes
from processor.writer import TableKeys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ITEM_SCHEMA = json.loads((CONTRACT / "stored-item/v1.schema.json").read_text("utf-8"))
STORED = CONTRACT / "stored-item/examples/valid"


@pytest.mark.parametrize("path", examples("valid"), ids=lambda path: path.stem)
def test_every_valid_example_is_understood(path: Path) -> None:
    text = path.read_text("utf-8")

    events = parse_events(text)

    assert events == json.loads(text)["events"]


@pytest.mark.parametrize("path", examples("invalid"), ids=lambda path: path.stem)
def test_every_invalid_example_is_refused(path: Path) -> None:
    text = path.read_text("utf-8")

    with pytest.raises(InvalidMessageError):
        parse_events(text)


@pytest.mark.parametrize("path", examples("valid"), ids=lambda path: path.stem)
def test_every_valid_example_is_stored_as_the_item_contract_shows(
    path: Path, dynamodb: "DynamoDBClient", request: pytest.FixtureRequest
) -> None:
    example = STORED / path.name

    item = stored(dynamodb, path)

    if request.config.getoption("--write-examples"):
        example.parent.mkdir(parents=True, exist_ok=True)
        example.write_text(json.dumps(item, indent=2, ensure_ascii=False) + "\n", "utf-8")
    jsonschema.Draft7Validator(ITEM_SCHEMA).validate(item)
    assert item == json.loads(example.read_text("utf-8"))


def test_there_is_a_stored_item_for_every_event_example_and_no_other() -> None:
    assert {path.name for path in STORED.glob("*.json")} == {path.name for path in examples("valid")}


def test_the_keys_are_those_of_the_table() -> None:
    assert vars(TableKeys.of_contract()) == {"partition_key": "pk", "sort_key": "sk", "time_to_live": "expires_at"}


def stored(dynamodb: "DynamoDBClient", path: Path) -> dict[str, Any]:
    events = parse_events(path.read_text("utf-8"))
    table = ItemTable(dynamodb, TABLE_NAME, lambda _seconds: None)
    for item in merged(item_from_event(event, visitor_attributes) for event in events).values():
        table.merge(item, lambda: 1.0)
    (found,) = dynamodb.scan(TableName=TABLE_NAME)["Items"]
    return dict(sorted(plain(found).items()))
