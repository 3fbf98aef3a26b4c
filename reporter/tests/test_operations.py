"""Deployments and cold starts, as CloudFormation and CloudWatch Logs tell of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from conftest import REGION
from made import full_report, report_of
from reporter.report.cold_starts import MOST_STREAMS, count_cold_starts
from reporter.report.deployments import Deployment, Deployments, read_deployments
from reporter.report.pipeline import pipeline_lines
from weeks import five_weeks

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
STACK = "arn:aws:cloudformation:eu-west-2:111122223333:stack/edge-analytics-dev-processor/1"
MONDAY_MS, DAY_MS = 1_763_337_600_000, 86_400_000


def stack_event(status: str, minutes_ago: float, resource: str = STACK) -> dict[str, Any]:
    return {
        "StackId": STACK,
        "EventId": f"{status}-{minutes_ago}",
        "StackName": "edge-analytics-dev-processor",
        "PhysicalResourceId": resource,
        "ResourceStatus": status,
        "Timestamp": NOW - timedelta(minutes=minutes_ago),
    }


def deployments_of(*pages: Sequence[dict[str, Any]]) -> Deployments | None:
    client = boto3.client("cloudformation", region_name=REGION)
    with Stubber(client) as stub:
        for number, page in enumerate(pages):
            more = {"NextToken": "more"} if number + 1 < len(pages) else {}
            stub.add_response("describe_stack_events", {"StackEvents": list(page)} | more)
        return read_deployments(lambda: client, ["edge-analytics-dev-processor"], NOW)


def test_each_deployment_is_counted_with_its_outcome_and_its_time() -> None:
    found = deployments_of(
        [
            stack_event("UPDATE_IN_PROGRESS", 1),  # under way
            stack_event("UPDATE_ROLLBACK_COMPLETE", 50),
            stack_event("UPDATE_ROLLBACK_IN_PROGRESS", 52),
            stack_event("UPDATE_FAILED", 52, "function"),
            stack_event("UPDATE_IN_PROGRESS", 53),
        ],
        [
            stack_event("UPDATE_COMPLETE", 100),
            stack_event("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", 100.5),
            stack_event("UPDATE_COMPLETE", 101, "function"),
            stack_event("UPDATE_IN_PROGRESS", 102),
            stack_event("CREATE_COMPLETE", 40 * 1440),
            stack_event("CREATE_IN_PROGRESS", 40 * 1440 + 1),
        ],
    )

    assert found == Deployments([Deployment(is_success=True, seconds=120), Deployment(is_success=False, seconds=180)])
    assert (found.succeeded, found.median_seconds) == (1, 150)


def test_a_first_deployment_begins_when_its_change_set_is_carried_out() -> None:
    found = deployments_of(
        [
            stack_event("CREATE_COMPLETE", 10),
            stack_event("CREATE_IN_PROGRESS", 11),
            stack_event("REVIEW_IN_PROGRESS", 60),
        ]
    )

    assert found == Deployments([Deployment(is_success=True, seconds=60)])


def test_what_aws_does_not_tell_is_not_known(caplog: pytest.LogCaptureFixture) -> None:
    clients = {name: boto3.client(name, region_name=REGION) for name in ("cloudformation", "logs")}
    with Stubber(clients["cloudformation"]) as stub:
        stub.add_client_error("describe_stack_events", "AccessDenied")
        assert read_deployments(lambda: clients["cloudformation"], ["stack"], NOW) is None
    with Stubber(clients["logs"]) as stub:
        stub.add_client_error("describe_log_streams", "AccessDenied")
        assert count_cold_starts(lambda: clients["logs"], ["function"], 0, 1) is None

    assert "the deployments were not counted" in caplog.text
    assert "the cold starts were not counted" in caplog.text
    assert read_deployments(lambda: pytest.fail("asked"), [], NOW) is None
    assert count_cold_starts(lambda: pytest.fail("asked"), [], 0, 1) is None


def log_stream(created_ms: int, last_ms: int | None = None) -> dict[str, Any]:
    last = {} if last_ms is None else {"lastEventTimestamp": last_ms}
    return {"logStreamName": str(created_ms), "creationTime": created_ms} | last


def test_the_log_streams_that_were_made_in_the_week_are_the_cold_starts() -> None:
    client = boto3.client("logs", region_name=REGION)
    end_ms = MONDAY_MS + 7 * DAY_MS
    with Stubber(client) as stub:
        wanted = {"logGroupName": "/aws/lambda/processor", "orderBy": "LastEventTime", "descending": True}
        newest = [log_stream(end_ms, end_ms + 5), log_stream(end_ms - 1, end_ms), log_stream(MONDAY_MS)]
        stub.add_response("describe_log_streams", {"logStreams": newest, "nextToken": "more"}, wanted)
        oldest = [
            log_stream(MONDAY_MS - 1, MONDAY_MS + 1),
            log_stream(MONDAY_MS + 1, MONDAY_MS + 1),
            log_stream(MONDAY_MS - 9 * DAY_MS, MONDAY_MS - 8 * DAY_MS),
        ]
        stub.add_response("describe_log_streams", {"logStreams": oldest, "nextToken": "never"}, ANY_REQUEST)

        assert count_cold_starts(lambda: client, ["processor"], MONDAY_MS, end_ms) == 3
        stub.assert_no_pending_responses()


ANY_REQUEST = {"logGroupName": ANY, "orderBy": ANY, "descending": ANY, "nextToken": "more"}


def test_no_more_streams_are_read_than_a_bound() -> None:
    client = boto3.client("logs", region_name=REGION)
    with Stubber(client) as stub:
        for number in range(MOST_STREAMS // 50 + 1):
            stub.add_response("describe_log_streams", {"logStreams": [log_stream(1, 1)] * 50, "nextToken": f"{number}"})

        assert count_cold_starts(lambda: client, ["processor"], 0, 2) == MOST_STREAMS


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ({}, "those of the functions not known; deployments not known."),
        (
            {"cold_starts": 2_000, "deployments": Deployments([])},
            "at least 2,000 of the functions; no deployment in 30 days.",
        ),
        (
            {"cold_starts": 0, "deployments": Deployments([Deployment(is_success=True, seconds=41.6)])},
            "0 of the functions; 1 deployment in 30 days, which succeeded in 42 s.",
        ),
        (
            {
                "cold_starts": 9,
                "deployments": Deployments([Deployment(is_success=bool(n), seconds=40 + n) for n in range(3)]),
            },
            "9 of the functions; 3 deployments in 30 days, of which 2 succeeded; the median took 41 s.",
        ),
    ],
)
def test_the_mail_tells_how_often_the_pipeline_started_and_was_deployed(known: dict[str, Any], sentence: str) -> None:
    lines = dict(pipeline_lines(report_of(five_weeks(), **known)))

    assert len(lines) == 4
    assert lines["Starts and deployments"].endswith(sentence)
    assert lines["Starts and deployments"].startswith("21 cold starts of the Worker, ")


def test_a_report_without_them_has_the_line_too() -> None:
    assert dict(pipeline_lines(full_report()))["Starts and deployments"]
