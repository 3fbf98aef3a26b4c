"""The doctor finds what is missing, says which command fixes it, and shows no secret."""

from pathlib import Path

import boto3
import pytest

from operate.checks.machine import programs
from operate.doctor import examine
from operate.environment import Environment, parameters_of_contract
from operate.finding import MISSING, OK, UNKNOWN, Finding
from tests.tools.operate.account import SITE, Account

SENDER, OWNER = "reports@example.com", "owner@example.com"


@pytest.fixture(autouse=True)
def nobody_to_ask_about_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto has no such service and would ask the real one."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_FREETIER", "http://127.0.0.1:9")
    # Its CloudFormation needs packages that nothing else here does.
    monkeypatch.setattr("operate.event_source._schedule", lambda _environment: None)


def found(environment: Environment) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(environment)}


@pytest.fixture
def complete(account: Account) -> None:
    """Terraform's part of an environment: everything is published and nobody has followed a link yet."""
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    boto3.client("iam").create_user(UserName="sender")
    for address in (SENDER, OWNER):
        boto3.client("sesv2").create_email_identity(EmailIdentity=address)
    published = {parameter.name: parameter.name for parameter in parameters_of_contract()}
    present = Environment("dev").published
    account.publish(
        published
        | {
            "alert-topic-arn": topic,
            "sender-user-name": "sender",
            "report-sender": SENDER,
            "report-recipients": f"{OWNER},{SENDER}",
            "report-sites": SITE,
            "report-channels": "email",
        }
        | dict(present)
    )


def test_of_an_empty_account_it_says_what_to_apply_first(aws: None) -> None:
    findings = found(Environment("prod", attempts=1))

    assert findings["/edge-analytics/prod/queue-url"].status == MISSING
    assert findings["/edge-analytics/prod/queue-url"].detail == (
        "make -C infrastructure deploy WORKSPACE=worker ENVIRONMENT=prod"
    )
    assert "WORKSPACE=processor" in findings["/edge-analytics/prod/table-name"].detail
    assert findings["budgets"].status == MISSING


def test_every_published_parameter_is_looked_for(complete: None, environment: Environment) -> None:
    findings = found(environment)

    names = [f"/edge-analytics/dev/{parameter.name}" for parameter in parameters_of_contract()]
    assert [findings[name].status for name in names] == [OK] * len(names)


def test_what_is_not_deployed_is_missing(complete: None, environment: Environment) -> None:
    findings = found(environment)

    assert findings["processor function"].detail.endswith(": make release SERVICE=processor ENVIRONMENT=dev")
    assert findings["reporter function"].status == MISSING
    assert findings["queue to processor"].status == MISSING


class PendingTopic:
    """A topic whose one subscriber has not followed the link."""

    exceptions = boto3.client("sns", region_name="eu-west-2").exceptions

    def list_subscriptions_by_topic(self, **_arguments: str) -> dict[str, list[dict[str, str]]]:
        return {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation"}]}


def test_it_waits_for_links_to_be_followed(
    complete: None, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = environment["alert-topic-arn"]
    monkeypatch.setattr(
        "operate.environment.Environment.client",
        lambda _self, service, **_: PendingTopic() if service == "sns" else boto3.client(service),
    )

    finding = found(environment)["alert subscription"]

    assert topic
    assert finding.status == MISSING
    assert "follow the link" in finding.detail


def test_an_address_that_is_no_identity_is_missing(complete: None, account: Account, environment: Environment) -> None:
    account.publish({"report-recipients": "stranger@example.com"})

    assert found(environment)["mail identity stranger@example.com"].status == MISSING


def test_the_workers_key_is_counted_and_never_shown(complete: None, environment: Environment) -> None:
    before = found(environment)["the Worker's access key"]
    key = boto3.client("iam").create_access_key(UserName="sender")["AccessKey"]
    after = found(environment)

    assert (before.status, before.detail) == (MISSING, "make -C edge-worker secrets ENVIRONMENT=dev")
    assert after["the Worker's access key"].status == OK
    printed = "\n".join(map(str, after.values()))
    for secret in (key["AccessKeyId"], key["SecretAccessKey"], "testing"):
        assert secret not in printed


def test_what_cannot_be_told_is_not_called_missing(complete: None, environment: Environment) -> None:
    finding = found(environment)["account plan"]

    assert finding.status == UNKNOWN
    assert "Could not connect" in finding.detail


def test_dead_letters_are_counted(complete: None, account: Account, environment: Environment) -> None:
    account.fail(body="x")

    finding = found(environment)["dead-letter queue"]

    assert (finding.status, finding.detail[:11]) == (MISSING, "1 messages:")


def test_without_credentials_it_says_so_and_stops(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    findings = list(examine(Environment("dev", attempts=1)))

    assert findings[-1].what == "AWS credentials"
    assert findings[-1].status == MISSING


def test_a_program_that_is_too_old_or_absent_is_missing(tmp_path: Path) -> None:
    for name, version in {"terraform": "Terraform v1.9.8", "git": "git version 2.39.5"}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)

    findings = {finding.what: finding for finding in programs({"PATH": str(tmp_path)}, tmp_path)}

    assert findings["git"] == Finding("git", OK, "2.39.5")
    assert findings["terraform"].status == MISSING
    assert "1.9.8" in findings["terraform"].detail
    assert findings["sam"].status == MISSING


@pytest.mark.parametrize("trace", ["folder", "answers"])
def test_what_make_up_has_made_is_fixed_by_make_up(environment: Environment, tmp_path: Path, trace: str) -> None:
    if trace == "folder":
        (tmp_path / "up" / "dev").mkdir(parents=True)
    else:
        (tmp_path / "answers.toml").write_text('[dev]\nsite = "docs.mysite.org"\n', encoding="utf-8")

    assert environment.how_to_apply("worker") == "make up ENVIRONMENT=dev"
    assert Environment("prod").how_to_apply("account") == "make -C infrastructure deploy WORKSPACE=account"
