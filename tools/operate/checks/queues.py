"""Whether the queues, the table and the topic exist, and whether anything is stuck in them."""

import re
import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from operate.environment import Environment
from operate.event_source import readers
from operate.finding import MISSING, OK, Finding

_FAILURE = re.compile(r"Traceback|Task timed out|Runtime\.|\"level\": ?\"(ERROR|CRITICAL)\"|\[ERROR\]|errorMessage")
_RECENT_SECONDS = 15 * 60
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


def reading(environment: Environment) -> Iterator[Finding]:
    """Yield whether anything reads the queue, and whether it gets anywhere."""
    what = "queue to processor"
    found = readers(environment)
    release = f"make release SERVICE=processor ENVIRONMENT={environment.name}"
    if found.mapping is None:
        yield Finding(what, MISSING, f"there is no event source mapping: {release}")
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
        last = failures[-1].strip().replace("\n", " ")[:160]
        fix = f"make rollback SERVICE=processor ENVIRONMENT={environment.name}, or fix it and make release"
        yield Finding(what, MISSING, f"{depth} messages wait and the processor fails: {last!r}. {fix}")
    else:
        yield Finding(what, OK, f"{depth} messages wait; the processor has logged no failure")


def _recent_failures(environment: Environment, group: str) -> list[str]:
    """Return what a function logged lately that tells of a failure; nothing where it has no log yet."""
    logs = environment.client("logs")
    begin = int((time.time() - _RECENT_SECONDS) * 1000)
    try:
        events = logs.filter_log_events(logGroupName=group, startTime=begin, limit=1000)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in events if _FAILURE.search(event["message"])]


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
