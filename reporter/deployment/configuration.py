"""Reads the service's own files: samconfig.toml and the built template."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_PUBLISHED = "AWS::SSM::Parameter::Value<String>"


@dataclass(frozen=True)
class Configuration:
    """An environment's section of samconfig.toml."""

    region: str
    stack_name: str
    parameters: Mapping[str, str]

    @staticmethod
    def read(path: Path, environment: str) -> "Configuration":
        """Read the section.

        Raises:
            KeyError: There is none of that environment.
        """
        section = tomllib.loads(path.read_text("utf-8"))[environment]
        shared = section["global"]["parameters"]
        overrides = section["deploy"]["parameters"]["parameter_overrides"]
        return Configuration(shared["region"], shared["stack_name"], dict(each.split("=", 1) for each in overrides))


@dataclass(frozen=True)
class Template:
    """The parameters that a template declares, with their types and defaults."""

    declared: Mapping[str, Mapping[str, Any]]

    @staticmethod
    def read(path: Path) -> "Template":
        """Read a template's parameters."""
        document = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
        return Template(document["Parameters"])

    def known(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return those of the parameters that the template has."""
        return {name: value for name, value in parameters.items() if name in self.declared}

    def published(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return by parameter the names in the Parameter Store that its values come from."""
        return {
            name: str(parameters.get(name, declared.get("Default", "")))
            for name, declared in self.declared.items()
            if declared["Type"] == _PUBLISHED
        }


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short intrinsic functions as nothing: no parameter has any."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)
