"""The vendored event contract and the owned item contract, held against the code."""

import json
from pathlib import Path

import pytest
from factories import examples

from processor.message import InvalidMessageError, events_in


@pytest.mark.parametrize("path", examples("valid"), ids=lambda path: path.stem)
def test_every_valid_example_is_understood(path: Path) -> None:
    text = path.read_text("utf-8")

    events = events_in(text)

    assert events == json.loads(text)["events"]


@pytest.mark.parametrize("path", examples("invalid"), ids=lambda path: path.stem)
def test_every_invalid_example_is_refused(path: Path) -> None:
    text = path.read_text("utf-8")

    with pytest.raises(InvalidMessageError):
        events_in(text)
