"""Prints the items that messages become once all of them are merged, as DynamoDB's JSON, by the processor's own code.

A program of its own, run with the processor's folders as its `PYTHONPATH`. It reads a message body, as a JSON string,
from each line of the standard input and writes a line of JSON for each item.
"""

import json
import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from processor.item import Item, Key, item_from_event
from processor.message import parse_events
from processor.user_agent import visitor_attributes
from processor.writer import TableKeys


def main() -> None:
    """Merge everything, then print."""
    serialize = TypeSerializer().serialize
    for item in merged(json.loads(line) for line in sys.stdin):
        print(json.dumps({name: serialize(value) for name, value in attributes(item).items()}))


def merged(bodies: Iterable[str]) -> Iterable[Item]:
    items: dict[Key, Item] = {}
    for body in bodies:
        for event in parse_events(body):
            item = item_from_event(event, visitor_attributes)
            items[item.key] = items[item.key].merge(item) if item.key in items else item
    return items.values()


def attributes(item: Item) -> dict[str, Any]:
    keys = TableKeys.of_contract()
    found: dict[str, Any] = {
        keys.partition_key: item.key.partition,
        keys.sort_key: item.key.id,
        keys.time_to_live: Decimal(item.key.expires_at),
        "origins": set(item.origins),
    }
    for name, part in (("exchange_order", item.exchange), ("feedback_order", item.feedback)):
        if part:
            found |= {name: part.order, **part.attributes}
    return found


if __name__ == "__main__":
    main()
