"""Counts on a running stack what one exchange, one batch, one run and one report call for."""

import datetime
import json
import platform
import statistics
import time
import tomllib
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from cost.calls import Calls, Measurement
from cost.cloudtrail import CallLog, call_log
from cost.item_size import item_size
from stack.paths import EMULATOR
from stack.programs import ProgramError
from stack.sample_traffic.ask import ask_all
from stack.sample_traffic.replay import entries_of_events
from stack.sample_traffic.visits import Visit, milliseconds, visits
from stack.stack import TIME_ZONE, Stack

ALONE = 20
"""Exchanges that are sent one after the other."""
TOGETHER = 40
"""Exchanges that are drained at once: full batches only."""
_DRAINS = 3
_REPORTS = 3
LARGEST_BATCH = 10
A_DAY = 20
"""Exchanges on each of the days that the daily report reads."""
_DAYS = 16
_EVENT_SOURCE_REQUESTS = Calls(sqs_requests=2)
"""A receive and a delete for each invocation: the emulator makes them inside itself, Lambda by requests that count."""


def count(running: Stack) -> Measurement:
    """Send some traffic through a stack whose queue is empty, and count. The table is emptied, and filled again after.

    Raises:
        ProgramError: something on the way fails.
    """
    with _empty_table(running):
        return _count(running)


def _count(running: Stack) -> Measurement:
    counter = _Counter(running)
    counter.warm_up()
    sending, stream, messages = counter.alone()
    with counter.paused_event_source():
        empty_drain = counter.drain().calls(counter.processor_log)
        drains = []
        for _ in range(_DRAINS):
            counter.fill_queue()
            drains.append(counter.drain())
        # The machine does other things as well: the fastest is the nearest to the function's own time.
        fastest = min((drained.calls(counter.processor_log) for drained in drains), key=lambda calls: calls.seconds)
        full_batch = (fastest - empty_drain) * (LARGEST_BATCH / TOGETHER)
    daily = counter.report("daily")
    counter.fill_days()
    read = (counter.report("daily") - daily) * (1 / A_DAY)
    weekly = counter.report_once("weekly")  # there is nothing to do a second time
    items = [item for item in running.items() if "#day#" in item["pk"]["S"]]
    return Measurement(
        counted_on=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        versions=_versions(),
        sending=sending,
        stream=stream,
        full_batch=full_batch,
        empty_drain=empty_drain,
        daily_report=daily,
        weekly_report=weekly,
        reading=Calls(seconds=max(0.0, read.seconds), read_units=read.read_units, read_bytes=read.read_bytes),
        message_bytes=round(sum(messages) / len(messages)),
        item_bytes=round(sum(map(item_size, items)) / len(items)),
        artifact_bytes=counter.artifact_bytes(),
        custom_metrics=tuple(sorted(_custom_metrics(drains[0].lines[counter.processor_log]))),
    )


