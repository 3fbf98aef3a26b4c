"""Says of queue messages what the processor makes of them, with the processor's own code.

A program of its own, run with the processor's folders as its `PYTHONPATH`: nothing else of the operator's command
imports the processor. It reads a message body, as a JSON string, from each line of the standard input and writes one
line of JSON for each: `reason` is why it would be refused, or null; `items` are the items that its events belong to.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from processor.item import item_from_event
from processor.message import InvalidMessageError, parse_events


def main() -> None:
    """Answer line by line."""
    for line in sys.stdin:
        try:
            answer: dict[str, Any] = {"reason": None, "items": list(_items(json.loads(line)))}
        except InvalidMessageError as error:
            answer = {"reason": str(error), "items": []}
        print(json.dumps(answer), flush=True)


def _items(body: str) -> Iterator[dict[str, Any]]:
    for event in parse_events(body):
        # What is known of the visitor's device is no part of the key.
        item = item_from_event(event, lambda _user_agent: {})
        yield {"partition": item.key.partition, "id": item.key.id, "origins": sorted(item.origins)}


if __name__ == "__main__":
    main()
