"""An environment of an AWS account, in memory."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from operate.dead_letter_queue import DeadLetterQueue
from operate.environment import Environment, table_keys
from operate.stored_items import StoredItems
from tests.tools.operate.account import SITE, Account


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of nobody, so that no test can reach anybody's account."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


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
