"""The Lambda function: reads its environment, makes its clients once, and hands over."""

import logging
import os
import time
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config

from processor import batch
from processor.client import client_attributes
from processor.logs import configure_logging
from processor.table import ItemTable

logger = logging.getLogger(__name__)

RESERVE = 6.0
"""Seconds kept for the last write to fail in (2 held back, 1 to connect, 2 to read) and for the answer."""

_PATIENCE = Config(
    connect_timeout=1,
    read_timeout=2,
    # Adaptive: the client itself slows down while it is throttled. How often to try is decided by the time left.
    retries={"mode": "adaptive", "total_max_attempts": 1},
)


class LambdaContext(Protocol):
    """What is used of the object that Lambda passes."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is stopped."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Stores a batch of the queue's messages; names those that failed, for SQS to deliver again.

    See docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html for the answer's form.
    """
    configure_logging(context.aws_request_id)
    messages = [batch.Message(record["messageId"], record["body"]) for record in event["Records"]]
    outcome = batch.store(
        messages,
        table(),
        client_attributes,
        time_left=lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE,
        now=time.time,
    )
    logger.info(
        "batch processed",
        extra={"received": outcome.received, "stored": outcome.stored, "failed": sorted(outcome.failed)},
    )
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(outcome.failed)]}


@cache
def table() -> ItemTable:
    """The table of this environment. One client for all invocations, so that what it learnt about the pace stays."""
    return ItemTable(boto3.client("dynamodb", config=_PATIENCE), os.environ["TABLE_NAME"], time.sleep)
