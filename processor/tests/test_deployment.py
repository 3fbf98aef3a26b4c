"""What makes a version new, held against SAM's own transformation, and what is told to `sam deploy`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from deployment import __main__ as program
from deployment.aws import DeploymentError, deployed, published_values
from deployment.configuration import Configuration, Template
from deployment.revision import Deployed, content_digest, next_revision, with_default

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "template.yaml"
NOTHING = Deployed(None, None, None)

words = st.text(st.characters(codec="utf-8"), max_size=8)


def translate(parameters: dict[str, str]) -> dict[str, Any]:
    """What CloudFormation would get: the transformation resolves no parameter of the Parameter Store."""
    template = yaml_parse(TEMPLATE.read_text("utf-8"))
    template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/unchanged"
    given = {name: value for name, value in parameters.items() if not value.startswith("/edge-analytics/")}
    session = boto3.Session(region_name="eu-west-2")
    translated: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(template, given)
    return translated


def version(parameters: dict[str, str]) -> str:
    resources: dict[str, dict[str, str]] = translate(parameters)["Resources"]
    (found,) = [name for name, each in resources.items() if "Version" in each["Type"]]
    return found


@pytest.fixture
def built(tmp_path: Path) -> Path:
    template = tmp_path / "build" / "template.yaml"
    package = template.parent / "Function" / "package"
    package.mkdir(parents=True)
    template.write_text(TEMPLATE.read_text("utf-8"), "utf-8")
    (package / "module.py").write_text("one = 1\n", "utf-8")
    return template


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("change", ["value", "parameter", "package", "template"])
def test_whatever_changes_the_function_changes_the_version_that_the_transformation_makes(
    built: Path, environment: str, change: str
) -> None:
    parameters = dict(Configuration.read(ROOT / "samconfig.toml", environment).parameters)
    values = dict.fromkeys(Template.read(TEMPLATE).published(parameters).values(), "before")
    before = next_revision(content_digest(built, parameters, values), NOTHING)

    match change:
        case "value":
            values[f"/edge-analytics/{environment}/table-name"] = "after"
        case "parameter":
            parameters["Architecture"] = "x86_64"
        case "package":
            (built.parent / "Function/package/module.py").write_text("one = 2\n", "utf-8")
        case "template":
            built.write_text(built.read_text("utf-8").replace("Timeout: ", "Timeout:  "), "utf-8")
    after = next_revision(content_digest(built, parameters, values), NOTHING)

    assert version({**parameters, "Revision": before}) != version({**parameters, "Revision": after})


def test_without_a_revision_the_transformation_does_not_see_that_a_published_value_has_changed() -> None:
    one, other = version({}), version({"TableName": "/edge-analytics/dev/another-name"})

    assert one == other


def test_the_function_itself_changes_with_its_version_so_that_lambda_publishes_one() -> None:
    functions = [translate({"Revision": revision})["Resources"]["Function"] for revision in ("a" * 16, "b" * 16)]

    assert functions[0] != functions[1]


@given(st.dictionaries(words, words, max_size=3), st.dictionaries(words, words, max_size=3))
def test_parameters_and_values_of_any_text_are_told_apart(one: dict[str, str], other: dict[str, str]) -> None:
    digests = {
        content_digest(TEMPLATE.parent / "no-such-folder" / "template.yaml", parameters, values)
        for parameters, values in [(one, other), (other, one), (one | other, {}), ({}, one | other)]
    }

    contents = {
        json.dumps([sorted(a.items()), sorted(b.items())])
        for a, b in [(one, other), (other, one), (one | other, {}), ({}, one | other)]
    }
    assert len(digests) == len(contents)


def test_what_a_file_holds_and_how_it_is_called_are_told_apart(built: Path) -> None:
    found = set()
    for name, content in [("a", "bc"), ("ab", "c"), ("abc", ""), ("a", "b c")]:
        path = built.parent / "Function" / name
        path.write_text(content, "utf-8")
        found.add(content_digest(built, {}, {}))
        path.unlink()

    assert len(found) == 4


def test_deploying_the_same_again_keeps_the_revision_and_so_publishes_nothing(built: Path) -> None:
    digest = content_digest(built, {}, {})
    first = next_revision(digest, NOTHING)
    built.write_text(with_default(built.read_text("utf-8"), first), "utf-8")

    again = next_revision(content_digest(built, {}, {}), Deployed(first, "1", "1"))

    assert again == first


def test_the_same_after_a_rollback_is_a_version_of_its_own_and_stays_it() -> None:
    digest = "0123456789abcdef"
    first = next_revision(digest, NOTHING)
    after_rollback = next_revision(digest, Deployed(first, "2", "1"))
    again = next_revision(digest, Deployed(after_rollback, "3", "3"))
    after_another = next_revision(digest, Deployed(after_rollback, "3", "1"))

    assert len({version({"Revision": each}) for each in (first, after_rollback, after_another)}) == 3
    assert again == after_rollback
    assert next_revision("fedcba9876543210", Deployed(after_rollback, "3", "3")) == "fedcba9876543210"


def test_the_built_templates_default_becomes_the_revision_and_nothing_else_changes() -> None:
    text = TEMPLATE.read_text("utf-8")

    changed = with_default(text, "abc")

    assert [line for line in changed.splitlines() if line not in text.splitlines()] == ['    Default: "abc"']
    assert with_default(changed, "") == text
    with pytest.raises(ValueError, match="no parameter Revision"):
        with_default("Parameters:\n  Other:\n    Default: a\n", "abc")


def test_parameters_of_the_configuration_are_those_of_the_template_and_of_one_environment() -> None:
    template = Template.read(TEMPLATE)
    for environment in ("dev", "prod"):
        parameters = Configuration.read(ROOT / "samconfig.toml", environment).parameters
        published = template.published(parameters)

        assert template.known(parameters) == parameters
        assert published
        assert all(name.startswith(f"/edge-analytics/{environment}/") for name in published.values())
        assert set(published) <= set(parameters)


class Stubs:
    """An account in memory, and a `sam` that notes what it is told."""

    def __init__(self, folder: Path) -> None:
        self.told = folder / "told"
        sam = folder / "sam"
        sam.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{self.told}"\nexit "${{SAM_FAILS:-0}}"\n', "utf-8")
        sam.chmod(0o755)
        self.sam = str(sam)

    @property
    def parameters(self) -> dict[str, str]:
        lines = self.told.read_text("utf-8").splitlines()
        pairs = lines[lines.index("--parameter-overrides") + 1 :]
        return {name: value.strip('"') for name, value in (pair.split("=", 1) for pair in pairs)}


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubs]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_REGION", raising=False)
    found = Stubs(tmp_path)
    monkeypatch.setenv("SAM", found.sam)
    with mock_aws():
        ssm = boto3.client("ssm", region_name="eu-west-2")
        for name in Template.read(TEMPLATE).published({}).values():
            ssm.put_parameter(Name=name, Value=f"value of {name}", Type="String")
        yield found


@pytest.fixture
def deploy(built: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def run(*words: str, before: Deployed = NOTHING) -> int:
        monkeypatch.setattr(sys, "argv", ["deployment", "--template", str(built), *words])
        monkeypatch.setattr(program, "deployed", lambda *_: before)
        return program.main()

    return run


def test_sam_gets_every_parameter_and_the_revision(stubs: Stubs, deploy: Callable[..., int], built: Path) -> None:
    assert deploy("Architecture=x86_64", 'DrainSchedule=rate(5 "minutes")') == 0

    configured = Configuration.read(ROOT / "samconfig.toml", "dev").parameters
    revision = stubs.parameters["Revision"]
    assert len(revision) == 16
    assert {**configured, "Architecture": "x86_64"}.items() <= stubs.parameters.items()
    assert f'Default: "{revision}"' in built.read_text("utf-8")
    assert "--config-env\ndev" in stubs.told.read_text("utf-8")


def test_a_value_with_spaces_is_quoted_as_sam_reads_it() -> None:
    assert program._quoted('rate(5 "minutes") \\') == '"rate(5 \\"minutes\\") \\\\"'


def test_a_changed_value_of_the_parameter_store_is_another_revision(stubs: Stubs, deploy: Callable[..., int]) -> None:
    deploy()
    before = stubs.parameters["Revision"]
    name = Template.read(TEMPLATE).published({})["TableName"]
    boto3.client("ssm", region_name="eu-west-2").put_parameter(
        Name=name, Value="another", Type="String", Overwrite=True
    )

    deploy(before=Deployed(before, "1", "1"))

    assert stubs.parameters["Revision"] != before


def test_after_a_rollback_nothing_is_shifted_gradually(
    stubs: Stubs, deploy: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("--environment", "dev", "--canary", "yes", before=Deployed("0" * 16, "5", "4"))

    assert "rolled back from version 5 to 4" in capsys.readouterr().out
    assert stubs.parameters.get("CanaryDeployment") in {None, "false"}


@pytest.mark.parametrize("canary", ["yes", "no"])
def test_the_canary_can_be_chosen_and_is_no_part_of_the_revision(
    stubs: Stubs, deploy: Callable[..., int], canary: str
) -> None:
    deploy()
    before = stubs.parameters["Revision"]

    deploy("--canary", canary)

    gradual = "CanaryDeployment" in Template.read(TEMPLATE).declared
    assert stubs.parameters.get("CanaryDeployment") == (str(canary == "yes").lower() if gradual else None)
    assert stubs.parameters["Revision"] == before


def test_a_failure_of_sam_is_the_commands(
    stubs: Stubs, deploy: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAM_FAILS", "3")

    assert deploy() == 3


def test_unpublished_parameters_are_named_and_nothing_is_deployed(
    stubs: Stubs, deploy: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy("--environment", "prod") == 1

    said = capsys.readouterr().err
    assert "/edge-analytics/prod/table-name" in said
    assert "infrastructure" in said
    assert not stubs.told.exists()


def test_more_parameters_than_one_request_may_name_are_read(stubs: Stubs) -> None:
    ssm = boto3.client("ssm", region_name="eu-west-2")
    names = [f"/edge-analytics/dev/number-{number}" for number in range(23)]
    for name in names:
        ssm.put_parameter(Name=name, Value=name, Type="String")

    assert stubs
    assert published_values(ssm, names) == {name: name for name in names}
    with pytest.raises(DeploymentError, match="number-99"):
        published_values(ssm, [*names, "/edge-analytics/dev/number-99"])


@pytest.mark.parametrize("words", [["--environment", "test"], ["--canary", "maybe"], ["Mode"], ["A-B=c"]])
def test_a_word_that_makes_no_sense_is_a_usage_error(words: list[str]) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "deployment", *words],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 2
    assert "usage" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_without_a_build_it_is_said_what_to_do(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "deployment", "--template", tmp_path / "template.yaml"],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 1
    assert "make build" in answer.stderr
    assert "Traceback" not in answer.stderr


ALIAS = {"FunctionName": "name", "Name": "live"}
STACK = {
    "StackName": "stack",
    "CreationTime": datetime(2026, 11, 22, tzinfo=UTC),
    "StackStatus": "UPDATE_COMPLETE",
    "Parameters": [{"ParameterKey": "Revision", "ParameterValue": "abc"}],
    "Outputs": [{"OutputKey": "VersionArn", "OutputValue": "arn:aws:lambda:eu-west-2:123456789012:function:name:7"}],
}


@pytest.fixture
def stubbed() -> Iterator[tuple[Stubber, Stubber]]:
    """CloudFormation and Lambda, whose answers are checked against the services' own models."""
    session = boto3.Session("testing", "testing", region_name="eu-west-2")
    with Stubber(session.client("cloudformation")) as cloudformation, Stubber(session.client("lambda")) as functions:
        yield cloudformation, functions


