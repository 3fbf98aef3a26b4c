"""Gives the emulator's CloudWatch the figures that AWS would have: the emulator measures nothing itself."""

import datetime
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from stack.paths import TOOLS
from stack.stack import Stack

_COUNTED = TOOLS / "cost" / "calls.json"
_MOST_AT_ONCE = 20


def give_metrics(running: Stack, asked_on: Mapping[datetime.date, int], now: datetime.datetime) -> int:
    """Put one point a day and metric: what was asked times what one exchange was counted to call for.

    Args:
        running: the stack, with its reporter.
        asked_on: how many exchanges each day had.
        now: days of its month count, as the free tiers' months are AWS's.

    Returns:
        How many points there are.
    """
    counted = json.loads(_COUNTED.read_text(encoding="utf-8"))["stream"]
    queue, table, processor = (
        {"Name": name, "Value": value}
        for name, value in (
            ("QueueName", running.parameters["queue-url"].rpartition("/")[2]),
            ("TableName", running.parameters["table-name"]),
            ("FunctionName", running.parameters["processor-function-name"]),
        )
    )
    per_exchange: tuple[tuple[str, str, list[dict[str, str]], float], ...] = (
        ("AWS/SQS", "NumberOfMessagesSent", [queue], 1),
        ("AWS/SQS", "NumberOfMessagesReceived", [queue], 1),
        ("AWS/SQS", "NumberOfMessagesDeleted", [queue], 1),
        ("AWS/Lambda", "Invocations", [processor], counted["invocations"]),
        ("AWS/Lambda", "Duration", [processor], counted["seconds"] * 1000),
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", [table], counted["write_units"]),
        ("AWS/Logs", "IncomingBytes", [], counted["log_bytes"]),
    )
    days = {day: count for day, count in asked_on.items() if (day.year, day.month) == (now.year, now.month)}
    client = running.emulator.client("cloudwatch")
    points = 0
    for namespace, name, dimensions, amount in per_exchange:
        data = [_point(day, name, dimensions, count * amount) for day, count in sorted(days.items())]
        for first in range(0, len(data), _MOST_AT_ONCE):
            client.put_metric_data(Namespace=namespace, MetricData=data[first : first + _MOST_AT_ONCE])
        points += len(data)
    return points


def _point(day: datetime.date, name: str, dimensions: list[dict[str, str]], value: float) -> dict[str, Any]:
    noon = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
    return {"MetricName": name, "Dimensions": dimensions, "Timestamp": noon, "Value": value, "Unit": "None"}


def by_day(asked_at: list[str]) -> Counter[datetime.date]:
    """Count by the day of ISO 8601 times."""
    return Counter(datetime.datetime.fromisoformat(each).astimezone(datetime.UTC).date() for each in asked_at)
