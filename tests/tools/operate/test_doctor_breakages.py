"""Every state that stops a report is broken on purpose; the doctor names it and the command that fixes it."""

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from operate.doctor import examine
from operate.environment import Environment
from operate.finding import MISSING, OK, Finding
from tests.tools.operate.account import GROUP, LOG, OWNER, PROCESSOR, REPORTER, REPORTER_LOG


@pytest.fixture(autouse=True)
def nobody_to_ask_about_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto has no such service and would ask the real one."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_FREETIER", "http://127.0.0.1:9")
    # Its CloudFormation needs packages that nothing else here does.
    monkeypatch.setattr("operate.event_source._schedule", lambda _environment: None)
    monkeypatch.setattr("operate.doctor.programs", lambda _variables: iter([Finding("git", OK)]))


def found() -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(Environment("dev", attempts=1))}


def delete_queue(name: str) -> None:
    sqs = boto3.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{name}.fifo")["QueueUrl"])


def delete_topic() -> None:
    boto3.client("sns").delete_topic(TopicArn=Environment("dev")["alert-topic-arn"])


def disable_mapping() -> None:
    client = boto3.client("lambda")
    [mapping] = client.list_event_source_mappings()["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def delete_mapping() -> None:
    client = boto3.client("lambda")
    [mapping] = client.list_event_source_mappings()["EventSourceMappings"]
    client.delete_event_source_mapping(UUID=mapping["UUID"])


def disable_schedule() -> None:
    scheduler = boto3.client("scheduler")
    wanted = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    schedule = scheduler.get_schedule(Name="weekly", GroupName=GROUP)
    scheduler.update_schedule(**{name: schedule[name] for name in wanted}, State="DISABLED")


def reject_live() -> None:
    boto3.client("lambda").update_alias(FunctionName=PROCESSOR, Name="live", Description="rejected by a release: 1")


def delete_role(name: str) -> None:
    iam = boto3.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def deactivate_key() -> None:
    iam = boto3.client("iam")
    [key] = iam.list_access_keys(UserName="sender")["AccessKeyMetadata"]
    iam.update_access_key(UserName="sender", AccessKeyId=key["AccessKeyId"], Status="Inactive")


def retype(name: str) -> None:
    ssm = boto3.client("ssm")
    ssm.delete_parameter(Name=f"/edge-analytics/dev/{name}")
    ssm.put_parameter(Name=f"/edge-analytics/dev/{name}", Value="x", Type="SecureString")


def log(group: str, message: str) -> None:
    logs = boto3.client("logs")
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": message}
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])


def strand(name: str) -> None:
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.create_queue(QueueName=name)["QueueUrl"], MessageBody="weekly")


def stop(name: str) -> None:
    boto3.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)


def apply(workspace: str) -> str:
    return f"make -C infrastructure deploy WORKSPACE={workspace} ENVIRONMENT=dev"


