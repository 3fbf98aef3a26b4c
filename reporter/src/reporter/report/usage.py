"""The £0 meter: how much of each free tier this month has used, and where the month will end.

Read with GetMetricStatistics, which is inside CloudWatch's free million requests a month;
GetMetricData is not and is never called. Metrics are of this pipeline, not of the whole account.
"""

from __future__ import annotations

import logging
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

_DAY_SECONDS: Final = 86_400

# A projection from less than this share of the month would be a guess.
_PROJECT_FROM_DAYS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Metric:
    """A CloudWatch metric of one resource and what one unit of it counts for."""

    namespace: str
    name: str
    dimension: str | None = None
    value: str | None = None
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class FreeTier:
    """A free tier: what it is, how much a month is free, and which metrics add up to its use.

    Where the metrics count more than is billed, `is_upper_bound` says so.
    """

    name: str
    unit: str
    limit: float
    metrics: tuple[Metric, ...]
    is_upper_bound: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How much of a tier has been used this month; `used` is None where nothing is known."""

    tier: FreeTier
    used: float | None
    projected: float | None

    @property
    def share(self) -> float:
        """The greater of used and projected, as a share of the tier."""
        return max(self.used or 0.0, self.projected or 0.0) / self.tier.limit


def free_tiers(functions: Sequence[str], memory_mb: int, queue: str, table: str, topic: str) -> tuple[FreeTier, ...]:
    """Return the always-free tiers that the pipeline uses (AWS price list, October 2026).

    Args:
        functions: names of the Lambda functions.
        memory_mb: memory of the largest of them, so that GB-seconds are not underestimated.
        queue: name of the SQS queue; may be empty.
        table: name of the DynamoDB table.
        topic: name of the SNS topic; may be empty.

    """
    gigabyte_seconds = memory_mb / 1024 / 1000
    counted = ("MessagesSent", "MessagesReceived", "MessagesDeleted", "EmptyReceives")
    requests = tuple(f"NumberOf{name}" for name in counted)
    return (
        FreeTier(
            "SQS", "requests", 1_000_000,
            tuple(Metric("AWS/SQS", name, "QueueName", queue) for name in requests if queue),
            is_upper_bound=True,  # a batch of messages is one request, but counted as many
        ),
        FreeTier(
            "Lambda", "requests", 1_000_000,
            tuple(Metric("AWS/Lambda", "Invocations", "FunctionName", name) for name in functions),
        ),
        FreeTier(
            "Lambda", "GB-seconds", 400_000,
            tuple(
                Metric("AWS/Lambda", "Duration", "FunctionName", name, gigabyte_seconds)
                for name in functions
            ),
            is_upper_bound=True,  # the functions have different memories
        ),
        FreeTier(
            "DynamoDB", "write units", 25 * 3600 * 24 * 30,
            (Metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", table),),
        ),
        FreeTier(
            "DynamoDB", "read units", 25 * 3600 * 24 * 30,
            (Metric("AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", table),),
        ),
        FreeTier(
            "SNS", "messages", 1_000,
            tuple(
                Metric("AWS/SNS", "NumberOfNotificationsDelivered", "TopicName", name)
                for name in (topic,)
                if name
            ),
        ),
        FreeTier("CloudWatch", "bytes of logs", 5_000_000_000, (Metric("AWS/Logs", "IncomingBytes"),)),
    )  # fmt: skip


class Meter:
    """Reads the offers' metrics through boto3's CloudWatch client."""

    def __init__(self, clients: Callable[[str], Any], measured: Sequence[FreeTier]) -> None:
        self._clients = clients
        self._tiers = measured

    def read(self, now: datetime) -> list[Reading]:
        """Return the use of every tier since the month began (UTC, as AWS counts)."""
        moment = now.astimezone(UTC)
        begin = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return [self._reading(tier, begin, moment) for tier in self._tiers]

    def _reading(self, tier: FreeTier, begin: datetime, now: datetime) -> Reading:
        parts = [self._sum(metric, begin, now) for metric in tier.metrics]
        known = [part for part in parts if part is not None]
        if not known:
            return Reading(tier, None, None)
        used = sum(known)
        elapsed = (now - begin) / timedelta(days=1)
        days = monthrange(now.year, now.month)[1]
        projected = used * days / elapsed if elapsed >= _PROJECT_FROM_DAYS else None
        return Reading(tier, used, projected)

    def _sum(self, metric: Metric, begin: datetime, now: datetime) -> float | None:
        dimensions = [{"Name": metric.dimension, "Value": metric.value}] if metric.dimension else []
        try:
            answer = self._clients("cloudwatch").get_metric_statistics(
                Namespace=metric.namespace,
                MetricName=metric.name,
                Dimensions=dimensions,
                StartTime=begin,
                EndTime=now,
                Period=_DAY_SECONDS,
                Statistics=["Sum"],
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("metric %s %s not read: %s", metric.namespace, metric.name, error)
            return None
        points = answer["Datapoints"]
        return sum(float(point["Sum"]) for point in points) * metric.factor if points else None
