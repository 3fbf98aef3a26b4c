"""How large DynamoDB takes an item to be.

docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

READ_UNIT_BYTES = 4096
WRITE_UNIT_BYTES = 1024
EVENTUALLY_CONSISTENT = 0.5
"""Read units for each 4 KB: docs.aws.amazon.com, "read-write-operations"."""
_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes of an item in DynamoDB's own notation (`{"name": {"S": "text"}}`), names included."""
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
            return _CONTAINER_BYTES + sum(_ELEMENT_BYTES + _value_size(element) for element in content)
        case _:  # a map
            return _CONTAINER_BYTES + _ELEMENT_BYTES * len(content) + item_size(content)


def _number_size(text: str) -> int:
    """Return one byte for each two significant digits, leading and trailing zeros not counted, and one more."""
    digits = "".join(map(str, Decimal(text).as_tuple().digits)).strip("0")
    return (len(digits) + 1) // 2 + 1
