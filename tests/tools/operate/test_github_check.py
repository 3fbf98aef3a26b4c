"""The doctor says whether any branch but main could deploy, by AWS's trust policy and by GitHub's environment."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from operate.checks.github import GitHubError, ask_gh, deployments
from operate.environment import Environment
from operate.finding import MISSING, OK, UNKNOWN

PLACE = "repos/example/edge-analytics/environments/prod"
ISSUER = "token.actions.githubusercontent.com"
POLICIES = f"{PLACE}/deployment-branch-policies"
RESTRICTED = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}
PROTECTED = {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}}


def make_role(claims: Mapping[str, Any]) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"},
            "Condition": {"StringEquals": {f"{ISSUER}:{claim}": value for claim, value in claims.items()}},
        },
    }
    boto3.client("iam").create_role(
        RoleName="edge-analytics-prod-processor-deploy", AssumeRolePolicyDocument=json.dumps(document)
    )


def trusting_one_branch() -> None:
    subjects = [f"repo:{name}:environment:prod" for name in ("example@1/edge-analytics@2", "example/edge-analytics")]
    make_role({"sub": subjects, "ref": "refs/heads/main"})


def found(answers: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return {each.what: (each.status, each.detail) for each in deployments(Environment("prod"), answers.get)}


def test_nothing_is_asked_of_whoever_does_not_deploy_by_github(aws: None) -> None:
    assert found({}) == {"deployments by GitHub": (OK, "not set up: no role lets GitHub in")}


def test_a_role_and_an_environment_of_one_branch_are_right(aws: None) -> None:
    trusting_one_branch()

    answers = found({PLACE: RESTRICTED, POLICIES: {"branch_policies": [{"name": "main", "type": "branch"}]}})

    assert {status for status, _ in answers.values()} == {OK}
    assert set(answers) == {"deployments by GitHub", "GitHub environment prod"}


def test_a_role_that_trusts_every_branch_of_an_environment_is_named(aws: None) -> None:
    make_role({"sub": "repo:example/edge-analytics:environment:prod"})

    status, detail = found({PLACE: RESTRICTED})["deployments by GitHub"]

    assert status == MISSING
    assert "make -C infrastructure deploy WORKSPACE=account" in detail


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "does not exist, or this plan of GitHub has none"),
        ({PLACE: {"deployment_branch_policy": None}}, "every branch may deploy"),
        ({PLACE: PROTECTED, "repos/example/edge-analytics/branches/main": {"protected": False}}, "is not protected"),
        (
            {PLACE: RESTRICTED, POLICIES: {"branch_policies": [{"name": "main"}, {"name": "feature/*"}]}},
            "feature/* may deploy to it too",
        ),
        (
            {PLACE: RESTRICTED, POLICIES: {"branch_policies": [{"name": "main", "type": "tag"}]}},
            "main may deploy to it too",
        ),
    ],
    ids=["no environment", "no restriction", "nothing is protected", "a pattern beside main", "a tag named main"],
)
def test_an_environment_that_other_branches_may_use_is_named(aws: None, answers: Mapping[str, Any], said: str) -> None:
    trusting_one_branch()

    status, detail = found(answers)["GitHub environment prod"]

    assert status == MISSING
    assert said in detail
    assert "gh api" in detail or "Settings, Environments" in detail


def test_protected_branches_are_enough_where_main_is_one(aws: None) -> None:
    trusting_one_branch()

    answers = found({PLACE: PROTECTED, "repos/example/edge-analytics/branches/main": {"protected": True}})

    assert answers["GitHub environment prod"][0] == OK


def test_without_gh_it_is_said_that_nobody_looked(aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trusting_one_branch()
    monkeypatch.setenv("PATH", str(tmp_path))

    findings = {each.what: each for each in deployments(Environment("prod"))}

    assert findings["GitHub environment prod"].status == UNKNOWN
    assert "gh is not installed" in findings["GitHub environment prod"].detail


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo '{\"a\": 1}'", {"a": 1}),
        ("echo 'gh: Not Found (HTTP 404)' >&2; exit 1", None),
        ("echo 'To get started with GitHub CLI, please run:  gh auth login' >&2; exit 4", "gh auth login"),
        ("echo no JSON", "something else"),
    ],
    ids=["an answer", "nothing there", "not signed in", "no JSON"],
)
def test_what_gh_says_is_understood(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, expected: Any
) -> None:
    program = tmp_path / "gh"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    if isinstance(expected, str):
        with pytest.raises(GitHubError, match=expected):
            ask_gh("repos/a/b")
    else:
        assert ask_gh("repos/a/b") == expected
