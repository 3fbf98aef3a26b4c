"""What the workspaces make, on an emulator that enforces policies. The last test takes it all away again."""

import base64
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import boto3
import botocore
import botocore.config
import botocore.exceptions
import pytest

from stack.emulator import ACCOUNT, REGION
from stack.queue import Queue
from stack.worker import SITE
from tests.infrastructure.conftest import ORDER, Applied
from tests.pipeline.events import entry, exchange, new_id

pytestmark = pytest.mark.stack

PROCESSOR = "edge-analytics-dev-processor"
REPORTER = "edge-analytics-dev-reporter"


def invoke(applied: Applied, function: str, payload: dict[str, Any]) -> str | None:
    """Invoke the function's alias; return its error, or None if there is none."""
    answer = applied.emulator.client("lambda", read_timeout_seconds=180).invoke(
        FunctionName=f"{function}:live", Payload=json.dumps(payload)
    )
    result: str = answer["Payload"].read().decode()
    return result if "FunctionError" in answer else None


def log(applied: Applied, function: str) -> str:
    """Return everything that the function has logged."""
    pages = applied.emulator.client("logs").get_paginator("filter_log_events")
    events = pages.paginate(logGroupName=f"/aws/lambda/{function}")
    return "\n".join(event["message"] for page in events for event in page["events"])


@contextmanager
def without(applied: Applied, role: str, action: str) -> Iterator[None]:
    """Take one action, and the batch form that the emulator asks for, away from a role for a while."""
    iam = applied.emulator.client("iam")
    policy = iam.get_role_policy(RoleName=role, PolicyName="permissions")["PolicyDocument"]
    less = json.loads(json.dumps(policy))
    for statement in less["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [name for name in actions if name not in (action, f"{action}Batch")]
    less["Statement"] = [statement for statement in less["Statement"] if statement["Action"]]
    assert less != policy, f"{role} has no {action}"
    iam.put_role_policy(RoleName=role, PolicyName="permissions", PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="permissions", PolicyDocument=json.dumps(policy))


def store_one(applied: Applied) -> tuple[bool, bool]:
    """Send an exchange and let the processor drain the queue; return whether it is stored, and off the queue."""
    queue = Queue(applied.emulator.client("sqs"), applied.parameters["queue-url"])
    queue.client.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": "1"})
    identifier = new_id()
    queue.send([entry(exchange(identifier))])
    invoke(applied, PROCESSOR, {})
    items = applied.emulator.client("dynamodb").scan(TableName=applied.parameters["table-name"])["Items"]
    gone = queue.depth() == 0
    queue.client.purge_queue(QueueUrl=queue.url)
    return identifier in {item["sk"]["S"] for item in items}, gone


def report(applied: Applied) -> str | None:
    """Let the reporter do both of its tasks as if for the first time; return the error, or None."""
    table = applied.emulator.client("dynamodb")
    name = applied.parameters["table-name"]
    for item in table.scan(TableName=name)["Items"]:
        if "#day#" not in item["pk"]["S"]:
            table.delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})
    daily = invoke(applied, REPORTER, {"report": "daily", "site": SITE})
    return daily or invoke(applied, REPORTER, {"report": "weekly", "site": SITE})


@pytest.mark.parametrize("workspace", ORDER)
def test_a_plan_after_the_apply_would_change_nothing(applied: Applied, workspace: str) -> None:
    changes = applied.workspaces.changes(workspace)

    # The emulator gives no alarm back as it was made, so Terraform would set every one again.
    assert set(changes.values()) <= {"aws_cloudwatch_metric_alarm"}, changes


