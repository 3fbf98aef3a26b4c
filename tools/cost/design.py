"""What a month of a design uses: the pipeline in one of its modes, or the design it grew from. Pure arithmetic."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cost.calls import ORIGINAL, Calls, Measurement
from cost.deployed import Deployed, Function
from cost.price_book import PriceBook

Usage = dict[str, float]
"""Amounts by meter."""

LARGEST_BATCH = 10
DAYS_STORED = 90
MONTH_DAYS = 30
_GIGABYTE = 1_000_000_000
"""Bytes. The smaller of the two that the word is used for, so that nothing is taken for less than it is."""
_ITEM_OVERHEAD_BYTES = 100
"""What DynamoDB adds to each item: docs.aws.amazon.com, "CapacityUnitCalculations", on storage."""
_DEPLOYMENTS_KEPT = 3
"""As many as `operate.old_packages` leaves after each release."""
_OBJECT_REQUESTS = 2
"""Of the outbox, for a message that comes alone: it is put there, and an alarm sends it."""
_OBJECT_ROWS = 3
"""Written for it: the row, its deletion, and the alarm."""
_OBJECT_BYTES = 200
"""Of a row, besides the message: its numbers, and the message's ids."""
_OBJECT_ESCAPES = 2
"""How many times its length a message has at most in a row, where each sign in it may be escaped."""
_PRIVATE_SETTINGS = 2
"""Secure parameters that a run of the reporter reads, each decrypted by KMS: the links' key and the webhook."""
_WEBHOOK_SECONDS = 25
"""For which a run waits at most for a webhook that does not answer: three attempts of five seconds, and the pauses."""
_WEBHOOK_BYTES = 3 * 10_000
"""For three attempts; a report's short form has a few thousand."""
_PROCESSOR_SHARE_OF_A_MACHINE = 1 / 1769
"""Of one virtual processor, for each megabyte of a function's memory: docs.aws.amazon.com, "configuration-memory"."""


@dataclass(frozen=True)
class Assumptions:
    """What cannot be counted here."""

    idle_polls: float = 648_000
    """Empty receives a month of Lambda's pollers: five of them, three times a minute, as others measured in 2021."""
    ratings: float = 0
    """Ratings for each exchange; each is a message and a write of its own."""
    item_bytes: float | None = None
    """Of a stored exchange; None for the mean of those in the count."""
    worker_cpu_milliseconds: float = 10
    """For each request to the Worker: all that the free plan allows."""
    outbox_share: float = 0.01
    """Of the messages: what goes through the outbox because the queue did not take it: seven hours of a month."""


@dataclass(frozen=True)
class Design:
    """What a design uses, as a function of traffic."""

    name: str
    per_exchange: Mapping[str, float]
    per_month: Mapping[str, float]
    per_batch: Mapping[str, float] = field(default_factory=dict)
    runs_a_month: float = 0
    """Scheduled drains, each of which may end with a batch that is not full."""
    messages_per_exchange: float = 1

    def usage(self, exchanges: float) -> Usage:
        """Return the amounts by meter of a month with so many exchanges."""
        amounts = dict(self.per_month)
        messages = exchanges * self.messages_per_exchange
        batches = min(messages, messages / LARGEST_BATCH + self.runs_a_month * (LARGEST_BATCH - 1) / LARGEST_BATCH)
        for part, times in ((self.per_exchange, exchanges), (self.per_batch, batches)):
            for meter, amount in part.items():
                amounts[meter] = amounts.get(meter, 0) + amount * times
        return amounts