@pytest.mark.parametrize(("alias_version", "rolled_back"), [("6", True), ("7", False)])
def test_what_is_deployed_is_read_from_the_stack_and_the_alias(
    stubbed: tuple[Stubber, Stubber], alias_version: str, rolled_back: bool
) -> None:
    cloudformation, functions = stubbed
    cloudformation.add_response("describe_stacks", {"Stacks": [STACK]}, {"StackName": "stack"})
    functions.add_response("get_alias", {"FunctionVersion": alias_version}, ALIAS)

    found = deployed(cloudformation.client, functions.client, "stack", "name")

    assert found == Deployed("abc", "7", alias_version)
    assert found.rolled_back == rolled_back


def test_before_the_first_deployment_nothing_is_there(stubbed: tuple[Stubber, Stubber]) -> None:
    cloudformation, functions = stubbed
    cloudformation.add_client_error("describe_stacks", "ValidationError", "Stack with id stack does not exist")
    functions.add_client_error("get_alias", "ResourceNotFoundException")

    assert deployed(cloudformation.client, functions.client, "stack", "name") == NOTHING


@pytest.mark.parametrize("service", ["cloudformation", "lambda"])
def test_what_may_not_be_read_is_not_taken_for_missing(stubbed: tuple[Stubber, Stubber], service: str) -> None:
    cloudformation, functions = stubbed
    if service == "cloudformation":
        cloudformation.add_client_error("describe_stacks", "AccessDenied")
    else:
        cloudformation.add_response("describe_stacks", {"Stacks": [STACK]})
        functions.add_client_error("get_alias", "AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        deployed(cloudformation.client, functions.client, "stack", "name")
