"""The two Lambda functions, through their alias `live`: what it points to, and which versions there are."""

import json
import re
from dataclasses import dataclass
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from operate.environment import Environment, OperationError

ALIAS = "live"
_MAX_SECONDS = 900
_REJECTED = "rejected by a release: "


@dataclass(frozen=True)
class Function:
    """A service's function in an environment."""

    environment: Environment
    service: str
    alias: ClassVar[str] = ALIAS

    @property
    def name(self) -> str:
        """The function's name, as Terraform publishes it."""
        return self.environment[f"{self.service}-function-name"]

    @property
    def stack(self) -> str:
        """The name of the CloudFormation stack that deploys it."""
        return f"edge-analytics-{self.environment.name}-{self.service}"

    @property
    def version(self) -> str | None:
        """The version that the alias points to, or None where nothing is deployed yet."""
        found = self._alias()
        return str(found["FunctionVersion"]) if found else None

    def versions(self) -> list[str]:
        """Return all published versions, the oldest first; none where nothing is deployed."""
        try:
            pages = self._client.get_paginator("list_versions_by_function").paginate(FunctionName=self.name)
            found = [version["Version"] for page in pages for version in page["Versions"]]
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                return []
            raise
        return sorted((version for version in found if version.isdecimal()), key=int)

    def rejected(self) -> list[str]:
        """Return the versions that a release has rejected, as the alias's description names them."""
        found = self._alias() or {}
        description = str(found.get("Description", ""))
        return re.findall(r"\d+", description.partition(_REJECTED)[2])

    def reject(self, version: str) -> None:
        """Note in the alias's description that a version failed its smoke test."""
        rejected = sorted({*self.rejected(), version}, key=int)[-40:]  # a description has 256 characters
        self._client.update_alias(FunctionName=self.name, Name=ALIAS, Description=_REJECTED + ", ".join(rejected))

    def point_to(self, version: str) -> None:
        """Let the alias point to a version, with all of its traffic at once; the next deployment moves it on again.

        Raises:
            ClientError: somebody else has moved the alias meanwhile.
        """
        revision = self._client.get_alias(FunctionName=self.name, Name=ALIAS)["RevisionId"]
        self._client.update_alias(
            FunctionName=self.name,
            Name=ALIAS,
            FunctionVersion=version,
            # A canary deployment may have left a share of the traffic with another version.
            RoutingConfig={"AdditionalVersionWeights": {}},
            RevisionId=revision,
        )

    def invoke(self, payload: dict[str, Any], *, version: str = ALIAS) -> Any:
        """Invoke the alias, or a version, wait, and return what it answers.

        Raises:
            OperationError: it fails, or nothing is deployed.
        """
        try:
            answer = self._client.invoke(
                FunctionName=self.name, Qualifier=version, Payload=json.dumps(payload).encode()
            )
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                command = f"make release SERVICE={self.service} ENVIRONMENT={self.environment.name}"
                raise OperationError(f"{self.name}:{version} does not exist: {command}") from None
            raise
        result = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            reason = result.get("errorMessage", result) if isinstance(result, dict) else result
            raise OperationError(f"{self.name}:{version} fails: {reason}")
        return result

    def _alias(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.get_alias(FunctionName=self.name, Name=ALIAS)
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                return None
            raise
        return found

    @property
    def _client(self) -> Any:
        return self.environment.client("lambda", read_timeout_seconds=_MAX_SECONDS)


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
