"""On an emulator, `make up` applies what has changed and not what the emulator forgets."""

import json
from typing import Any

import pytest

from operate.emulator_plan import is_emulators
from operate.workspaces import Change

TOLD = {
    "alarm_name": "waiting",
    "period": 300,
    "statistic": "Maximum",
    "dimensions": {"QueueName": "events.fifo"},
    "actions_enabled": True,
    "alarm_actions": ["arn:aws:sns:eu-west-2:111122223333:alerts"],
    "treat_missing_data": "notBreaching",
    "threshold": 900,
}
GIVEN_BACK = TOLD | {
    "period": 0,
    "statistic": "",
    "dimensions": {},
    "actions_enabled": False,
    "alarm_actions": [],
    "treat_missing_data": "missing",
}


def alarm(**changed: Any) -> Change:
    return Change("a.b", "aws_cloudwatch_metric_alarm", ("update",), TOLD, GIVEN_BACK | changed)


def policy(present: Any, planned: Any) -> Change:
    def document(action: Any) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}

    return Change("a.b", "aws_iam_role_policy", ("update",), document(planned), document(present))


def test_an_alarm_that_comes_back_emptied_is_no_change() -> None:
    assert is_emulators(alarm())


@pytest.mark.parametrize("changed", [{"threshold": 60}, {"alarm_name": "other"}, {"statistic": "Sum"}], ids=str)
def test_an_alarm_with_another_setting_is_a_change(changed: dict[str, Any]) -> None:
    assert not is_emulators(alarm(**changed))


def test_a_policy_with_the_actions_that_the_emulator_needs_is_no_change() -> None:
    assert is_emulators(policy(["sqs:SendMessage", "sqs:SendMessageBatch"], "sqs:SendMessage"))


def test_a_policy_that_allows_something_else_is_a_change() -> None:
    assert not is_emulators(policy(["sqs:SendMessage", "sqs:SendMessageBatch"], ["sqs:SendMessage", "sqs:PurgeQueue"]))
    assert not is_emulators(Change("a.b", "aws_iam_role_policy", ("update",), {}, {}))


@pytest.mark.parametrize("actions", [("create",), ("delete",), ("delete", "create")], ids="+".join)
def test_what_is_made_or_deleted_is_a_change(actions: tuple[str, ...]) -> None:
    assert not is_emulators(Change("a.b", "aws_cloudwatch_metric_alarm", actions, TOLD, GIVEN_BACK))
