"""What the template promises the queue and the rest of the system."""

import json
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import load

from factories import CONTRACT

ROOT = CONTRACT.parent


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json.dumps(load(str(ROOT / "template.yaml"))))
    return parsed


@pytest.fixture(scope="module")
def function(template: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = template["Resources"]["Processor"]["Properties"]
    return properties


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


def test_the_role_and_the_names_come_from_terraform_and_nothing_is_granted_here(
    template: dict[str, Any], function: dict[str, Any]
) -> None:
    published = {
        name for name, given in template["Parameters"].items() if given["Type"] == "AWS::SSM::Parameter::Value<String>"
    }

    assert published == {
        "QueueArn",
        "QueueUrl",
        "TableName",
        "ProcessorFunctionName",
        "ProcessorRoleArn",
        "ProcessorLogGroupName",
        "ProcessorErrorAlarmName",
    }
    assert function["Role"] == {"Ref": "ProcessorRoleArn"}
    assert "Policies" not in function
    assert list(template["Resources"]) == ["Processor"]


def test_a_broken_version_is_rolled_back_on_the_error_alarm(function: dict[str, Any]) -> None:
    assert function["DeploymentPreference"] == {
        "Enabled": {"Ref": "CanaryDeployment"},
        "Type": "Canary10Percent5Minutes",
        "Alarms": [{"Ref": "ProcessorErrorAlarmName"}],
    }


def test_nothing_in_the_template_is_tied_to_an_account_or_a_region() -> None:
    text = (ROOT / "template.yaml").read_text("utf-8")

    assert "arn:aws" not in text
    assert "eu-west" not in text
