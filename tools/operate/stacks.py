"""CloudFormation stacks that an interrupted deployment has left behind."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from operate.environment import Environment, OperationError

_NEVER_MADE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"}
_MAX_SECONDS = 900


def settle(environment: Environment, name: str, sleep: Callable[[float], None] = time.sleep) -> Iterator[str]:
    """Wait until nothing happens to a stack, and delete one that was never made whole. Yields lines that say so.

    Raises:
        OperationError: it takes too long.
    """
    formation = environment.client("cloudformation")
    begun, said = time.monotonic(), False
    while (status := _status(formation, name)) is not None:
        if status in _NEVER_MADE:
            yield f"the stack {name} was left as {status} by an interrupted deployment: deleting it"
            formation.delete_stack(StackName=name)
        elif not status.endswith("_IN_PROGRESS"):
            return
        elif not said:
            yield f"the stack {name} is {status} from an interrupted deployment: waiting for it"
            said = True
        if time.monotonic() - begun > _MAX_SECONDS:
            raise OperationError(
                f"the stack {name} is still {status} after {_MAX_SECONDS} s; look at it in the console"
            )
        sleep(2)


def _status(formation: Any, name: str) -> str | None:
    try:
        found = formation.describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return None
    status = str(found[0]["StackStatus"]) if found else None
    return None if status == "DELETE_COMPLETE" else status
