"""Puts the processor together and handles one invocation, in either mode."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from processor.batch import BatchStore, Outcome
from processor.drain import drain
from processor.queue import Message, SourceQueue
from processor.settings import Settings
from processor.table import ItemTable
from processor.user_agent import visitor_attributes
from processor.writer import Clock

_TABLE_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    # Adaptive: the client itself slows down while it is throttled. How often to try is decided by the time left.
    retries={"mode": "adaptive", "total_max_attempts": 1},
)
_QUEUE_CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})


@dataclass(frozen=True)
class Application:
    """The parts, put together."""

    queue: SourceQueue
    batches: BatchStore

    def process(self, event: Mapping[str, Any], time_left: Clock) -> tuple[Outcome, dict[str, Any]]:
        """Process an invocation's messages; return their outcome and the function's response.

        Args:
            event: From the event source mapping, with `Records` (`stream`); any other drains the queue (`drain`).
            time_left: Returns the seconds until the rest must be returned to the queue.
        """
        if "Records" not in event:
            outcome = drain(self.queue, self.batches, time_left)
            return outcome, {"received": outcome.received, "stored": outcome.stored, "failed": len(outcome.failed)}
        outcome = self.batches.store([Message.from_record(record) for record in event["Records"]], time_left)
        self.queue.postpone(outcome.postponed)
        return outcome, {"batchItemFailures": [{"itemIdentifier": message.id} for message in outcome.failed]}


@cache
def application() -> Application:
    """Return this process's application. Its clients, and the rate they have adapted to, live as long as it."""
    settings = Settings.from_environment()
    # boto3 makes the same clients with it, and takes a fifth longer to be imported and make them.
    session: Any = botocore.session.get_session()
    return Application(
        SourceQueue(session.create_client("sqs", config=_QUEUE_CONFIG), settings.queue_url),
        BatchStore(
            ItemTable(session.create_client("dynamodb", config=_TABLE_CONFIG), settings.table_name, time.sleep),
            visitor_attributes,
            time.time,
        ),
    )
