"""The template, the package and the contracts agree with the code."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from stored import item
from weeks import five_weeks

FOLDER = Path(__file__).parents[1]


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short intrinsic functions as plain values."""


Loader.add_multi_constructor(
    "!",
    lambda loader, _suffix, node: loader.construct_scalar(node),
)


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    text = (FOLDER / "template.yaml").read_text()
    parsed: dict[str, Any] = yaml.load(text, Loader)  # noqa: S506 - a safe loader
    return parsed


@pytest.fixture
def function(template: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = template["Resources"]["Function"]["Properties"]
    return properties


def test_the_handler_exists(function: dict[str, Any]) -> None:
    module, _, name = function["Handler"].rpartition(".")

    assert callable(getattr(importlib.import_module(module), name))


def test_the_template_sets_every_variable_that_the_settings_read(function: dict[str, Any]) -> None:
    text = (FOLDER / "src/reporter/settings.py").read_text()
    read = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', text))

    set_by_lambda = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_REGION"}
    read_by_numpy = {"OPENBLAS_NUM_THREADS"}
    assert set(function["Environment"]["Variables"]) == read - set_by_lambda | read_by_numpy


def test_numpy_uses_one_thread_in_the_function_and_in_commands(function: dict[str, Any]) -> None:
    makefile = (FOLDER / "Makefile").read_text()

    assert function["Environment"]["Variables"]["OPENBLAS_NUM_THREADS"] == "1"
    assert "export OPENBLAS_NUM_THREADS := 1\n" in makefile


def test_the_role_comes_from_outside_and_the_alias_is_live(function: dict[str, Any]) -> None:
    assert function["Role"] == "RoleArn"
    assert "Policies" not in function
    assert function["AutoPublishAlias"] == "live"
    assert function["Runtime"] == "python3.13"


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_parameter_of_an_environment_is_its_own(template: dict[str, Any], environment: str) -> None:
    configuration = tomllib.loads((FOLDER / "samconfig.toml").read_text())
    overrides = configuration[environment]["deploy"]["parameters"]["parameter_overrides"]
    given = dict(override.split("=", 1) for override in overrides)

    from_parameter_store = {
        name: each["Default"].replace("/dev/", f"/{environment}/")
        for name, each in template["Parameters"].items()
        if each["Type"] == "AWS::SSM::Parameter::Value<String>"
    }

    assert given == from_parameter_store | {"Environment": environment}


def test_the_packaged_requirements_are_the_locked_ones() -> None:
    uv = os.environ.get("UV") or shutil.which("uv")  # `uv run` tells where uv is
    if uv is None:
        pytest.skip("no uv to export the lock file with: run the tests with `make test`")
    command = [uv, "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--no-header"]
    exported = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=True)

    assert exported.stdout == (FOLDER / "requirements.txt").read_text()


def test_the_items_of_these_tests_are_items_as_the_contract_has_them() -> None:
    schema = json.loads((FOLDER / "contract/stored-item/v1.schema.json").read_text())
    validator = jsonschema.Draft7Validator(schema)

    def as_json(value: Any) -> Any:
        if isinstance(value, set):
            return sorted(value)
        if isinstance(value, dict):
            return {name: as_json(each) for name, each in value.items()}
        return value if isinstance(value, (str, list)) else float(value)

    for each in [*five_weeks()[:100], item("2026-11-10T10:00", rating="up", comment="thanks")]:
        validator.validate(as_json(each))


def test_the_package_fits_the_limit_of_lambda_with_room_to_grow() -> None:
    lock = tomllib.loads((FOLDER / "uv.lock").read_text())
    packaged = {line.split("==")[0] for line in (FOLDER / "requirements.txt").read_text().splitlines() if "==" in line}
    zipped = 0
    for package in lock["package"]:
        if package["name"] in packaged:
            wheels = [wheel for wheel in package.get("wheels", []) if _fits_lambda(wheel["url"])]
            assert wheels, f"{package['name']} has no wheel for Lambda's Python 3.13 on arm64"
            zipped += max(wheel["size"] for wheel in wheels)

    # Wheels hold what Lambda unpacks, compressed: 48 MB become 92 MB (limit 250 MB unpacked).
    assert zipped < 60_000_000


def _fits_lambda(url: str) -> bool:
    name = url.rsplit("/", 1)[1]
    is_pure = name.endswith("-none-any.whl")
    return is_pure or ("aarch64" in name and "manylinux" in name and ("cp313-cp313-" in name or "abi3" in name))