class _Counter:
    def __init__(self, running: Stack) -> None:
        self._running = running
        self._lambda = running.emulator.client("lambda", read_timeout_seconds=180)
        self.processor_log = running.parameters["processor-log-group-name"]
        self._reporter_log = running.parameters["reporter-log-group-name"]
        self._logs = [self.processor_log, self._reporter_log]

    def warm_up(self) -> None:
        """Start the functions, so that no start is counted: few of the invocations are first ones."""
        self._ask(unrated_visits(1))
        self._invoke_processor()

    def alone(self) -> tuple[Calls, Calls, list[int]]:
        """Return what sending and processing one exchange calls for, and the sizes of the messages in bytes."""
        with call_log(self._running.emulator, self._logs) as kept:
            for visit in unrated_visits(ALONE):
                self._ask([visit])
        invocations = len(kept.durations[self.processor_log])
        if invocations != ALONE:
            raise ProgramError(f"{ALONE} messages that came alone made {invocations} invocations")
        sizes = [
            len(entry["MessageBody"].encode()) for sent in kept.events["SendMessageBatch"] for entry in sent["Entries"]
        ]
        sends = kept.count("SendMessage", "SendMessageBatch")
        # The Worker's sends and the waiting for an empty queue are no requests of the function.
        typical = statistics.median(kept.durations[self.processor_log]) * ALONE / 1000
        function = replace(kept.calls(self.processor_log), seconds=typical)
        besides = Calls(sqs_requests=sends + kept.count("GetQueueAttributes"))
        processing = (function - besides) * (1 / ALONE) + _EVENT_SOURCE_REQUESTS
        return Calls(sqs_requests=sends / ALONE), processing, sizes

    @contextmanager
    def paused_event_source(self) -> Iterator[None]:
        """Keep Lambda from reading the queue for the length of the `with` block."""
        name = self._running.parameters["processor-function-name"]
        [mapping] = self._lambda.list_event_source_mappings(FunctionName=f"{name}:live")["EventSourceMappings"]
        self._lambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        time.sleep(2)  # a poll that is under way ends
        try:
            yield
        finally:
            self._lambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    def fill_queue(self) -> None:
        """Put exchanges on the queue that are to be drained."""
        events = entries_of_events(unrated_visits(TOGETHER), knowledge=self._running.knowledge)
        self._running.queue.send([event.entry for event in events])

    def drain(self) -> CallLog:
        """Drain the queue as the schedule does, and return what was called."""
        with call_log(self._running.emulator, self._logs) as kept:
            self._invoke_processor()
        return kept

    def fill_days(self) -> None:
        """Store exchanges of the days that the daily report looks back at."""
        now = datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
        begins = [milliseconds(now - datetime.timedelta(days=days)) for days in range(1, _DAYS + 1)]
        asked = [visit for begin in begins for visit in unrated_visits(A_DAY, begin, length=80_000_000)]
        events = entries_of_events(asked, knowledge=self._running.knowledge)
        self._running.queue.send([event.entry for event in events])
        self._running.queue.wait_until_empty(seconds=120)
        self._delete_marks()

    def _delete_marks(self) -> None:
        """Delete the marks of days that changed late: these exchanges are of the past, those of production are not."""
        client, table = self._running.emulator.client("dynamodb"), self._running.parameters["table-name"]
        for item in self._running.items():
            if item["pk"]["S"].endswith("#changed"):
                client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})

    def report(self, kind: str) -> Calls:
        """Make a report as its schedule does, and return what was called; the time is the shortest of some."""
        counted, *again = [self.report_once(kind) for _ in range(_REPORTS)]
        return replace(counted, seconds=min(calls.seconds for calls in (counted, *again)))

    def report_once(self, kind: str) -> Calls:
        """Make a report as its schedule does, and return what was called."""
        mails = len(self._running.emulator.mails())
        with call_log(self._running.emulator, self._logs) as kept:
            self._invoke("reporter-function-name", {"report": kind})
        calls = kept.calls(self._reporter_log)
        return calls + Calls(mails=len(self._running.emulator.mails()) - mails - calls.mails)

    def artifact_bytes(self) -> int:
        """Return what the last deployments left in S3."""
        storage = self._running.emulator.client("s3")
        pages = [storage.list_objects_v2(Bucket=bucket["Name"]) for bucket in storage.list_buckets()["Buckets"]]
        return sum(found["Size"] for page in pages for found in page.get("Contents", []))

    def _ask(self, asked: list[Visit]) -> None:
        sent = ask_all(self._running.worker_url, asked)
        self._running.wait_until_stored(sent.exchanges, sent.rated, seconds=60)

    def _invoke_processor(self) -> None:
        self._invoke("processor-function-name", {})

    def _invoke(self, name: str, payload: dict[str, Any]) -> None:
        answer = self._lambda.invoke(FunctionName=f"{self._running.parameters[name]}:live", Payload=json.dumps(payload))
        if "FunctionError" in answer:
            raise ProgramError(f"the function failed: {answer['Payload'].read().decode()}")


@contextmanager
def _empty_table(running: Stack) -> Iterator[None]:
    """Take everything out of the table for the length of the `with` block: what reports do depends on what is there."""
    client, table = running.emulator.client("dynamodb"), running.parameters["table-name"]
    before = running.items()

    def clear() -> None:
        for item in running.items():
            client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})

    clear()
    try:
        yield
    finally:
        clear()
        for item in before:
            client.put_item(TableName=table, Item=item)


def unrated_visits(number: int, begin: int | None = None, length: int = 1000) -> list[Visit]:
    """Return visits that nobody rates, from a time on or from now, within so many milliseconds."""
    begin = begin if begin is not None else milliseconds(datetime.datetime.now(datetime.UTC))
    asked = visits(number, begin=begin, end=begin + length, seed=number)
    return [replace(visit, rates=False) for visit in asked]


def _custom_metrics(lines: list[str]) -> set[str]:
    """Return the metrics that CloudWatch takes from log lines in its embedded metric format."""
    found = set()
    for line in lines:
        document = json.loads(line) if line.startswith("{") else {}
        for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
            for dimensions in directive["Dimensions"]:
                place = ",".join(f"{name}={document[name]}" for name in dimensions)
                found |= {f"{directive['Namespace']}/{metric['Name']}{{{place}}}" for metric in directive["Metrics"]}
    return found


def _versions() -> dict[str, str]:
    locked = tomllib.loads((EMULATOR / "uv.lock").read_text(encoding="utf-8"))["package"]
    [ministack] = [package["version"] for package in locked if package["name"] == "ministack"]
    return {"ministack": ministack, "python": platform.python_version(), "aws-sam-cli": version("aws-sam-cli")}
