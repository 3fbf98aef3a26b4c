"""The Lambda function."""

import logging
import time
from collections.abc import Mapping
from typing import Any, Protocol

from processor.application import application
from processor.limits import ProcessingLimits
from processor.logs import configure_logging
from processor.metrics import embedded_metrics

logger = logging.getLogger(__name__)


class NothingStoredError(Exception):
    """Nothing of a batch could be stored, for a reason other than its messages and the table's load."""


class LambdaContext(Protocol):
    """The attributes used of the object that Lambda passes."""

    function_name: str
    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is stopped."""


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Store a batch of the queue's messages (`stream`), or all that the queue holds (`drain`, without `Records`).

    The response to SQS names the messages that failed, to be delivered again; its form is described in
    docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html.

    Raises:
        NothingStoredError: So that the function's error alarm counts it.
    """
    configure_logging(context.aws_request_id)
    margin = ProcessingLimits.of_contract().deadline_margin_seconds
    outcome, response = application().process(event, lambda: context.get_remaining_time_in_millis() / 1000 - margin)
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
    return response
