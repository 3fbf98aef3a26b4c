"""The settings of a deployed reporter, read from its Lambda function."""

from __future__ import annotations

from typing import Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

_FUNCTION: Final = "edge-analytics-{stage}-reporter"


class DeploymentError(ValueError):
    """There is no deployed reporter whose settings could be read."""


def deployed_environment(stage: str) -> dict[str, str]:
    """Return the environment variables of the reporter of an environment, `dev` or `prod`.

    Raises:
        DeploymentError: no function of that name, or no permission to look.

    """
    name = _FUNCTION.format(stage=stage)
    try:
        answer = boto3.client("lambda").get_function_configuration(FunctionName=name)
    except (ClientError, BotoCoreError) as error:
        raise DeploymentError(
            f"the function {name} cannot be read: {error}. Check AWS_PROFILE and AWS_REGION, "
            "or AWS_ENDPOINT_URL for the local stack, and that the reporter is deployed"
        ) from None
    variables: dict[str, str] = answer.get("Environment", {}).get("Variables", {})
    return variables
