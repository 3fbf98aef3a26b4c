"""The published parameters, from both sides: what Terraform publishes is what the services and workspaces consume."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from stack.paths import INFRASTRUCTURE, ROOT

WORKSPACES = ("worker", "processor", "reporter")
TEMPLATES = ("processor", "reporter")


class _Loader(yaml.SafeLoader):
    """Reads a template without minding CloudFormation's short functions."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def listed() -> dict[str, dict[str, Any]]:
    parameters = json.loads((INFRASTRUCTURE / "parameters.json").read_text())
    return {parameter["name"]: parameter for parameter in parameters}


def is_plain(parameter: dict[str, Any]) -> bool:
    """Whether it is always there, in plain text, and so one that CloudFormation can read."""
    return not parameter.get("secure") and not parameter.get("optional")


def listed_for(consumer: str) -> set[str]:
    return {name for name, parameter in listed().items() if consumer in parameter["consumers"]}


def template_parameters(service: str) -> dict[str, dict[str, Any]]:
    template = yaml.load((ROOT / service / "template.yaml").read_text(), Loader=_Loader)  # noqa: S506 - the loader is a safe one
    return {
        name: parameter
        for name, parameter in template["Parameters"].items()
        if parameter["Type"].startswith("AWS::SSM::Parameter::Value")
    }


def in_template(service: str) -> set[str]:
    return {parameter["Default"].rpartition("/")[2] for parameter in template_parameters(service).values()}


def named_in_code(folder: Path, names: set[str]) -> set[str]:
    """Return which of the names stand, in quotes or at the end of a path, in the folder's tracked files."""
    files = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    code = [
        path.read_text()
        for path in (ROOT / file for file in files.split("\0") if file)
        if path.suffix in {".py", ".yaml", ".jsonc", ".tf", ""} and "tests" not in path.parts and path.is_file()
    ]
    return {
        name for name in names if any(re.search(rf"""["'/]{name}(["'\s]|$)""", text, re.MULTILINE) for text in code)
    }


def test_every_parameter_is_listed_once_and_described() -> None:
    parameters = json.loads((INFRASTRUCTURE / "parameters.json").read_text())

    assert len({parameter["name"] for parameter in parameters}) == len(parameters)
    assert all(
        parameter.keys() - {"secure", "optional"} == {"name", "publisher", "consumers", "description"}
        for parameter in parameters
    )
    assert all(parameter["consumers"] and parameter["description"].endswith(".") for parameter in parameters)


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_a_workspace_publishes_what_is_listed_for_it(workspace: str) -> None:
    code = (INFRASTRUCTURE / "workspaces" / workspace / "parameters.tf").read_text()
    values = code[code.index("parameter_values = {") : code.index('resource "aws_ssm_parameter"')]

    published = set(re.findall(r'^\s+"([a-z-]+)"\s+=', values, re.MULTILINE))

    assert published == {
        name for name, parameter in listed().items() if parameter["publisher"] == workspace and is_plain(parameter)
    }


@pytest.mark.parametrize("workspace", ["processor", "reporter"])
def test_a_workspace_reads_what_is_listed_for_it_and_says_who_publishes_it(workspace: str) -> None:
    code = (INFRASTRUCTURE / "workspaces" / workspace / "requirements.tf").read_text()

    blocks = re.findall(
        r'data "aws_ssm_parameter" "apply_(\w+)_workspace_first" \{\n  for_each = toset\((\[.*?\])\)', code
    )

    read = {name: publisher for publisher, names in blocks for name in json.loads(names)}
    assert set(read) == listed_for(f"infrastructure/workspaces/{workspace}")
    assert {name: listed()[name]["publisher"] for name in read} == read


@pytest.mark.parametrize("service", TEMPLATES)
def test_a_template_consumes_published_parameters_only(service: str) -> None:
    assert in_template(service) <= listed_for(service)


@pytest.mark.parametrize("service", ["edge-worker", *TEMPLATES])
def test_a_service_consumes_everything_that_is_published_for_it(service: str) -> None:
    names = listed_for(service)

    assert named_in_code(ROOT / service, names) == names


@pytest.mark.parametrize("service", TEMPLATES)
def test_each_parameter_of_a_template_says_the_same_in_every_environment(service: str) -> None:
    configuration = (ROOT / service / "samconfig.toml").read_text()

    for parameter, definition in template_parameters(service).items():
        name = definition["Default"].rpartition("/")[2]
        assert definition["Default"] == f"/edge-analytics/dev/{name}"
        assert f'"{parameter}=/edge-analytics/prod/{name}"' in configuration, parameter


def test_the_queue_hides_a_message_for_six_times_the_processors_timeout() -> None:
    """Both are written down once: here they meet."""
    template = (ROOT / "processor" / "template.yaml").read_text()
    variables = (INFRASTRUCTURE / "workspaces" / "worker" / "variables.tf").read_text()

    drain, stream = map(int, re.findall(r"Timeout: !If \[Drain, (\d+), (\d+)\]", template)[0])
    [assumed] = re.findall(r'"processor_timeout_seconds" \{.*?default\s+= (\d+)', variables, re.DOTALL)

    assert int(assumed) == stream
    assert drain < 6 * stream, "a drain must end before the messages it holds come back"