def pipeline(deployed: Deployed, counted: Measurement, book: PriceBook, assumptions: Assumptions) -> Design:
    """Return the deployed pipeline's design.

    Raises:
        PriceBookError: the price book does not know a deployed resource.
    """
    messages = 1 + assumptions.ratings

    def meters(calls: Calls, function: Function) -> Usage:
        writes = calls.write_units * (1 + deployed.indexes)
        return _meters(replace(calls, write_units=writes), function, on_demand=deployed.on_demand)

    standing = deployed.standing_charges(book)
    standing["cloudwatch-metric"] = standing.get("cloudwatch-metric", 0) + len(counted.custom_metrics)
    standing["s3-storage"] = counted.artifact_bytes * _DEPLOYMENTS_KEPT / _GIGABYTE
    runs = sum(deployed.reports_a_month.values())
    standing["scheduler-invocation"] = runs
    standing["kms-request"] = runs * _PRIVATE_SETTINGS
    standing["data-out"] = runs * _WEBHOOK_BYTES / _GIGABYTE
    _add(standing, meters(Calls(waiting_seconds=_WEBHOOK_SECONDS) * runs, deployed.reporter))
    _add(standing, meters(counted.daily_report * deployed.reports_a_month.get("daily", 0), deployed.reporter))
    _add(standing, meters(counted.weekly_report * deployed.reports_a_month.get("weekly", 0), deployed.reporter))

    sending = counted.sending * messages
    per_exchange = meters(counted.reading, deployed.reporter)
    per_exchange["cloudflare-request"] = messages
    per_exchange["cloudflare-cpu"] = messages * assumptions.worker_cpu_milliseconds
    per_exchange["cloudflare-object-request"] = messages * assumptions.outbox_share * _OBJECT_REQUESTS
    per_exchange["cloudflare-object-row"] = messages * assumptions.outbox_share * _OBJECT_ROWS
    # As if all of a month's waited at the same time, while in truth each outage is over before the next one.
    row_bytes = counted.message_bytes * _OBJECT_ESCAPES + _OBJECT_BYTES
    per_exchange["cloudflare-object-storage"] = messages * assumptions.outbox_share * row_bytes / _GIGABYTE
    stored = _stored(assumptions.item_bytes or counted.item_bytes)
    per_exchange["dynamodb-storage"] = stored
    if deployed.recoverable:
        per_exchange["dynamodb-recovery"] = stored
    per_batch: Usage = {}
    if deployed.streams:
        _add(per_exchange, meters(sending + counted.stream * messages, deployed.processor))
        standing["sqs-fifo-request"] = standing.get("sqs-fifo-request", 0) + assumptions.idle_polls
    else:
        _add(per_exchange, meters(sending, deployed.processor))
        # A batch writes ten items, whether they are full or not: the writes count with the batch, and at most.
        per_batch = meters(counted.full_batch, deployed.processor)
        _add(standing, meters(counted.empty_drain * deployed.drains_a_month, deployed.processor))
    return Design(
        name="stream" if deployed.streams else "drain",
        per_exchange=per_exchange,
        per_month=standing,
        per_batch=per_batch,
        runs_a_month=deployed.drains_a_month,
        messages_per_exchange=messages,
    )


def original(assumptions: Assumptions, path: Path = ORIGINAL) -> Design:
    """Return the design that this project grew from, by the calls that its description calls for."""
    document = json.loads(path.read_text(encoding="utf-8"))
    function = Function(**document["function"])
    per_exchange = _meters(Calls(**document["per_exchange"]), function, scaled=False, on_demand=True)
    per_exchange["cloudflare-request"] = 1
    per_exchange["cloudflare-cpu"] = assumptions.worker_cpu_milliseconds
    per_exchange["dynamodb-storage"] = _stored(document["item_bytes"])
    return Design(
        name="original",
        per_exchange=per_exchange,
        per_month={"sqs-fifo-request": assumptions.idle_polls},
    )


def aws_seconds(seconds: float, function: Function) -> float:
    """Return how long on Lambda takes at most what takes so long on this machine.

    All of the time is taken for computing, of which Lambda gives a share by memory; in truth some of it is waiting.
    """
    return seconds / min(1.0, function.memory_megabytes * _PROCESSOR_SHARE_OF_A_MACHINE)


def _meters(calls: Calls, function: Function, *, scaled: bool = True, on_demand: bool = False) -> Usage:
    seconds = calls.waiting_seconds + (aws_seconds(calls.seconds, function) if scaled else calls.seconds)
    log_gigabytes = calls.log_bytes / _GIGABYTE
    amounts = {
        "sqs-fifo-request": calls.sqs_requests,
        "lambda-request": calls.invocations,
        f"lambda-gb-second-{function.architecture}": function.gigabyte_seconds(seconds),
        "logs-ingested": log_gigabytes,
        "logs-stored": log_gigabytes,  # for a month
        "cloudwatch-request": calls.cloudwatch_requests,
        "ses-mail": calls.mails,
    }
    if on_demand:
        amounts |= {"dynamodb-write-request": calls.write_units, "dynamodb-read-request": calls.read_units}
    return {meter: amount for meter, amount in amounts.items() if amount}


def _stored(item_bytes: float) -> float:
    """Return the GB-months that one exchange a month takes up once as many are deleted as are stored."""
    return (item_bytes + _ITEM_OVERHEAD_BYTES) / _GIGABYTE * DAYS_STORED / MONTH_DAYS


def _add(amounts: Usage, more: Mapping[str, float]) -> None:
    for meter, amount in more.items():
        amounts[meter] = amounts.get(meter, 0) + amount
