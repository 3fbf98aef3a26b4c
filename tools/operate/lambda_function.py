"""The two Lambda functions, through their alias `live`: what it points to, and whether it answers."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from operate.environment import Environment, OperationError

ALIAS = "live"
_LONGEST_SECONDS = 900
_HARMLESS: dict[str, dict[str, Any]] = {
    # An empty batch: the answer names no failures.
    "processor": {"Records": []},
    # What the schedule asks for every morning. Doing it again changes nothing.
    "reporter": {"report": "daily"},
}


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
    def version(self) -> str | None:
        """The version that the alias points to, or None where nothing is deployed yet."""
        try:
            answer = self._client.get_alias(FunctionName=self.name, Name=ALIAS)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return str(answer["FunctionVersion"])

    def versions(self) -> list[str]:
        """Return all published versions, the oldest first."""
        pages = self._client.get_paginator("list_versions_by_function").paginate(FunctionName=self.name)
        found = [version["Version"] for page in pages for version in page["Versions"]]
        return sorted((version for version in found if version.isdecimal()), key=int)

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

    def invoke(self, payload: dict[str, Any]) -> Any:
        """Invoke the alias, wait, and return what it answers.

        Raises:
            OperationError: it fails, or nothing is deployed.
        """
        try:
            answer = self._client.invoke(FunctionName=self.name, Qualifier=ALIAS, Payload=json.dumps(payload).encode())
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                command = f"make release SERVICE={self.service} ENVIRONMENT={self.environment.name}"
                raise OperationError(f"{self.name} is not deployed: {command}") from None
            raise
        result = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            reason = result.get("errorMessage", result) if isinstance(result, dict) else result
            raise OperationError(f"{self.name}:{ALIAS} fails: {reason}")
        return result

    def smoke(self) -> Any:
        """Do through the alias what changes nothing, and return the answer.

        Raises:
            OperationError: it does not work.
        """
        return self.invoke(_HARMLESS[self.service])

    @property
    def _client(self) -> Any:
        return self.environment.client("lambda", read_timeout_seconds=_LONGEST_SECONDS)
