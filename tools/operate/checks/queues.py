"""Whether the queues, the table and the topic exist, and whether anything is stuck in them."""

import re
import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from operate.environment import Environment, table_keys
from operate.event_source import readers
from operate.finding import MISSING, OK, Finding

_FAILURE = re.compile(r"Traceback|Task timed out|Runtime\.|\"level\": ?\"(ERROR|CRITICAL)\"|\[ERROR\]|errorMessage")
_RECENT_SECONDS = 15 * 60
_A_DAY_AND_AN_HOUR_SECONDS = 25 * 3600
_MOST_MESSAGES = 5000
_WAITING = "ApproximateNumberOfMessages"
_IN_FLIGHT = "ApproximateNumberOfMessagesNotVisible"


def queues(environment: Environment) -> Iterator[Finding]:
    """Yield whether the queue and its dead-letter queue exist, and what is in them."""
    depth = _depth(environment, environment["queue-url"])
    if depth is None:
        yield Finding("queue", MISSING, f"it does not exist: {environment.how_to_apply('worker')}")
    else:
        yield Finding("queue", OK, f"{sum(depth)} messages")
    dead = _depth(environment, environment["dead-letter-queue-url"])
    what = "dead-letter queue"
    if dead is None:
        yield Finding(what, MISSING, f"it does not exist: {environment.how_to_apply('worker')}")
    elif sum(dead):
        yield Finding(what, MISSING, f"{sum(dead)} messages: make dlq ENVIRONMENT={environment.name} shows why")
    else:
        yield Finding(what, OK, "empty")


def table(environment: Environment) -> Iterator[Finding]:
    """Yield whether the table exists and takes writes."""
    name = environment["table-name"]
    dynamodb = environment.client("dynamodb")
    try:
        status = dynamodb.describe_table(TableName=name)["Table"]["TableStatus"]
    except dynamodb.exceptions.ResourceNotFoundException:
        yield Finding("table", MISSING, f"{name} does not exist: {environment.how_to_apply('processor')}")
        return
    if status in {"ACTIVE", "UPDATING"}:
        yield Finding("table", OK, name)
    else:
        yield Finding("table", MISSING, f"{name} is {status}: wait, then {environment.how_to_apply('processor')}")
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if expiry.get("AttributeName") == table_keys().time_to_live and "ENABL" in expiry["TimeToLiveStatus"]:
        yield Finding("table's expiry", OK, "what visitors typed goes after 90 days")
    else:
        detail = f"it is off, so nothing is ever deleted: {environment.how_to_apply('processor')}"
        yield Finding("table's expiry", MISSING, detail)


def reading(environment: Environment) -> Iterator[Finding]:
    """Yield whether anything reads the queue, and whether it gets anywhere."""
    what = "queue to processor"
    found = readers(environment)
    release = f"make release SERVICE=processor ENVIRONMENT={environment.name}"
    if found.mapping is None:
        yield Finding(what, MISSING, f"there is no event source mapping: {release}")
    elif found.schedule_is_gone:
        yield Finding(what, MISSING, f"the schedule {found.schedule}, which drains the queue, is gone: {release}")
    elif not found.are_reading:
        depth = sum(_depth(environment, environment["queue-url"]) or (0,))
        state = f"the event source mapping is {found.mapping_state} and no schedule drains the queue"
        yield Finding(what, MISSING, f"{state}; {depth} messages wait: {release}")
    else:
        by = "a schedule drains it" if found.schedule_is_enabled else f"event source mapping {found.mapping_state}"
        yield Finding(what, OK, by)
    yield from _failing(environment)


def _failing(environment: Environment) -> Iterator[Finding]:
    """Yield whether messages wait while the processor logs failures."""
    depth = sum(_depth(environment, environment["queue-url"]) or (0,))
    if not depth:
        return
    failures = _recent_failures(environment, environment["processor-log-group-name"])
    what = "processing"
    if failures:
        last = _short(failures[-1])
        fix = f"make rollback SERVICE=processor ENVIRONMENT={environment.name}, or fix it and make release"
        yield Finding(what, MISSING, f"{depth} messages wait and the processor fails: {last!r}. {fix}")
    else:
        yield Finding(what, OK, f"{depth} messages wait; the processor has logged no failure")


def reporting(environment: Environment) -> Iterator[Finding]:
    """Yield whether the reporter's last words tell of a failure."""
    what = "reporting"
    said = _recent_messages(environment, environment["reporter-log-group-name"], _A_DAY_AND_AN_HOUR_SECONDS)
    if said and _FAILURE.search(said[-1]):
        fix = (
            f"make rollback SERVICE=reporter ENVIRONMENT={environment.name}, or fix it and make release; then make send"
        )
        yield Finding(what, MISSING, f"the reporter's last run failed: {_short(said[-1])!r}. {fix}")
    else:
        yield Finding(what, OK, "the reporter's last run did not fail" if said else "no run in the last 25 hours")
    waiting = _depth_of(environment, f"edge-analytics-{environment.name}-reports-dead-letter")
    if waiting:
        command = f"make send ENVIRONMENT={environment.name}, then aws sqs purge-queue"
        yield Finding("reports that were not started", MISSING, f"{waiting} wait in a dead-letter queue: {command}")


def _depth_of(environment: Environment, name: str) -> int:
    sqs = environment.client("sqs")
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except ClientError:
        return 0
    return sum(_depth(environment, url) or (0,))


def _short(message: str) -> str:
    return message.strip().replace("\n", " ")[:160]


def _recent_failures(environment: Environment, group: str) -> list[str]:
    """Return what a function logged lately that tells of a failure; nothing where it has no log yet."""
    return [said for said in _recent_messages(environment, group, _RECENT_SECONDS) if _FAILURE.search(said)]


def _recent_messages(environment: Environment, group: str, seconds: float) -> list[str]:
    """Return what a function logged lately, the oldest first; nothing where it has no log yet."""
    logs = environment.client("logs")
    begin = int((time.time() - seconds) * 1000)
    try:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=begin, PaginationConfig={"MaxItems": _MOST_MESSAGES}
        )
        events = [event for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in sorted(events, key=lambda event: int(event["timestamp"]))]


def topic(environment: Environment) -> Iterator[Finding]:
    """Yield whether anybody is told of alarms."""
    what = "alert subscription"
    sns = environment.client("sns")
    try:
        found = sns.list_subscriptions_by_topic(TopicArn=environment["alert-topic-arn"])["Subscriptions"]
    except sns.exceptions.NotFoundException:
        yield Finding(what, MISSING, f"the topic of alarms does not exist: {environment.how_to_apply('worker')}")
        return
    if any(subscription["SubscriptionArn"].startswith("arn:") for subscription in found):
        yield Finding(what, OK, "confirmed")
    elif found:
        yield Finding(what, MISSING, "follow the link in the mail that AWS has sent to the alert address")
    else:
        yield Finding(what, MISSING, f"nobody is subscribed: {environment.how_to_apply('worker')}")


def _depth(environment: Environment, url: str) -> tuple[int, ...] | None:
    """Return how many messages wait and are in flight, or None where the queue does not exist."""
    try:
        answer: dict[str, Any] = environment.client("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=[_WAITING, _IN_FLIGHT]
        )
    except ClientError as error:
        if "NonExistentQueue" in error.response["Error"]["Code"] or "QueueDoesNotExist" in f"{error}":
            return None
        raise
    return int(answer["Attributes"][_WAITING]), int(answer["Attributes"][_IN_FLIGHT])
