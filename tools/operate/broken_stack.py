"""Stacks of which somebody has deleted a part by hand, which CloudFormation does not notice."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from operate.event_source import readers
from operate.lambda_function import Function


def missing_part(function: Function) -> str | None:
    """Return which part of a service's stack is not there, or None; also None where this role may not look."""
    if function.version is None:
        return f"{function.name}:{function.alias}" if function.versions() else function.name
    if function.service != "processor":
        return None
    try:
        found = readers(function.environment)
    except ClientError:
        return None
    if found.mapping is None:
        return f"the event source mapping of {function.name}"
    return f"the schedule of {function.name}" if found.schedule_is_gone else None


def remove_a_broken_stack(function: Function) -> Iterator[str]:
    """Delete a stack that lacks a part, so that the next deployment makes all of it. Yields lines that say so.

    Events wait in the queue meanwhile.
    """
    missing = missing_part(function)
    if missing is None:
        return
    formation = function.environment.client("cloudformation")
    try:
        formation.describe_stacks(StackName=function.stack)
    except ClientError:  # there is none: nothing was deployed yet
        return
    yield f"{missing} was deleted, but its stack {function.stack} was not: deleting it, to deploy it again"
    formation.delete_stack(StackName=function.stack)
    formation.get_waiter("stack_delete_complete").wait(StackName=function.stack, WaiterConfig={"Delay": 2})
