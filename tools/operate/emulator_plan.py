"""Which planned changes are the emulator's doing: it returns other values than it was given."""

import json
from collections.abc import Mapping
from typing import Any

from operate.workspaces import Change
from stack.emulator_faults import adapted

_POLICIES = {"aws_iam_role_policy", "aws_iam_user_policy"}
_ALARM = "aws_cloudwatch_metric_alarm"
_NOTHING: tuple[object, ...] = ("", 0, False, None, [], {}, "missing")
"""What an alarm's settings come back as, most of them; "missing" is how missing data are treated by default."""


def is_emulators(change: Change) -> bool:
    """Return whether a change would only write again what the emulator has changed or does not tell."""
    if change.actions != ("update",):
        return False
    if change.type in _POLICIES:
        planned, present = _policy(change.values), _policy(change.before)
        return planned is not None and planned == present
    return change.type == _ALARM and all(change.before.get(name) in _NOTHING for name in _differences(change))


def _policy(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a policy as the emulator needs it; None where it is not known before the apply."""
    text = values.get("policy")
    return adapted(json.loads(text)) if text else None


def _differences(change: Change) -> set[str]:
    names = {*change.values, *change.before}
    return {name for name in names if change.values.get(name) != change.before.get(name)}
