"""The pipeline as its plans and templates describe it, in short, for tests that change something about it."""

from functools import cache
from typing import Any

from cost.calls import Calls, Measurement
from cost.deployed import Deployed, Mode, deployed_of
from cost.resources import Resource
from cost.templates import template_resources
from stack.paths import PROCESSOR, REPORTER

COUNTED = Measurement(
    counted_on="2026-11-22",
    versions={"ministack": "1"},
    sending=Calls(sqs_requests=1),
    stream=Calls(sqs_requests=2, invocations=1, seconds=0.02, write_units=1, log_bytes=600),
    full_batch=Calls(sqs_requests=2, seconds=0.05, write_units=10),
    empty_drain=Calls(sqs_requests=1, invocations=1, seconds=0.01, waiting_seconds=1, log_bytes=500),
    daily_report=Calls(invocations=1, seconds=0.2, read_units=7),
    weekly_report=Calls(sqs_requests=1, invocations=1, seconds=2, mails=1),
    reading=Calls(seconds=0.001, read_units=0.2, read_bytes=1600),
    message_bytes=700,
    item_bytes=400,
    artifact_bytes=1_000_000,
    custom_metrics=("a", "b", "c", "d"),
)


def alarm(name: str, **properties: Any) -> Resource:
    values = {"metric_name": "Errors", "threshold": 0, "period": 300, "metric_query": []}
    return Resource(name, "aws_cloudwatch_metric_alarm", values | properties)


def dashboard(name: str) -> Resource:
    return Resource(name, "aws_cloudwatch_dashboard", {})


def table(**properties: Any) -> Resource:
    values = {"billing_mode": "PROVISIONED", "write_capacity": 25, "read_capacity": 25}
    return Resource("processor: table", "aws_dynamodb_table", values | properties)


def terraform_resources() -> list[Resource]:
    queue = {"fifo_queue": True, "receive_wait_time_seconds": 20, "visibility_timeout_seconds": 180}
    schedules = {"daily": "cron(30 4 * * ? *)", "weekly": "cron(0 8 ? * MON *)"}
    return [
        Resource("worker: queue", "aws_sqs_queue", queue),
        alarm("worker: waiting", metric_name="ApproximateAgeOfOldestMessage", threshold=900),
        table(),
        dashboard("reporter: dashboard"),
        *(
            Resource(name, "aws_scheduler_schedule", {"name": name, "schedule_expression": expression})
            for name, expression in schedules.items()
        ),
    ]


def pipeline(mode: Mode, terraform: list[Resource] | None = None, *more: Resource) -> Deployed:
    """Return the pipeline with these Terraform resources, and with more resources of any kind."""
    return deployed_of([*(terraform_resources() if terraform is None else terraform), *_templates(mode), *more])


@cache
def _templates(mode: Mode) -> list[Resource]:
    return [
        *template_resources(PROCESSOR / "template.yaml", {"Mode": mode, "CanaryDeployment": "true"}),
        *template_resources(REPORTER / "template.yaml", {}),
    ]
