"""One environment (`dev` or `prod`) of an AWS account, or of what AWS_ENDPOINT_URL names: its clients and names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_REGION = "eu-west-2"
"""That of the Terraform workspaces and of both samconfig.toml, unless they are changed."""

ANSWERS_FILE = ROOT / "answers.toml"
UP_DIRECTORY = ROOT / "build" / "up"
"""What `make up` was told, and what it keeps while it works: a folder for each environment."""

SIGN_IN = "Sign in (aws sso login, or set AWS_PROFILE); docs/deploy.md says how"
"""What to do where AWS gets no credentials."""

NAMES = ("dev", "prod")
SERVICES = ("processor", "reporter")


class OperationError(Exception):
    """It cannot be done. The message says why, and what to do."""


@dataclass(frozen=True)
class Parameter:
    """A name that Terraform publishes, as infrastructure/parameters.json describes it."""

    name: str
    publisher: str
    """The workspace that publishes it."""
    optional: bool = False
    """Whether an environment may do without it."""
    kind: str = "String"
    """How SSM keeps it; a secret is a `SecureString`."""


@dataclass(frozen=True)
class TableKeys:
    """The table's key and expiry attributes, by the contract of the workspace that makes the table."""

    partition_key: str
    sort_key: str
    time_to_live: str


def parameters_of_contract() -> list[Parameter]:
    """Return every parameter that there should be, in the order in which the workspaces are applied."""
    listed = json.loads((ROOT / "infrastructure" / "parameters.json").read_text(encoding="utf-8"))
    return [
        Parameter(
            entry["name"],
            entry["publisher"],
            bool(entry.get("optional")),
            "SecureString" if entry.get("secure") else "String",
        )
        for entry in listed
    ]


def table_keys() -> TableKeys:
    """Return the names of the table's keys."""
    file = ROOT / "infrastructure" / "modules" / "event-table" / "keys.json"
    return TableKeys(**json.loads(file.read_text(encoding="utf-8")))


class Environment:
    """An environment, by the credentials and the region that the AWS command line would use."""

    def __init__(self, name: str, *, attempts: int = 8) -> None:
        """Find an environment.

        Args:
            name: `dev` or `prod`.
            attempts: how often to try what AWS does not answer or throttles.
        """
        self.name = name
        self._attempts = attempts
        self._clients: dict[tuple[str, float], Any] = {}

    @cached_property
    def _session(self) -> Any:
        return boto3.session.Session()

    @cached_property
    def region(self) -> str:
        """The Region of the credentials' profile or of the environment variables, or the default one.

        Raises:
            ProfileNotFound: AWS_PROFILE names one that does not exist.
        """
        return str(self._session.region_name or DEFAULT_REGION)

    def client(self, service: str, *, read_timeout_seconds: float = 60) -> Any:
        """Return a client of an AWS service.

        Raises:
            OperationError: the endpoint that is named is no URL.
        """
        config = Config(
            read_timeout=read_timeout_seconds, retries={"mode": "adaptive", "total_max_attempts": self._attempts}
        )
        key = (service, read_timeout_seconds)
        if key not in self._clients:
            try:
                self._clients[key] = self._session.client(service, region_name=self.region, config=config)
            except ValueError as error:
                raise OperationError(f"{error}: correct AWS_ENDPOINT_URL, or unset it for AWS itself") from None
        return self._clients[key]

    @cached_property
    def published(self) -> Mapping[str, str]:
        """What the Terraform workspaces publish, by name."""
        return {name: parameter["Value"] for name, parameter in self._parameters.items()}

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """How SSM keeps each of them, such as `String`, by name."""
        return {name: parameter["Type"] for name, parameter in self._parameters.items()}

    @cached_property
    def _parameters(self) -> Mapping[str, Mapping[str, str]]:
        prefix = f"/edge-analytics/{self.name}/"
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
        return {parameter["Name"].removeprefix(prefix): parameter for page in pages for parameter in page["Parameters"]}

    def __getitem__(self, name: str) -> str:
        """Return a published parameter.

        Raises:
            OperationError: the workspace that publishes it has not been applied.
        """
        try:
            return self.published[name]
        except KeyError:
            raise OperationError(
                f"/edge-analytics/{self.name}/{name} is not there in {self.region}: {self.how_to_publish(name)}"
            ) from None

    def how_to_publish(self, name: str) -> str:
        """Say which command makes a parameter."""
        publishers = {parameter.name: parameter.publisher for parameter in parameters_of_contract()}
        return self.how_to_apply(publishers[name])

    def how_to_apply(self, workspace: str) -> str:
        """Say which command makes what a workspace describes: that by which it was made."""
        if self._is_made_by_up:
            return f"make up ENVIRONMENT={self.name}"
        of_environment = "" if workspace == "account" else f" ENVIRONMENT={self.name}"
        return f"make -C infrastructure deploy WORKSPACE={workspace}{of_environment}"

    @cached_property
    def _is_made_by_up(self) -> bool:
        if (UP_DIRECTORY / self.name).is_dir():
            return True
        return ANSWERS_FILE.is_file() and f"[{self.name}]" in ANSWERS_FILE.read_text(encoding="utf-8")
