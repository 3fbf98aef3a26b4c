"""What is deployed, as far as it is charged or sets the pace: read from planned resources and templates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from cost.plans import planned_resources
from cost.price_book import PriceBook, PriceBookError
from cost.resources import Resource
from cost.schedule import runs_a_month, seconds_between_runs
from cost.templates import template_resources
from stack.paths import PROCESSOR, REPORTER

Mode: TypeAlias = Literal["stream", "drain"]

HOURS_A_MONTH = 744
"""Of the longest month, which the free tiers on unit-hours are made for."""


@dataclass(frozen=True)
class Function:
    """A Lambda function."""

    memory_megabytes: int
    timeout_seconds: int
    architecture: str

    def gigabyte_seconds(self, seconds: float) -> float:
        """Return what Lambda charges for running that long."""
        return seconds * self.memory_megabytes / 1024


@dataclass(frozen=True)
class Deployed:
    """The pipeline as it is configured."""

    resources: tuple[Resource, ...]
    processor: Function
    reporter: Function
    streams: bool
    """Whether Lambda polls the queue."""
    batch_size: int
    maximum_concurrency: int
    drain_seconds: int | None
    """Between two scheduled drains; None where none are scheduled."""
    drains_a_month: int
    reports_a_month: Mapping[str, int]
    """By what the reporter is asked for."""
    visibility_seconds: int
    receive_limit: int
    write_units: int
    read_units: int
    on_demand: bool
    """Whether the table's requests are charged instead of its capacity."""
    indexes: int
    """Of the table: each is written to beside it."""
    recoverable: bool
    """Whether the table can be restored to a point in time."""

    def standing_charges(self, book: PriceBook) -> dict[str, float]:
        """Return what is charged for being there: amounts by meter.

        Raises:
            PriceBookError: the price book does not know a resource's type.
        """
        amounts: dict[str, float] = {}
        for resource in self.resources:
            charged = _charge(resource, book)
            for meter, amount in _standing(resource, charged.get("each")):
                amounts[meter] = amounts.get(meter, 0) + amount
        return amounts


def deployed(directory: Path, mode: Mode, *, canary: bool = True) -> Deployed:
    """Return what Terraform and SAM would deploy now.

    Args:
        directory: for Terraform's plans.
        mode: of the processor.
        canary: whether new versions get a part of the traffic first, which deploys more.

    Raises:
        ProgramError: Terraform cannot plan.
    """
    processor = {"Mode": mode, "CanaryDeployment": str(canary).lower()}
    return deployed_of(
        [
            *planned_resources(directory),
            *template_resources(PROCESSOR / "template.yaml", processor),
            *template_resources(REPORTER / "template.yaml", {}),
        ]
    )


def deployed_of(resources: Iterable[Resource]) -> Deployed:
    """Return the configuration that these resources have together.

    Raises:
        PriceBookError: they are not those of the pipeline.
    """
    found = tuple(resources)
    queue = _one(found, "aws_sqs_queue", lambda queue: queue["fifo_queue"] and queue["receive_wait_time_seconds"] > 0)
    table = _one(found, "aws_dynamodb_table")
    source = _one(found, "AWS::Lambda::EventSourceMapping")
    drain = _one(found, "AWS::Events::Rule")
    drains = drain.get("State") == "ENABLED"
    return Deployed(
        resources=found,
        processor=_function(found, "processor"),
        reporter=_function(found, "reporter"),
        streams=source.get("Enabled", True) is True,
        batch_size=source["BatchSize"],
        maximum_concurrency=source["ScalingConfig"]["MaximumConcurrency"],
        drain_seconds=seconds_between_runs(drain["ScheduleExpression"]) if drains else None,
        drains_a_month=runs_a_month(drain["ScheduleExpression"]) if drains else 0,
        reports_a_month=_reports(found),
        visibility_seconds=queue["visibility_timeout_seconds"],
        receive_limit=_receive_limit(found, queue),
        write_units=table.get("write_capacity") or 0,
        read_units=table.get("read_capacity") or 0,
        on_demand=table["billing_mode"] != "PROVISIONED",
        indexes=len(table.get("global_secondary_index") or []),
        recoverable=any(setting["enabled"] for setting in table.get("point_in_time_recovery") or []),
    )


def _charge(resource: Resource, book: PriceBook) -> Mapping[str, Any]:
    if resource.type not in book.resource_types:
        raise PriceBookError(
            f"{resource.name} is of the type {resource.type}, which the price book does not know: "
            "add to its `resource_types` what it is charged by, or that it is free and why"
        )
    charged = book.resource_types[resource.type]
    for name, known in charged.get("only", {}).items():
        if (value := resource.properties.get(name)) not in known:
            raise PriceBookError(
                f"{resource.name} has {name} = {value}: the price book knows {resource.type} only without that"
            )
    return charged


def _standing(resource: Resource, each: str | None) -> list[tuple[str, float]]:
    properties = resource.properties
    if resource.type == "aws_dynamodb_table":
        if properties["billing_mode"] != "PROVISIONED":
            return []
        # An index has capacity of its own, beside the table's.
        parts = [properties, *(properties.get("global_secondary_index") or [])]
        return [
            (f"dynamodb-{kind}-unit-hour", (part.get(f"{kind}_capacity") or 0) * HOURS_A_MONTH)
            for part in parts
            for kind in ("write", "read")
        ]
    if resource.type == "aws_cloudwatch_log_metric_filter":
        return [("cloudwatch-metric", len(properties["metric_transformation"]))]
    return [(each, 1)] if each else []


def _reports(resources: Sequence[Resource]) -> dict[str, int]:
    schedules = [resource.properties for resource in resources if resource.type == "aws_scheduler_schedule"]
    return {schedule["name"]: runs_a_month(schedule["schedule_expression"]) for schedule in schedules}


def _receive_limit(resources: Sequence[Resource], queue: Mapping[str, Any]) -> int:
    """Return after how many receives a message goes to the dead-letter queue.

    A plan does not show the redrive policy, which holds an ARN that is not known yet. But an alarm's threshold is how
    long a message can take to use up its receives.
    """
    alarm = _one(
        resources, "aws_cloudwatch_metric_alarm", lambda alarm: alarm["metric_name"] == "ApproximateAgeOfOldestMessage"
    )
    return int(alarm["threshold"] / queue["visibility_timeout_seconds"])


def _function(resources: Sequence[Resource], service: str) -> Function:
    [function] = [
        resource.properties
        for resource in resources
        if resource.type == "AWS::Lambda::Function" and resource.name.startswith(f"{service}:")
    ]
    return Function(function["MemorySize"], function["Timeout"], function["Architectures"][0])


def _one(resources: Sequence[Resource], type_: str, condition: Any = lambda _: True) -> Mapping[str, Any]:
    found = [resource.properties for resource in resources if resource.type == type_ and condition(resource.properties)]
    if len(found) != 1:
        raise PriceBookError(f"the cost model expects one {type_} like the pipeline's and found {len(found)}")
    return found[0]
