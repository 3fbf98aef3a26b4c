"""What the template promises the queue and the rest of the system."""

import json
from typing import Any

import boto3
import pytest
from cfnlint.decode.cfn_yaml import load
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from factories import CONTRACT

ROOT = CONTRACT.parent
GRANTING = {"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json.dumps(load(str(ROOT / "template.yaml"))))
    return parsed


@pytest.fixture(scope="module")
def function(template: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = template["Resources"]["Function"]["Properties"]
    return properties


def translated(**parameters: str) -> dict[str, dict[str, Any]]:
    """The resources after SAM's own transformation."""
    template = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))
    template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key"
    session = boto3.Session(region_name="eu-west-2")
    document: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(template, parameters)
    resources: dict[str, dict[str, Any]] = document["Resources"]
    return resources


def test_the_queue_is_read_through_the_alias_with_partial_failures(function: dict[str, Any]) -> None:
    stream = function["Events"]["Stream"]["Properties"]

    assert function["AutoPublishAlias"] == "live"
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BatchSize"] == 10
    assert stream["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert "MaximumBatchingWindowInSeconds" not in stream


def test_exactly_one_way_of_taking_messages_is_on_in_each_mode(function: dict[str, Any]) -> None:
    assert function["Events"]["Stream"]["Properties"]["Enabled"] == {"Fn::If": ["Drain", False, True]}
    assert function["Events"]["Drain"]["Properties"]["State"] == {"Fn::If": ["Drain", "ENABLED", "DISABLED"]}


def test_a_stream_invocation_leaves_room_for_five_more_within_the_visibility_timeout(function: dict[str, Any]) -> None:
    drain, stream = function["Timeout"]["Fn::If"][1:]

    assert 6 * stream <= 180
    assert drain < 180


def test_names_and_roles_come_from_terraform_and_nothing_is_granted_here(
    template: dict[str, Any], function: dict[str, Any]
) -> None:
    published = {
        name for name, given in template["Parameters"].items() if given["Type"] == "AWS::SSM::Parameter::Value<String>"
    }

    assert function["FunctionName"]["Ref"] in published
    assert function["Role"]["Ref"] in published
    assert function["DeploymentPreference"]["Role"]["Ref"] in published
    assert "Policies" not in function
    for canary in ("true", "false"):
        assert not {each["Type"] for each in translated(CanaryDeployment=canary).values()} & GRANTING


def test_a_gradual_deployment_is_watched_by_an_alarm_on_the_errors_of_the_new_version_alone() -> None:
    resources = translated(CanaryDeployment="true", Revision="0123456789abcdef")

    (group,) = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::CodeDeploy::DeploymentGroup"]
    (version,) = [name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Version"]
    (alarm,) = [name for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"]
    dimensions = {each["Name"]: each["Value"] for each in resources[alarm]["Properties"]["Dimensions"]}
    assert [each["Name"]["Fn::If"][1] for each in group["AlarmConfiguration"]["Alarms"]] == [{"Ref": alarm}]
    assert dimensions == {
        "FunctionName": {"Ref": "FunctionName"},
        "Resource": {"Fn::Sub": "${FunctionName}:live"},
        "ExecutedVersion": {"Fn::GetAtt": [version, "Version"]},
    }


def test_without_a_gradual_deployment_nothing_of_codedeploy_stands_between_the_version_and_the_alias() -> None:
    resources = translated(CanaryDeployment="false")

    assert not [name for name, each in resources.items() if each["Type"].startswith("AWS::CodeDeploy::")]
    assert all("UpdatePolicy" not in each for each in resources.values())
    assert [each.get("Condition") for each in resources.values() if each["Type"] == "AWS::CloudWatch::Alarm"] == [
        "Canary"
    ]


def test_nothing_in_the_template_is_tied_to_an_account_or_a_region() -> None:
    text = (ROOT / "template.yaml").read_text("utf-8")

    assert "arn:aws" not in text
    assert "eu-west" not in text
