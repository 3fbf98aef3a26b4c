"""Reads from AWS what a deployment depends on: published values, and what is deployed already."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from deployment.revision import Deployed

_ALIAS = "live"
_PARAMETERS_A_REQUEST = 10


class DeploymentError(Exception):
    """The service cannot be deployed. The message says what to do."""


def published_values(ssm: Any, names: Iterable[str]) -> dict[str, str]:
    """Return the values of parameters in the Parameter Store, by name.

    Raises:
        DeploymentError: Some are missing.
    """
    remaining = iter(sorted(set(names)))
    values: dict[str, str] = {}
    missing: list[str] = []
    while batch := list(islice(remaining, _PARAMETERS_A_REQUEST)):
        answer = ssm.get_parameters(Names=batch)
        values |= {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}
        missing += answer["InvalidParameters"]
    if missing:
        raise DeploymentError(
            f"not published in Region {ssm.meta.region_name}: {', '.join(sorted(missing))}. "
            "Apply the Terraform workspaces of infrastructure/ first"
        )
    return values


def deployed(cloudformation: Any, functions: Any, stack_name: str, function_name: str) -> Deployed:
    """Return what the stack has deployed and what the alias points to."""
    stack = _stack(cloudformation, stack_name)
    parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    version = outputs.get("VersionArn", "").rpartition(":")[2]
    return Deployed(parameters.get("Revision") or None, version or None, _alias_version(functions, function_name))


def _stack(client: Any, name: str) -> dict[str, Any]:
    try:
        stack: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error):
            return {}
        raise
    return stack


def _alias_version(client: Any, function_name: str) -> str | None:
    try:
        return str(client.get_alias(FunctionName=function_name, Name=_ALIAS)["FunctionVersion"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