def test_two_environments_share_what_is_free_of_cloudwatch(applied: Applied) -> None:
    cloudwatch = applied.emulator.client("cloudwatch")

    alarms = {alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    dashboards = cloudwatch.list_dashboards()["DashboardEntries"]

    assert alarms == {
        "edge-analytics-dev-alerts-silence",
        "edge-analytics-dev-events-dead-letters",
        "edge-analytics-dev-events-waiting",
        "edge-analytics-dev-reporter-missed",
    }
    assert [dashboard["DashboardName"] for dashboard in dashboards] == ["edge-analytics-dev"]


def test_no_role_has_a_managed_policy(applied: Applied) -> None:
    iam = applied.emulator.client("iam")

    attached = {
        role["RoleName"]: iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        for role in iam.list_roles()["Roles"]
        if role["Path"].startswith("/edge-analytics/")
    }

    assert {PROCESSOR, REPORTER} <= set(attached)
    assert not any(attached.values())


def test_a_missing_parameter_says_which_workspace_to_apply_first(applied: Applied) -> None:
    ssm = applied.emulator.client("ssm")
    name = "/edge-analytics/dev/table-arn"
    value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    ssm.delete_parameter(Name=name)

    try:
        with pytest.raises(Exception, match=r'apply_processor_workspace_first\["table-arn"\]'):
            applied.workspaces.plan("reporter")
    finally:
        ssm.put_parameter(Name=name, Value=value, Type="String")


HCP = ("https://app.terraform.io", "aws.workload.identity")
GITHUB = ("https://token.actions.githubusercontent.com", "sts.amazonaws.com")
RUN = "organization:example:project:Default Project:workspace:edge-analytics-worker-dev:run_phase"


def assume(applied: Applied, role: str, issuer: str, audience: str, subject: str) -> None:
    """Come in from outside with a token of the issuer's. The emulator reads its claims, not its signature.

    Raises:
        ClientError: the role does not trust the token.
    """

    def part(content: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    claims = {"iss": issuer, "aud": audience, "sub": subject, "exp": int(time.time()) + 600}
    sts = boto3.client(
        "sts",
        endpoint_url=applied.emulator.url,
        region_name=REGION,
        config=botocore.config.Config(signature_version=botocore.UNSIGNED),
    )
    sts.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/edge-analytics/{role}",
        RoleSessionName="test",
        WebIdentityToken=f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.c2ln",
    )


@pytest.fixture(scope="module")
def trusting(applied: Applied) -> Applied:
    """The same, without the condition on the token's `ref`: the emulator reads `aud`, `sub` and `amr` only."""
    iam = applied.emulator.client("iam")
    policy = iam.get_role(RoleName=f"{PROCESSOR}-deploy")["Role"]["AssumeRolePolicyDocument"]
    for statement in policy["Statement"]:
        del statement["Condition"]["StringEquals"][f"{GITHUB[0].removeprefix('https://')}:ref"]
    iam.update_assume_role_policy(RoleName=f"{PROCESSOR}-deploy", PolicyDocument=json.dumps(policy))
    return applied


@pytest.mark.parametrize(
    ("role", "issuer", "subject"),
    [
        ("hcp-terraform/edge-analytics-worker-dev-plan", HCP, f"{RUN}:plan"),
        ("hcp-terraform/edge-analytics-worker-dev-apply", HCP, f"{RUN}:apply"),
        (f"{PROCESSOR}-deploy", GITHUB, "repo:example/edge-analytics:environment:dev"),
        (f"{PROCESSOR}-deploy", GITHUB, "repo:example@1234567/edge-analytics@7654321:environment:dev"),
    ],
)
def test_a_role_is_given_to_whom_it_is_for(trusting: Applied, role: str, issuer: tuple[str, str], subject: str) -> None:
    assume(trusting, role, *issuer, subject)


@pytest.mark.parametrize(
    ("role", "issuer", "subject"),
    [
        ("hcp-terraform/edge-analytics-worker-dev-apply", HCP, f"{RUN}:plan"),
        ("hcp-terraform/edge-analytics-worker-dev-plan", HCP, f"{RUN.replace('worker', 'reporter')}:plan"),
        ("hcp-terraform/edge-analytics-worker-dev-plan", HCP, f"{RUN.replace('example', 'another')}:plan"),
        (f"{PROCESSOR}-deploy", GITHUB, "repo:example/edge-analytics:ref:refs/heads/main"),
        (f"{PROCESSOR}-deploy", GITHUB, "repo:example/edge-analytics:environment:prod"),
        (f"{PROCESSOR}-deploy", GITHUB, "repo:example@1234567/edge-analytics@1:environment:dev"),
        (f"{PROCESSOR}-deploy", GITHUB, "repo:another/edge-analytics:environment:dev"),
        (f"{PROCESSOR}-deploy", (GITHUB[0], "another"), "repo:example/edge-analytics:environment:dev"),
    ],
)
def test_a_role_is_refused_to_everybody_else(
    trusting: Applied, role: str, issuer: tuple[str, str], subject: str
) -> None:
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        assume(trusting, role, *issuer, subject)


def test_the_processor_does_its_work_in_its_role(working: Applied) -> None:
    assert store_one(working) == (True, True)
    assert '"CloudWatchMetrics"' in log(working, PROCESSOR)


@pytest.mark.parametrize(
    ("action", "stored", "gone"),
    [
        ("sqs:ReceiveMessage", False, False),
        ("sqs:DeleteMessage", True, False),
        ("dynamodb:UpdateItem", False, False),
    ],
)
def test_the_processor_needs_each_of_its_actions(working: Applied, action: str, stored: bool, gone: bool) -> None:
    """Of the other two, the emulator asks nobody for GetQueueAttributes, which Lambda's poller uses on AWS."""
    with without(working, PROCESSOR, action):
        assert store_one(working) == (stored, gone)


def test_the_processor_may_postpone_only_by_its_permission(working: Applied) -> None:
    """It does so when the table is too busy, which the emulator's never is: so it is asked for in the role's name."""
    credentials = working.emulator.client("sts").assume_role(
        RoleArn=working.parameters["processor-role-arn"], RoleSessionName="test"
    )["Credentials"]
    sqs = boto3.session.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], region_name=REGION
    ).client("sqs", endpoint_url=working.emulator.url)
    url = working.parameters["queue-url"]
    entries: Any = [{"Id": "0", "ReceiptHandle": "none", "VisibilityTimeout": 1}]

    permitted = sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)

    assert [failure["Code"] for failure in permitted["Failed"]] == ["ReceiptHandleIsInvalid"]
    with (
        without(working, PROCESSOR, "sqs:ChangeMessageVisibility"),
        pytest.raises(botocore.exceptions.ClientError, match=r"not authorized|denied"),
    ):
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


