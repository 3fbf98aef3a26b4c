"""An environment is taken down in the opposite order of its making."""

import subprocess
from pathlib import Path

import boto3
import pytest

from operate.destroy import Step, destroy, steps
from operate.environment import Environment, OperationError
from stack.paths import ROOT
from tests.tools.operate.account import Account


def test_functions_go_first_and_the_queue_last() -> None:
    commands = [str(step) for step in steps("prod", "eu-west-2")]

    assert [command.split(":")[0] for command in commands] == [
        "delete the stack edge-analytics-prod-reporter, the function and its versions",
        "delete the stack edge-analytics-prod-processor, the function and its versions",
        "find the state of reporter",
        "delete what the workspace reporter made",
        "find the state of processor",
        "delete what the workspace processor made",
        "find the state of worker",
        "delete what the workspace worker made",
    ]


def test_a_workspace_is_taken_down_as_the_environment_that_it_is() -> None:
    destroys = [step for step in steps("prod", "eu-west-2") if "destroy" in step.command]

    assert len(destroys) == 3
    assert all("-var=environment=prod" in step.command for step in destroys)


def test_what_make_up_was_told_is_told_to_terraform_again() -> None:
    told = {"reporter": {"report_sender": "me@mysite.org", "report_sites": ["docs.mysite.org"]}}

    [reporter, *_] = [step for step in steps("dev", "eu-west-2", told) if "destroy" in step.command]

    assert reporter.command[-2:] == ["-var=report_sender=me@mysite.org", '-var=report_sites=["docs.mysite.org"]']


@pytest.mark.parametrize(
    ("workspace", "expected"),
    [
        ("worker", "edge-analytics-worker-prod: apply -var=environment=prod"),
        ("account", "edge-analytics-account: apply"),
    ],
)
def test_a_workspace_is_applied_as_the_environment_whose_state_it_has(
    tmp_path: Path, workspace: str, expected: str
) -> None:
    terraform = tmp_path / "terraform"
    terraform.write_text('#!/bin/sh\necho "$TF_WORKSPACE: $*"\n', encoding="utf-8")
    terraform.chmod(0o755)
    command = ["make", "-C", "infrastructure", "deploy", f"WORKSPACE={workspace}", "ENVIRONMENT=prod"]

    printed = subprocess.run(
        [*command, f"TERRAFORM={terraform}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert expected in printed.splitlines()


def test_keys_that_terraform_does_not_know_go_before_their_user(account: Account, environment: Environment) -> None:
    boto3.client("iam").create_user(UserName="sender")
    boto3.client("iam").create_access_key(UserName="sender")
    account.publish({"sender-user-name": "sender"})
    keys_left: list[int] = []

    def run(_step: Step) -> int:
        keys_left.append(len(boto3.client("iam").list_access_keys(UserName="sender")["AccessKeyMetadata"]))
        return 0

    list(destroy(environment, run))

    assert keys_left == [0] * 8


def test_the_tables_protection_is_lifted(account: Account, environment: Environment) -> None:
    boto3.client("dynamodb").update_table(TableName="table", DeletionProtectionEnabled=True)

    list(destroy(environment, lambda _step: 0))

    assert boto3.client("dynamodb").describe_table(TableName="table")["Table"]["DeletionProtectionEnabled"] is False


def test_it_stops_at_the_first_step_that_fails(account: Account, environment: Environment) -> None:
    done: list[str] = []

    def run(step: Step) -> int:
        done.append(step.command[0])
        return int(step.command[1] == "destroy")

    with pytest.raises(OperationError, match="delete what the workspace reporter made"):
        list(destroy(environment, run))

    assert done == ["sam", "sam", "terraform", "terraform"]
