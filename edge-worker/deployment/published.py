"""Reads what the infrastructure has published in SSM for an environment."""

from typing import Any

from botocore.exceptions import ClientError

from deployment.wrangler import DeploymentError


def read_published(
    ssm: Any,
    environment: str,
    name: str,
    *,
    is_secret: bool = False,
    missing: str = "apply the workspace `worker` of the infrastructure first",
) -> str:
    """Read a parameter's value. Raises DeploymentError where it does not exist, which says what to do: `missing`."""
    parameter = f"/edge-analytics/{environment}/{name}"
    try:
        return str(ssm.get_parameter(Name=parameter, WithDecryption=is_secret)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        raise DeploymentError(f"{parameter} is missing: {missing}") from error
