"""What every test has: no real AWS, and a table made from the keys contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTRACT = Path(__file__).parents[1] / "contract"
REGION = "eu-west-2"


@pytest.fixture(autouse=True)
def _fake_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def table(aws: None) -> Any:
    keys = json.loads((CONTRACT / "table-keys.json").read_text())
    names = {"HASH": keys["partition_key"], "RANGE": keys["sort_key"]}
    return boto3.resource("dynamodb").create_table(
        TableName="events",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for kind, name in names.items()],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in names.values()
        ],
        BillingMode="PAY_PER_REQUEST",
    )
