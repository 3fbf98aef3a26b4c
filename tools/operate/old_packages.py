"""Removes what earlier deployments left: packages in SAM's bucket, and versions that no alias points to."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operate.lambda_function import Function

PACKAGES_KEPT = 3
"""The one that is deployed, the one that CloudFormation goes back to, and one more. A package has up to 50 MB."""

VERSIONS_KEPT = 10
"""Those that a rollback can choose from."""

_SAM_STACK = "aws-sam-cli-managed-default"


def remove_old_packages(function: Function) -> Iterator[str]:
    """Remove all but the latest packages and versions of a service. Yields lines that say what was done.

    What cannot be removed is said and no failure: the release itself is done.
    """
    try:
        objects = _remove_objects(function)
        versions = _remove_versions(function)
    except (ClientError, BotoCoreError) as error:
        yield f"old packages of {function.service} were not removed: {error}"
        return
    if objects or versions:
        yield f"removed what earlier deployments left: {objects} objects in S3, {versions} versions"


def _remove_objects(function: Function) -> int:
    bucket = _bucket(function)
    if bucket is None:
        return 0
    storage = function.environment.client("s3")
    pages = storage.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{function.stack}/")
    found = [each for page in pages for kind in ("Versions", "DeleteMarkers") for each in page.get(kind, [])]
    latest: dict[str, Any] = {}
    for each in found:
        latest[each["Key"]] = max(each["LastModified"], latest.get(each["Key"], each["LastModified"]))
    # Packages and templates lie side by side; of each kind, the latest are kept.
    kept: set[str] = set()
    for is_template in (False, True):
        keys = [key for key in latest if key.endswith(".template") is is_template]
        kept |= set(sorted(keys, key=lambda key: (latest[key], key), reverse=True)[:PACKAGES_KEPT])
    old = [each for each in found if each["Key"] not in kept]
    for each in old:
        storage.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    return len(old)


def _bucket(function: Function) -> str | None:
    client = function.environment.client("cloudformation")
    try:
        stacks = client.describe_stacks(StackName=_SAM_STACK)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None  # packages went to a bucket of the owner's own
        raise
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
    return outputs.get("SourceBucket")


def _remove_versions(function: Function) -> int:
    client = function.environment.client("lambda")
    aliases = client.list_aliases(FunctionName=function.name)["Aliases"]
    used = {alias["FunctionVersion"] for alias in aliases}
    for alias in aliases:
        used |= set(alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}))
    old = [version for version in function.versions()[:-VERSIONS_KEPT] if version not in used]
    for version in old:
        client.delete_function(FunctionName=function.name, Qualifier=version)
    return len(old)
