"""Measures how large messages become in the table, and how many write units they take."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from processor.item import Item, Key, item_from_event
from processor.message import parse_events
from processor.user_agent import visitor_attributes
from processor.writer import TableKeys

WRITE_UNIT = 1024
"""Bytes; each begun one of an item costs a unit, whatever part of the item changes."""


@dataclass(frozen=True)
class Sizes:
    """Of the items that messages make, when all of them have been merged."""

    items: int
    one_unit: int
    """Items that one write unit is enough for."""
    share_of_one_unit: float
    median_bytes: int
    p95_bytes: int
    largest_bytes: int
    units: dict[str, int]
    """How many items take how many write units."""


def measure(bodies: Iterable[str]) -> Sizes:
    """Measure valid messages, of which there is at least one.

    Raises:
        InvalidMessageError: One is not valid.
    """
    sizes = sorted(item_size(_attributes(item)) for item in _items(bodies))
    units = Counter(-(-size // WRITE_UNIT) for size in sizes)
    return Sizes(
        items=len(sizes),
        one_unit=units[1],
        share_of_one_unit=round(units[1] / len(sizes), 4),
        median_bytes=sizes[len(sizes) // 2],
        p95_bytes=sizes[int(len(sizes) * 0.95)],
        largest_bytes=sizes[-1],
        units={str(number): units[number] for number in sorted(units)},
    )


def report(bodies: Iterable[str]) -> str:
    """Return the measurement as JSON."""
    return json.dumps(asdict(measure(bodies)))


def _items(bodies: Iterable[str]) -> Iterable[Item]:
    items: dict[Key, Item] = {}
    for body in bodies:
        for event in parse_events(body):
            item = item_from_event(event, visitor_attributes)
            items[item.key] = items[item.key].merge(item) if item.key in items else item
    return items.values()


def _attributes(item: Item) -> dict[str, Any]:
    keys = TableKeys.of_contract()
    attributes: dict[str, Any] = {
        keys.partition_key: item.key.partition,
        keys.sort_key: item.key.id,
        keys.time_to_live: item.key.expires_at,
        "origins": set(item.origins),
    }
    for name, part in (("exchange_order", item.exchange), ("feedback_order", item.feedback)):
        if part:
            attributes |= {name: part.order, **part.attributes}
    return attributes


def item_size(attributes: dict[str, Any]) -> int:
    """Bytes, as DynamoDB counts them (its developer guide, "DynamoDB item sizes and formats").

    A number takes a byte for each two significant digits and one more; for the two that it may take besides (a sign, an
    odd position of the decimal point), it is taken to do so.
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in attributes.items())


def _value_size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, int | Decimal):
        digits = len(Decimal(value).normalize().as_tuple().digits)
        return min(21, (digits + 1) // 2 + 2)
    if isinstance(value, set):
        return sum(_value_size(element) for element in value)
    if isinstance(value, list):
        return 3 + sum(1 + _value_size(element) for element in value)
    return 3 + sum(1 + len(name.encode()) + _value_size(element) for name, element in value.items())
