"""The settings of a deployed reporter, read from its Lambda function."""

from __future__ import annotations

from typing import Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

# Published by the reporter's Terraform workspace; template.yaml reads the same parameter.
_FUNCTION_NAME_PARAMETER: Final = "/edge-analytics/{environment}/reporter-function-name"


class DeploymentError(ValueError):
    """There is no deployed reporter whose settings could be read."""


def deployed_environment(environment: str) -> dict[str, str]:
    """Return the variables of the reporter's function in an environment, `dev` or `prod`.

    Raises:
        DeploymentError: no such parameter or function, or no permission to read it.

    """
    parameter = _FUNCTION_NAME_PARAMETER.format(environment=environment)
    try:
        name = boto3.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
        answer = boto3.client("lambda").get_function_configuration(FunctionName=name)
    except (ClientError, BotoCoreError) as error:
        raise DeploymentError(
            f"the function named by {parameter} cannot be read: {error}. Check AWS_PROFILE and AWS_REGION, "
            "or AWS_ENDPOINT_URL for the local stack, and that the reporter is deployed"
        ) from None
    variables: dict[str, str] = answer.get("Environment", {}).get("Variables", {})
    return variables
