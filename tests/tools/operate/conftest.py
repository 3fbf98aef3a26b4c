"""An environment of an AWS account, in memory."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from moto import mock_aws

from operate.checks.functions import ALARMS
from operate.dead_letter_queue import DeadLetterQueue
from operate.environment import Environment, parameters_of_contract, table_keys
from operate.stored_items import StoredItems
from tests.tools.operate.account import GROUP, LOG, OWNER, PROCESSOR, REPORTER, REPORTER_LOG, SITE, Account


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of nobody, so that no test can reach anybody's account."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def made_by_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Environments that `make up` has not made, whatever this clone was used for."""
    monkeypatch.setattr("operate.environment.UP_DIRECTORY", tmp_path / "up")
    monkeypatch.setattr("operate.environment.ANSWERS_FILE", tmp_path / "answers.toml")


@pytest.fixture(scope="module", autouse=True)
def _clients_kept() -> Iterator[None]:
    """Make each client once for all tests of a module: to make them takes most of the time of asking with many."""
    made: dict[str, Any] = {}
    create: Any = botocore.session.Session.create_client

    def kept(session: Any, service: str, config: Config | None = None, **options: Any) -> Any:
        settings = sorted(item for item in os.environ.items() if item[0].startswith("AWS_"))
        asked = vars(config) if config else {}
        key = repr((service, sorted(options.items()), sorted(asked.items()), settings))
        if key not in made:
            made[key] = create(session, service, config=config, **options)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session.Session, "create_client", kept)
        yield


@pytest.fixture
def aws() -> Iterator[None]:
    """An account with nothing in it."""
    with mock_aws():
        yield


@pytest.fixture
def account(aws: None) -> Account:
    """An account with an environment `dev`: what Terraform makes, as far as the commands touch it."""
    keys = table_keys()
    boto3.client("dynamodb").create_table(
        TableName="table",
        KeySchema=[
            {"AttributeName": keys.partition_key, "KeyType": "HASH"},
            {"AttributeName": keys.sort_key, "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": keys.partition_key, "AttributeType": "S"},
            {"AttributeName": keys.sort_key, "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    sqs = boto3.client("sqs")
    queues = {
        name: sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        for name in ("events", "dead")
    }
    account = Account()
    account.publish(
        {
            "queue-url": queues["events"],
            "queue-arn": "arn:aws:sqs:eu-west-2:123456789012:events.fifo",
            "dead-letter-queue-url": queues["dead"],
            "table-name": "table",
            "report-sites": f"{SITE},other.example.com",
            "report-time-zone": "Europe/London",
        }
    )
    return account


@pytest.fixture
def environment(account: Account) -> Environment:
    return Environment("dev", attempts=1)


@pytest.fixture
def stored(account: Account) -> StoredItems:
    return StoredItems(boto3.client("dynamodb"), "table", sleep=lambda _seconds: None)


@pytest.fixture
def dead_letters(account: Account) -> DeadLetterQueue:
    return DeadLetterQueue(boto3.client("sqs"), account.dead_letter_queue_url, wait_seconds=0)


@pytest.fixture
def whole(account: Account) -> None:
    """An environment in which nothing is missing but what moto has not."""
    iam = boto3.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    roles = {
        name: iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        for name in ("p", "r", GROUP)
    }
    for name in roles:
        iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=policy)
    iam.create_user(UserName="sender")
    iam.put_user_policy(UserName="sender", PolicyName="send", PolicyDocument=policy)
    iam.create_access_key(UserName="sender")
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=OWNER)
    boto3.client("sesv2").create_email_identity(EmailIdentity=OWNER)
    for group in (LOG, REPORTER_LOG):
        boto3.client("logs").create_log_group(logGroupName=group)
    boto3.client("dynamodb").update_time_to_live(
        TableName="table", TimeToLiveSpecification={"Enabled": True, "AttributeName": table_keys().time_to_live}
    )
    for name in ALARMS:
        boto3.client("cloudwatch").put_metric_alarm(
            AlarmName=f"edge-analytics-dev-{name}",
            MetricName=name,
            Namespace="AWS/SQS",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Period=60,
            Threshold=1,
            Statistic="Sum",
        )
    for name, role in ((PROCESSOR, roles["p"]), (REPORTER, roles["r"])):
        _deploy(name, role)
    queue = boto3.client("sqs").get_queue_attributes(
        QueueUrl=boto3.client("sqs").get_queue_url(QueueName="events.fifo")["QueueUrl"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    boto3.client("lambda").create_event_source_mapping(FunctionName=PROCESSOR, EventSourceArn=queue)
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule_group(Name=GROUP)
    for report in ("daily", "weekly"):
        scheduler.create_schedule(
            Name=report,
            GroupName=GROUP,
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": "arn:aws:lambda:eu-west-2:123456789012:function:f:live", "RoleArn": roles["r"]},
        )
    parameters = [parameter for parameter in parameters_of_contract() if not parameter.optional]
    published = {parameter.name: parameter.name for parameter in parameters}
    account.publish(
        published
        | {
            "queue-arn": queue,
            "alert-topic-arn": topic,
            "sender-user-name": "sender",
            "report-sender": OWNER,
            "report-recipients": OWNER,
            "report-sites": SITE,
            "report-channels": "email",
            "processor-function-name": PROCESSOR,
            "reporter-function-name": REPORTER,
            "processor-role-arn": roles["p"],
            "reporter-role-arn": roles["r"],
            "processor-log-group-name": LOG,
            "reporter-log-group-name": REPORTER_LOG,
            "table-name": "table",
            "queue-url": boto3.client("sqs").get_queue_url(QueueName="events.fifo")["QueueUrl"],
            "dead-letter-queue-url": account.dead_letter_queue_url,
        }
    )


def _deploy(name: str, role: str) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("f.py", "def handler(event, context): return {}")
    client = boto3.client("lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="f.handler",
        Code={"ZipFile": package.getvalue()},
        Publish=True,
    )
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