def test_the_reporter_does_its_work_in_its_role(working: Applied) -> None:
    mails = len(working.emulator.mails())

    assert report(working) is None
    assert len(working.emulator.mails()) == mails + 1


@pytest.mark.parametrize(
    "action",
    ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "ses:SendEmail", "sns:Publish"],
)
def test_the_reporter_fails_without_one_of_its_actions(working: Applied, action: str) -> None:
    with without(working, REPORTER, action):
        assert report(working) is not None


@pytest.mark.parametrize(
    ("action", "complaint"),
    [
        ("sqs:GetQueueAttributes", "the dead-letter queue was not counted"),
        ("cloudwatch:GetMetricStatistics", "not read"),
        ("logs:DescribeLogStreams", "the cold starts were not counted"),
        ("cloudformation:DescribeStackEvents", "the deployments were not counted"),
    ],
)
def test_the_reporter_cannot_tell_a_figure_without_its_action(working: Applied, action: str, complaint: str) -> None:
    before = log(working, REPORTER).count(complaint)

    with without(working, REPORTER, action):
        assert report(working) is None

    assert log(working, REPORTER).count(complaint) > before


def test_a_destroy_leaves_nothing(applied: Applied) -> None:
    with ThreadPoolExecutor() as pool:
        account = pool.submit(applied.workspaces.destroy, "account")
        for workspace in ("reporter", "processor", "worker"):
            applied.workspaces.destroy(workspace)
        account.result()

    aws = applied.emulator
    left = [
        *aws.client("sqs").list_queues().get("QueueUrls", []),
        *aws.client("dynamodb").list_tables()["TableNames"],
        *aws.client("sns").list_topics()["Topics"],
        *aws.client("ssm").describe_parameters()["Parameters"],
        *aws.client("cloudwatch").describe_alarms()["MetricAlarms"],
        *aws.client("cloudwatch").list_dashboards()["DashboardEntries"],
        *aws.client("scheduler").list_schedules()["Schedules"],
        *aws.client("sesv2").list_email_identities()["EmailIdentities"],
        *aws.client("iam").list_users()["Users"],
        *aws.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"],
        *[role for role in aws.client("iam").list_roles()["Roles"] if role["Path"].startswith("/edge-analytics/")],
        *aws.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/edge-analytics-")["logGroups"],
        *aws.client("budgets").describe_budgets(AccountId=ACCOUNT).get("Budgets", []),
    ]
    assert left == []
