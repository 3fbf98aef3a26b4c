"""The names of the table's keys, from the contract with the infrastructure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The table's attributes with a meaning of their own (contract/table-keys.json)."""

    partition_key: str
    sort_key: str
    time_to_live: str


@cache
def key_names() -> KeyNames:
    """Read the contract once."""
    return KeyNames(**json.loads((files("contract") / "table-keys.json").read_text()))
