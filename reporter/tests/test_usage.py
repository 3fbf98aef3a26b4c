from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from reporter.report.usage import FreeTier, Meter, Metric, free_tiers

NOW = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)  # half of the month is over
OFFER = FreeTier("Lambda", "requests", 1000, (Metric("AWS/Lambda", "Invocations", "FunctionName", "f"),))


def put(client: Any, day: int, value: float, name: str = "Invocations") -> None:
    client.put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
                "Timestamp": datetime(2026, 11, day, 12, tzinfo=UTC),
                "Value": value,
            }
        ],
    )


@pytest.mark.usefixtures("aws")
def test_the_month_is_summed_and_projected() -> None:
    client = boto3.client("cloudwatch")
    put(client, 2, 100)
    put(client, 9, 50)

    (reading,) = Meter(lambda _: client, [OFFER]).read(NOW)

    assert reading.used == 150
    assert reading.projected == pytest.approx(300)
    assert reading.share == pytest.approx(0.3)


@pytest.mark.usefixtures("aws")
def test_a_metric_that_is_not_there_is_not_zero() -> None:
    (reading,) = Meter(boto3.client, [OFFER]).read(NOW)

    assert (reading.used, reading.projected, reading.share) == (None, None, 0)


@pytest.mark.usefixtures("aws")
def test_the_first_days_of_a_month_are_not_projected() -> None:
    client = boto3.client("cloudwatch")
    put(client, 1, 100)

    (reading,) = Meter(lambda _: client, [OFFER]).read(datetime(2026, 11, 2, 6, tzinfo=UTC))

    assert (reading.used, reading.projected) == (100, None)


def test_a_refusal_is_not_available_and_breaks_nothing() -> None:
    class Refusing:
        def get_metric_statistics(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetMetricStatistics")

    assert Meter(lambda _: Refusing(), [OFFER]).read(NOW)[0].used is None


def test_only_free_statistics_are_asked_for() -> None:
    asked: list[str] = []

    class Recording:
        def __getattr__(self, name: str) -> Any:
            asked.append(name)
            return lambda **_: {"Datapoints": []}

    Meter(lambda _: Recording(), free_tiers(["f", "g"], 512, "q", "t", "topic")).read(NOW)

    assert set(asked) == {"get_metric_statistics"}
