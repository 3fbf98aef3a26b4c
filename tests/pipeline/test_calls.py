"""What the ledger's bills are made from is what really happens on the stack."""

import pytest

from cost.calls import Measurement
from cost.count import count
from stack.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def counted(running: Stack) -> Measurement:
    before = sorted(map(str, running.items()))

    counted = count(running)

    assert sorted(map(str, running.items())) == before, "a count leaves nothing behind"
    return counted


@pytest.mark.parametrize("activity", ["sending", "stream", "full_batch", "empty_drain"])
@pytest.mark.parametrize(
    "amount",
    ["sqs_requests", "invocations", "waiting_seconds", "write_units", "read_units", "cloudwatch_requests", "mails"],
)
def test_an_exchange_calls_for_what_the_committed_count_says(counted: Measurement, activity: str, amount: str) -> None:
    now, then = getattr(counted, activity), getattr(Measurement.load(), activity)

    assert getattr(now, amount) == pytest.approx(getattr(then, amount)), "run `python -m cost count`"


@pytest.mark.parametrize("report", ["daily_report", "weekly_report"])
def test_a_report_calls_for_what_the_committed_count_says(counted: Measurement, report: str) -> None:
    """Capacity units depend on what the table holds already, so they are not compared."""
    now, then = getattr(counted, report), getattr(Measurement.load(), report)

    assert (now.sqs_requests, now.invocations, now.cloudwatch_requests, now.mails) == (
        then.sqs_requests,
        then.invocations,
        then.cloudwatch_requests,
        then.mails,
    ), "run `python -m cost count`"


def test_a_daily_report_reads_each_exchange_as_often_as_the_committed_count_says(counted: Measurement) -> None:
    assert counted.reading.read_bytes == pytest.approx(Measurement.load().reading.read_bytes, rel=0.25)


def test_bytes_are_about_what_the_committed_count_says(counted: Measurement) -> None:
    then = Measurement.load()

    assert counted.message_bytes == pytest.approx(then.message_bytes, rel=0.1)
    assert counted.stream.log_bytes == pytest.approx(then.stream.log_bytes, rel=0.1)
    assert counted.artifact_bytes == pytest.approx(then.artifact_bytes, rel=0.25)


def test_the_custom_metrics_are_those_of_the_committed_count(counted: Measurement) -> None:
    assert counted.custom_metrics == Measurement.load().custom_metrics
