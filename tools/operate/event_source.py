"""Whether anything reads the queue: Lambda's pollers (`stream`) or a schedule (`drain`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from operate.environment import Environment
from operate.lambda_function import Function

_SCHEDULE = "AWS::Events::Rule"


@dataclass(frozen=True)
class Readers:
    """What reads the queue."""

    mapping: str | None
    """The event source mapping's id; None where there is none."""
    mapping_state: str
    """In small letters, such as `enabled`."""
    schedule: str | None
    """The name of the rule that drains the queue; None where there is none."""
    schedule_is_enabled: bool
    schedule_is_gone: bool = False
    """Whether the stack should have one that is not there."""

    @property
    def are_reading(self) -> bool:
        """Whether either of them is switched on."""
        return self.mapping_state in {"enabled", "enabling", "creating", "updating"} or self.schedule_is_enabled


def readers(environment: Environment) -> Readers:
    """Look at the event source mapping and at the schedule of the processor's stack."""
    mappings = environment.client("lambda").list_event_source_mappings(EventSourceArn=environment["queue-arn"])
    mapping: dict[str, Any] = next(iter(mappings["EventSourceMappings"]), {})
    schedule = _schedule(environment)
    enabled = gone = False
    if schedule:
        events = environment.client("events")
        try:
            enabled = events.describe_rule(Name=schedule).get("State") == "ENABLED"
        except events.exceptions.ResourceNotFoundException:
            gone = True
    return Readers(mapping.get("UUID"), str(mapping.get("State", "missing")).lower(), schedule, enabled, gone)


def start_reading(processor: Function) -> Iterator[str]:
    """Enable what should read the queue where nothing does; a deployment does not notice that."""
    if processor.service != "processor":
        return
    environment = processor.environment
    try:
        found = readers(environment)
        if found.are_reading:
            return
        drains = _mode(environment) == "drain"
    except ClientError:  # a workflow's role need not be allowed to look
        return
    if drains and found.schedule and not found.schedule_is_gone:
        environment.client("events").enable_rule(Name=found.schedule)
        yield f"nothing read the queue: the schedule {found.schedule}, which was disabled, is enabled again"
    elif not drains and found.mapping:
        environment.client("lambda").update_event_source_mapping(UUID=found.mapping, Enabled=True)
        yield f"nothing read the queue: the event source mapping, which was {found.mapping_state}, is enabled again"


def _mode(environment: Environment) -> str:
    """Return the mode that the processor's stack was deployed in."""
    stacks = environment.client("cloudformation").describe_stacks(StackName=_stack(environment))["Stacks"]
    parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stacks[0].get("Parameters", [])}
    return str(parameters.get("Mode", "stream"))


def _stack(environment: Environment) -> str:
    return f"edge-analytics-{environment.name}-processor"


def _schedule(environment: Environment) -> str | None:
    formation = environment.client("cloudformation")
    try:
        resources = formation.describe_stack_resources(StackName=_stack(environment))
    except ClientError:
        return None
    names = [
        resource.get("PhysicalResourceId")
        for resource in resources["StackResources"]
        if resource["ResourceType"] == _SCHEDULE
    ]
    return str(names[0]).rpartition("/")[2] if names and names[0] else None
