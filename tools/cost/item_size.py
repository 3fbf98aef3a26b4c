"""How large DynamoDB takes an item to be."""

from collections.abc import Mapping
from typing import Any

READ_UNIT_BYTES = 4096
EVENTUALLY_CONSISTENT = 0.5
"""Read units for each 4 KB: docs.aws.amazon.com, "read-write-operations"."""
_CONTAINER_BYTES = 3


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes of an item in DynamoDB's own notation (`{"name": {"S": "text"}}`), names included.

    docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S" | "B":
            return len(content.encode() if isinstance(content, str) else content)
        case "N":
            return _number_size(content)
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(_value_size({kind[0]: element}) for element in content)
        case "L":
            return _CONTAINER_BYTES + sum(1 + _value_size(element) for element in content)
        case _:  # a map
            return _CONTAINER_BYTES + len(content) + item_size(content)


def _number_size(digits: str) -> int:
    """Return about one byte for two significant digits, and one or two more."""
    significant = digits.lstrip("-").replace(".", "").strip("0")
    return (len(significant) + 1) // 2 + (2 if digits.startswith("-") else 1)
