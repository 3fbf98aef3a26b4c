"""Takes a broken version of the function out of service."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ALIAS = "live"


class VersionError(ValueError):
    """There is no such version to go back to."""


def roll_back(client: "LambdaClient", function_name: str, version: str | None = None) -> str:
    """Lets the alias point to an earlier version, all of its traffic at once; the next deployment moves it on again.

    Args:
        client: Of Lambda.
        function_name: Whose alias.
        version: Which to go back to; by default the newest that is older than the present one.

    Returns:
        What was done, as a line to print.

    Raises:
        VersionError: There is no such version.
    """
    alias = client.get_alias(FunctionName=function_name, Name=ALIAS)
    present = alias["FunctionVersion"]
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function_name)
    versions = [int(found["Version"]) for page in pages for found in page["Versions"] if found["Version"].isdecimal()]
    wanted = int(version) if version and version.isdecimal() else None
    candidates = [wanted] if version else [found for found in versions if found < int(present)]
    target = max((found for found in candidates if found in versions), default=None)
    if target is None:
        known = ", ".join(map(str, sorted(versions))) or "none"
        raise VersionError(f"{function_name} has no version to go back to from {present}; versions: {known}")
    client.update_alias(
        FunctionName=function_name,
        Name=ALIAS,
        FunctionVersion=str(target),
        # A canary deployment may have left a share of the traffic with another version.
        RoutingConfig={"AdditionalVersionWeights": {}},
        # Fails if somebody else has moved the alias meanwhile.
        RevisionId=alias["RevisionId"],
    )
    return f"{function_name}:{ALIAS} now is version {target}, was {present}"
