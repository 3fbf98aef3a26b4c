"""Makes what arrives: events, messages, records. Complete and valid, so that a test says only what it changes."""

import json
import uuid
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from processor.item import Item, Key

CONTRACT = Path(__file__).parent.parent / "contract"


def examples(kind: str) -> list[Path]:
    """The example messages of the event contract, `valid` or `invalid`."""
    return sorted((CONTRACT / "analytics-event" / "examples" / kind).glob("*.json"))


def exchange(**changes: object) -> dict[str, Any]:
    """A complete exchange event."""
    message = json.loads((CONTRACT / "analytics-event/examples/valid/exchange-full.json").read_text("utf-8"))
    return {**message["events"][0], **changes}


def feedback(**changes: object) -> dict[str, Any]:
    """A complete feedback event for the same exchange."""
    message = json.loads((CONTRACT / "analytics-event/examples/valid/feedback.json").read_text("utf-8"))
    return {**message["events"][0], **changes}


def body(*events: dict[str, Any]) -> str:
    """The text of a message with these events."""
    return json.dumps({"version": 1, "events": events})


def sqs_record(text: object, message_id: str | None = None, group: str = "group") -> dict[str, Any]:
    """A record as the event source mapping of a FIFO queue delivers it."""
    message_id = message_id or str(uuid.uuid4())
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-{message_id}",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1763734527000",
            "SequenceNumber": "18891930000000000000",
            "MessageGroupId": group,
            "SenderId": "AIDAEXAMPLE",
            "MessageDeduplicationId": message_id,
            "ApproximateFirstReceiveTimestamp": "1763734527010",
        },
        "messageAttributes": {},
        "md5OfBody": "00000000000000000000000000000000",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-2:123456789012:events.fifo",
        "awsRegion": "eu-west-2",
    }


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """A stored item as the contract writes it: plain JSON, sets as sorted arrays."""
    return {name: _plain(TypeDeserializer().deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {name: _plain(element) for name, element in value.items()}
    return value


def merged(items: Iterable[Item]) -> dict[Key, Item]:
    """One item for each key."""
    by_key: dict[Key, Item] = {}
    for item in items:
        by_key[item.key] = by_key[item.key].merge(item) if item.key in by_key else item
    return by_key