RELEASE_PROCESSOR = "make release SERVICE=processor ENVIRONMENT=dev"
BREAKAGES: dict[str, tuple[Any, str, str]] = {
    "the queue is gone": (lambda: delete_queue("events"), "queue", apply("worker")),
    "the dead-letter queue is gone": (lambda: delete_queue("dead"), "dead-letter queue", apply("worker")),
    "the topic is gone": (delete_topic, "alert subscription", apply("worker")),
    "the table is gone": (
        lambda: boto3.client("dynamodb").delete_table(TableName="table"), "table", apply("processor"),
    ),
    "a schedule is gone": (
        lambda: boto3.client("scheduler").delete_schedule(Name="daily", GroupName=GROUP),
        "daily schedule",
        apply("reporter"),
    ),
    "all schedules are gone": (
        lambda: boto3.client("scheduler").delete_schedule_group(Name=GROUP), "weekly schedule", apply("reporter"),
    ),
    "a schedule is disabled": (disable_schedule, "weekly schedule", apply("reporter")),
    "the mapping is disabled": (disable_mapping, "queue to processor", RELEASE_PROCESSOR),
    "the mapping is gone": (delete_mapping, "queue to processor", RELEASE_PROCESSOR),
    "the processor's concurrency is 0": (
        lambda: stop(PROCESSOR),
        "processor function",
        f"aws lambda delete-function-concurrency --function-name {PROCESSOR}",
    ),
    "the reporter's concurrency is 0": (
        lambda: stop(REPORTER),
        "reporter function",
        f"aws lambda delete-function-concurrency --function-name {REPORTER}",
    ),
    "the processor is gone": (
        lambda: boto3.client("lambda").delete_function(FunctionName=PROCESSOR), "processor function", RELEASE_PROCESSOR,
    ),
    "the reporter is gone": (
        lambda: boto3.client("lambda").delete_function(FunctionName=REPORTER),
        "reporter function",
        "make release SERVICE=reporter ENVIRONMENT=dev",
    ),
    "an alias is gone": (
        lambda: boto3.client("lambda").delete_alias(FunctionName=PROCESSOR, Name="live"),
        "processor function",
        RELEASE_PROCESSOR,
    ),
    "a rejected version is live": (reject_live, "processor function", RELEASE_PROCESSOR),
    "a role is gone": (lambda: delete_role("r"), "reporter role", apply("reporter")),
    "a role has lost its policy": (
        lambda: boto3.client("iam").delete_role_policy(RoleName="p", PolicyName="permissions"),
        "processor role",
        apply("processor"),
    ),
    "the schedules' role is gone": (lambda: delete_role(GROUP), "schedules' role", apply("reporter")),
    "the Worker's user may not send": (
        lambda: boto3.client("iam").delete_user_policy(UserName="sender", PolicyName="send"),
        "the Worker's user",
        apply("worker"),
    ),
    "the Worker's key is inactive": (
        deactivate_key, "the Worker's access key", "make -C edge-worker secrets ENVIRONMENT=dev",
    ),
    "an alarm is gone": (
        lambda: boto3.client("cloudwatch").delete_alarms(AlarmNames=["edge-analytics-dev-events-waiting"]),
        "alarm events-waiting",
        apply("worker"),
    ),
    "the table keeps everything": (
        lambda: boto3.client("dynamodb").update_time_to_live(
            TableName="table", TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"}
        ),
        "table's expiry",
        apply("processor"),
    ),
    "a parameter is of another type": (
        lambda: retype("queue-url"),
        "/edge-analytics/dev/queue-url",
        "aws ssm delete-parameter --name /edge-analytics/dev/queue-url, then " + apply("worker"),
    ),
    "the reporter's last run failed": (
        lambda: log(REPORTER_LOG, "[ERROR] KeyError: 'sessions'"),
        "reporting",
        "make rollback SERVICE=reporter ENVIRONMENT=dev",
    ),
    "a report was never started": (
        lambda: strand("edge-analytics-dev-reports-dead-letter"), "reports that were not started", "make send",
    ),
    "a mail identity is gone": (
        lambda: boto3.client("sesv2").delete_email_identity(EmailIdentity=OWNER),
        f"mail identity {OWNER}",
        apply("reporter"),
    ),
    "a parameter is gone": (
        lambda: boto3.client("ssm").delete_parameter(Name="/edge-analytics/dev/table-name"),
        "/edge-analytics/dev/table-name",
        apply("processor"),
    ),
}  # fmt: skip


def test_of_a_whole_environment_nothing_is_missing_but_what_moto_cannot_have(whole: None) -> None:
    missing = [finding.what for finding in found().values() if finding.status == MISSING]

    assert [what for what in missing if what not in {"terraform", "sam", "node", "uv"}] == [
        "budgets", f"mail identity {OWNER}",
    ]  # fmt: skip


@pytest.mark.parametrize("state", BREAKAGES)
def test_what_stops_a_report_is_named_with_the_command_that_fixes_it(whole: None, state: str) -> None:
    break_it, what, command = BREAKAGES[state]
    before = found().get(what)
    break_it()

    after = found()

    assert before is None or before.status == OK or what.startswith("mail identity")
    assert after[what].status == MISSING, state
    assert command in after[what].detail
    assert "alarms" in after, "the list ends early"


def test_messages_that_fail_over_and_over_are_named_with_the_reason(
    whole: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With a message in a real queue, moto would look for Docker to run the function in.
    monkeypatch.setattr("operate.checks.queues._depth", lambda _environment, _url: (3, 0))
    before = found()["processing"]
    log(LOG, "[ERROR] NothingStoredError: AccessDenied")

    after = found()["processing"]

    assert (before.status, after.status) == (OK, MISSING)
    assert "NothingStoredError: AccessDenied" in after.detail
    assert "make rollback SERVICE=processor ENVIRONMENT=dev" in after.detail


def test_an_error_in_one_check_does_not_hide_the_list(whole: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(_environment: Environment) -> Iterator[Finding]:
        raise ZeroDivisionError("of its own")
        yield

    checks = {"published parameters": trip}
    monkeypatch.setattr("operate.doctor._CHECKS", {**_checks(), **checks})

    findings = found()

    assert "of its own" in findings["published parameters"].detail
    assert findings["table"].status == OK


def _checks() -> Any:
    from operate import doctor  # noqa: PLC0415 - patched by the test above

    return doctor._CHECKS


def test_a_profile_that_does_not_exist_is_said_after_the_programs(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nowhere")

    findings = found()

    assert "nowhere" in findings["AWS credentials"].detail
    assert "git" in findings
