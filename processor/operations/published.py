"""The names of an environment's resources, as Terraform publishes them."""

import boto3
from botocore.exceptions import ClientError


def published(environment: str, name: str) -> str:
    """The value of the SSM parameter `/edge-analytics/<environment>/<name>`.

    Raises:
        SystemExit: It is not published, or may not be read.
    """
    path = f"/edge-analytics/{environment}/{name}"
    try:
        value: str = boto3.client("ssm").get_parameter(Name=path)["Parameter"]["Value"]
    except ClientError as error:
        raise SystemExit(f"error: {path} cannot be read: {error.response['Error']['Code']}") from None
    return value
