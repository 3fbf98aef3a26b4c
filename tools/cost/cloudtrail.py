"""Counts what is called on the emulator, by the CloudTrail that it keeps."""

import base64
import json
import math
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cost.calls import Calls
from cost.item_size import EVENTUALLY_CONSISTENT, READ_UNIT_BYTES, item_size
from stack.emulator import Emulator

_SQS = ("SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch")
_SQS_BESIDES = ("ChangeMessageVisibilityBatch", "GetQueueAttributes")
_DYNAMODB = ("UpdateItem", "PutItem", "GetItem", "Query")
_CLOUDWATCH = ("GetMetricStatistics",)
_MAIL = ("SendEmail",)
_ALL = (*_SQS, *_SQS_BESIDES, *_DYNAMODB, *_CLOUDWATCH, *_MAIL)
_MOST = 50
"""Events that the emulator's CloudTrail tells of at a time; further ones are read by asking for an earlier time."""
_LOG_EVENT_OVERHEAD = 26
"""Bytes that CloudWatch Logs adds to each event: docs.aws.amazon.com, PutLogEvents."""


@dataclass
class CallLog:
    """Everything that was called while it was kept."""

    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Request parameters by the name of the action."""
    durations: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds of each invocation by log group."""
    lines: dict[str, list[str]] = field(default_factory=dict)
    """What functions logged, by log group."""
    read_bytes: int = 0
    """Of the items that queries found."""
    units: dict[str, float] = field(default_factory=dict)
    """Capacity units by the name of the action."""

    def count(self, *names: str) -> int:
        """Return how often these actions were called."""
        return sum(len(self.events[name]) for name in names)

    def calls(self, log_group: str) -> Calls:
        """Return all that was called while one function ran, in sum."""
        durations, lines = self.durations[log_group], self.lines[log_group]
        # A function that receives by itself goes on until it receives nothing, once for each invocation.
        waits = [parameters.get("WaitTimeSeconds", 0) for parameters in self.events["ReceiveMessage"]]
        waiting = max(waits, default=0) * len(durations)
        return Calls(
            sqs_requests=self.count(*_SQS, *_SQS_BESIDES),
            invocations=len(durations),
            seconds=sum(durations) / 1000 - waiting,
            waiting_seconds=waiting,
            write_units=self.units["UpdateItem"] + self.units["PutItem"],
            read_units=self.units["GetItem"] + self.units["Query"],
            read_bytes=self.read_bytes,
            log_bytes=sum(len(line.encode()) + _LOG_EVENT_OVERHEAD for line in lines),
            cloudwatch_requests=self.count(*_CLOUDWATCH),
            mails=self.count(*_MAIL),
        )


@contextmanager
def call_log(aws: Emulator, log_groups: list[str]) -> Iterator[CallLog]:
    """Keep a log of calls for the length of the `with` block; it is complete after that."""
    kept = CallLog()
    _record(aws, on=True)
    begun = time.time()
    try:
        yield kept
        ended = time.time()
    finally:
        _record(aws, on=False)
    for name in _ALL:
        kept.events[name] = _called(aws, name, begun, ended)
    for group in log_groups:
        kept.durations[group], kept.lines[group] = _log(aws, group, begun, ended)
    for name in _DYNAMODB:
        repeated = [_repeat(aws, name, parameters) for parameters in kept.events[name]]
        kept.units[name] = sum(units for units, _ in repeated)
        kept.read_bytes += sum(found for _, found in repeated)


def _record(aws: Emulator, *, on: bool) -> None:
    body = json.dumps({"cloudtrail._recording_enabled": str(on).lower()}).encode()
    request = urllib.request.Request(f"{aws.url}/_ministack/config", data=body, method="POST")  # noqa: S310 - the address is our own
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - the address is our own
        pass


def _called(aws: Emulator, name: str, begun: float, ended: float) -> list[dict[str, Any]]:
    """Return the parameters of all calls of an action within a time, in Unix epoch seconds."""
    found: dict[str, dict[str, Any]] = {}
    until = ended
    while True:
        page = _page(aws, name, begun, until)
        new = [event for event in page if event["EventId"] not in found]
        found |= {event["EventId"]: json.loads(event["CloudTrailEvent"])["requestParameters"] for event in new}
        if len(page) < _MOST or not new:
            return list(found.values())
        until = min(event["EventTime"].timestamp() for event in page)


def _page(aws: Emulator, name: str, begun: float, ended: float) -> list[dict[str, Any]]:
    """Return the latest calls of an action within a time."""
    client = aws.client("cloudtrail")

    def in_fractions_of_a_second(params: dict[str, Any], **_: object) -> None:
        params["body"] = json.dumps(json.loads(params["body"]) | {"StartTime": begun, "EndTime": ended}).encode()

    # botocore would cut the times to whole seconds.
    client.meta.events.register("before-call.cloudtrail.LookupEvents", in_fractions_of_a_second)
    attribute = {"AttributeKey": "EventName", "AttributeValue": name}
    events: list[dict[str, Any]] = client.lookup_events(LookupAttributes=[attribute], MaxResults=_MOST)["Events"]
    return events


def _log(aws: Emulator, group: str, begun: float, ended: float) -> tuple[list[float], list[str]]:
    """Return the milliseconds of each invocation, and the lines that the function itself logged.

    The platform's own lines are left out: in production the functions' `SystemLogLevel` drops them.
    """
    durations: list[float] = []
    lines: list[str] = []
    pages = aws.client("logs").get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=group, startTime=int(begun * 1000), endTime=int(ended * 1000) + 1000):
        for message in (event["message"] for event in page["events"]):
            if message.startswith("REPORT "):
                durations.append(float(message.split("\tDuration: ")[1].split(" ms")[0]))
            elif not message.startswith(("START ", "END ")):
                lines.append(message)
    return durations, lines


def _repeat(aws: Emulator, name: str, parameters: dict[str, Any]) -> tuple[float, int]:
    """Return a request's capacity units, as DynamoDB itself returns them when it is repeated, and the bytes it finds.

    The requests are idempotent. One that is refused by its condition costs what its item takes. A query's units follow
    from the size of what it finds, where the emulator returns fewer.
    """
    client = aws.client("dynamodb")
    request = {**_from_wire(parameters), "ReturnConsumedCapacity": "TOTAL"}
    if name == "PutItem":
        request.pop("ConditionExpression", None)
        request.pop("ExpressionAttributeNames", None)
        request.pop("ExpressionAttributeValues", None)
    try:
        answer = _OPERATIONS[name](client)(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return 1.0, 0
    returned = float(answer["ConsumedCapacity"]["CapacityUnits"])
    found = sum(map(item_size, answer.get("Items", [])))
    return max(returned, math.ceil(found / READ_UNIT_BYTES) * EVENTUALLY_CONSISTENT), found


def _from_wire(value: Any) -> Any:
    """Return request parameters as boto3 takes them: it encodes binary values itself."""
    if isinstance(value, dict):
        return {
            name: base64.b64decode(inner) if name == "B" and isinstance(inner, str) else _from_wire(inner)
            for name, inner in value.items()
        }
    return [_from_wire(inner) for inner in value] if isinstance(value, list) else value


_OPERATIONS = {
    "UpdateItem": lambda client: client.update_item,
    "PutItem": lambda client: client.put_item,
    "GetItem": lambda client: client.get_item,
    "Query": lambda client: client.query,
}
