"""Reads the IAM policies that the tests of the workspaces render, and evaluates requests with them.

Actions and the resources they take are those of AWS's service authorization reference, as policy_sentry packages it.
The evaluation covers what the policies use: identity policies with Allow, wildcards, a permissions boundary, and the
condition operators below. docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from policies.cases import Case

_BESIDE_THE_REFERENCE: Final = {
    # Newer than the packaged reference; it is in the service's API model (botocore 1.44).
    "lambda:GetFunctionScalingConfig": "arn:*:lambda:*:*:function:*",
    # CloudFormation asks for it on a transform too, which the reference does not list.
    "cloudformation:CreateChangeSet": "arn:*:cloudformation:*:*:*/*",
}
_LENGTHS: Final = {"aws_iam_role": 64, "aws_iam_user": 64, "aws_iam_policy": 128, "aws_sqs_queue": 80}
"""The longest names that the services take."""


@dataclass(frozen=True)
class Policy:
    """A rendered policy."""

    address: str
    statements: tuple[Mapping[str, Any], ...]

    def allows(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Return whether a statement allows a request."""
        return any(
            any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _listed(statement["Action"]))
            and any(_matches(resource, pattern) for pattern in _listed(statement["Resource"]))
            and _fulfilled(statement.get("Condition", {}), context)
            for statement in self.statements
        )


@dataclass
class Plans:
    """Everything that the tests of the workspaces planned."""

    policies: dict[str, Policy] = field(default_factory=dict)
    names: set[tuple[str, str]] = field(default_factory=set)
    """Types and names of resources."""

    def add(self, workspace: str, change: Mapping[str, Any]) -> None:
        """Take in one planned resource."""
        planned = change["change"]["after"] or {}
        if isinstance(planned.get("name"), str):
            self.names.add((change["type"], planned["name"]))
        if change["type"] in {"aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_policy"} and planned.get("policy"):
            address = f"{workspace}: {change['address']}"
            statements = json.loads(planned["policy"])["Statement"]
            self.policies[address] = Policy(
                address, tuple(statements if isinstance(statements, list) else [statements])
            )

    def one(self, address: str) -> Policy:
        """Return the policy at an address.

        Raises:
            SystemExit: there is none.

        """
        if address not in self.policies:
            sys.exit(f"error: no test renders the policy {address}; there are: {', '.join(sorted(self.policies))}")
        return self.policies[address]


def read(folder: Path) -> Plans:
    """Read the plans of the workspaces' tests: of several with the same resource, the last."""
    plans = Plans()
    for path in sorted(folder.glob("*.json")):
        for changes in json.loads(path.read_text(encoding="utf-8")):
            for change in changes:
                plans.add(path.stem, change)
    return plans


def problems(plans: Plans, cases: Iterable[Case]) -> Iterator[str]:
    """Yield what is wrong, each as a sentence."""
    for policy in plans.policies.values():
        yield from _unknown(policy)
    boundary = plans.one('account: module.permissions_boundary["dev"].aws_iam_policy.boundary')
    for address, policy in plans.policies.items():
        if not address.startswith("account:"):
            yield from _outside(policy, boundary)
    for case in cases:
        allowed = plans.one(case.policy).allows(case.action, case.resource, case.context)
        if allowed != case.allowed:
            yield f"{case.policy} {'does not allow' if case.allowed else 'allows'} {case}"
    for kind, name in sorted(plans.names):
        if len(name) > _LENGTHS.get(kind, 255):
            yield f"the {kind} {name} has {len(name)} characters; {_LENGTHS[kind]} are allowed"


def _unknown(policy: Policy) -> Iterator[str]:
    """Yield the actions that AWS does not know, or that take none of the resources they are given."""
    for statement in policy.statements:
        given = _listed(statement["Resource"])
        for action in _listed(statement["Action"]):
            forms = _resource_forms(action)
            if forms is None:
                yield f"{policy.address}: {action} is no action of AWS"
            elif not any(resource == "*" or _meet(resource, form) for resource in given for form in forms or {"*"}):
                yield f"{policy.address}: {action} does not apply to {', '.join(given)}"
            elif not forms and given != ["*"]:
                yield f"{policy.address}: {action} takes no resource but *, and gets {', '.join(given)}"


def _resource_forms(action: str) -> set[str] | None:
    """Return the forms of the ARNs that an action takes, none if it takes only `*`; None if there is no such action."""
    if action in _BESIDE_THE_REFERENCE:
        return {_BESIDE_THE_REFERENCE[action]}
    # Installed with the security scanner, beside which no type checker fits.
    reference = importlib.import_module("policy_sentry.querying.actions")
    service, _, name = action.partition(":")
    found = reference.get_action_data(service, name)
    if not found:
        return None
    forms = {entry["resource_arn_format"] for entry in found[service]} - {"*"}
    return {re.sub(r"\$\{\w+\}", "*", form) for form in forms}


@cache
def _meet(one: str, other: str) -> bool:
    """Return whether there is a text that both patterns match, `*` being any text."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _meet(one[1:], other) or _meet(one, other[1:])
    if other[0] == "*":
        return _meet(other, one)
    return one[0] == other[0] and _meet(one[1:], other[1:])


def _outside(policy: Policy, boundary: Policy) -> Iterator[str]:
    """Yield what a service's own policy grants and its boundary would take away."""
    for statement in policy.statements:
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                if not boundary.allows(action, resource, {}):
                    yield f"{policy.address}: {action} on {resource} is outside the permissions boundary"


def _fulfilled(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    for operator, keys in conditions.items():
        for key, values in keys.items():
            if operator == "ForAllValues:StringLike":
                fulfilled = key not in context or any(fnmatchcase(context[key], value) for value in _listed(values))
            elif operator in {"StringEquals", "ArnEquals", "ArnLike"}:
                # All of AWS's wildcards: ArnEquals takes them too, StringEquals takes none.
                match = _matches if operator.startswith("Arn") else str.__eq__
                fulfilled = key in context and any(match(context[key], value) for value in _listed(values))
            else:
                sys.exit(f"error: the condition operator {operator} is not evaluated here")
            if not fulfilled:
                return False
    return True


def _matches(arn: str, pattern: str) -> bool:
    return fnmatchcase(arn, pattern.replace("[", "[[]"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
