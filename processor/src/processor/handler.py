"""The Lambda function: reads its environment, makes its clients once, and hands over."""

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config

from processor.batch import BatchStore, Outcome
from processor.drain import drain
from processor.limits import ProcessingLimits
from processor.logs import configure_logging
from processor.metrics import embedded_metrics
from processor.queue import Message, SourceQueue
from processor.table import Clock, ItemTable
from processor.user_agent import visitor_attributes

logger = logging.getLogger(__name__)

_TABLE_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    # Adaptive: the client itself slows down while it is throttled. How often to try is decided by the time left.
    retries={"mode": "adaptive", "total_max_attempts": 1},
)
_QUEUE_CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})


class NothingStoredError(Exception):
    """Nothing of a batch could be stored, for a reason that lies neither in the messages nor in the table's load."""


class LambdaContext(Protocol):
    """What is used of the object that Lambda passes."""

    function_name: str
    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is stopped."""


@dataclass(frozen=True)
class Processor:
    """The parts, put together."""

    queue: SourceQueue
    batches: BatchStore

    def answer(self, event: Mapping[str, Any], time_left: Clock) -> tuple[Outcome, dict[str, Any]]:
        """What became of the messages, and what SQS, or whoever called, is told about it."""
        if "Records" not in event:
            outcome = drain(self.queue, self.batches, time_left)
            return outcome, {"received": outcome.received, "stored": outcome.stored, "failed": len(outcome.failed)}
        outcome = self.batches.store([Message.of_record(record) for record in event["Records"]], time_left)
        self.queue.postpone(outcome.postponed)
        return outcome, {"batchItemFailures": [{"itemIdentifier": message.id} for message in outcome.failed]}


@cache
def processor() -> Processor:
    """The processor of this environment. Its clients live as long as the process, and so does the pace they learnt."""
    return Processor(
        SourceQueue(boto3.client("sqs", config=_QUEUE_CONFIG), os.environ["QUEUE_URL"]),
        BatchStore(
            ItemTable(boto3.client("dynamodb", config=_TABLE_CONFIG), os.environ["TABLE_NAME"], time.sleep),
            visitor_attributes,
            time.time,
        ),
    )


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Stores a batch of the queue's messages (`stream`), or all that the queue holds (`drain`, without `Records`).

    The answer to SQS names the messages that failed, to be delivered again; its form is described in
    docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html.

    Raises:
        NothingStoredError: The function's error alarm must hear of it.
    """
    configure_logging(context.aws_request_id)
    margin = ProcessingLimits.of_contract().deadline_margin_seconds
    outcome, answer = processor().answer(event, lambda: context.get_remaining_time_in_millis() / 1000 - margin)
    logger.info(
        "messages processed",
        extra={
            "mode": "stream" if "Records" in event else "drain",
            "received": outcome.received,
            "failed": len(outcome.failed),
            **embedded_metrics(outcome, context.function_name, time.time()),
        },
    )
    if outcome.fault:
        raise NothingStoredError(outcome.fault)
    return answer
