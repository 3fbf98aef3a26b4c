"""A release calls nothing that the role which GitHub deploys in may not do."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest

from operate.environment import ROOT, Environment
from operate.event_source import start_reading
from operate.lambda_function import Function
from operate.old_packages import remove_old_packages
from operate.release import release
from tests.tools.operate.test_old_packages import BUCKET, FakeFunction

ROLE = ROOT / "infrastructure" / "modules" / "github-deploy-role" / "main.tf"
# Where an operation's permission has another name: docs.aws.amazon.com, service authorization reference.
PERMISSIONS = {
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:DeleteObject": "s3:DeleteObjectVersion",
    "lambda:Invoke": "lambda:InvokeFunction",
}
NOBODY_NEEDS_PERMISSION = {"sts:GetCallerIdentity"}


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What is asked of AWS from now on."""
    found: set[str] = set()
    client: Any = botocore.client.BaseClient
    make = client._make_api_call

    def record(self: Any, operation: str, arguments: Mapping[str, Any]) -> Any:
        name = f"{self.meta.service_model.service_name}:{operation}"
        found.add(PERMISSIONS.get(name, name))
        return make(self, operation, arguments)

    monkeypatch.setattr(client, "_make_api_call", record)
    return found


def granted() -> set[str]:
    return set(re.findall(r'"([a-z0-9]+:[A-Z]\w+)"', ROLE.read_text(encoding="utf-8")))


def test_what_a_release_calls_is_granted(
    whole: None, environment: Environment, called: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = Function(environment, "processor")
    # Moto's CloudFormation needs packages that nothing else here does.
    monkeypatch.setattr("operate.event_source._schedule", lambda _environment: None)

    list(release(processor, lambda *_: None, lambda _: "works"))
    processor.reject("1")
    processor.point_to("1")
    list(start_reading(processor))

    assert {"lambda:GetAlias", "lambda:UpdateAlias", "lambda:ListEventSourceMappings"} <= called
    assert called - NOBODY_NEEDS_PERMISSION <= granted()


def test_what_removes_old_packages_is_granted(aws: None, called: set[str]) -> None:
    storage = boto3.client("s3")
    storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    storage.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for number in range(5):
        storage.put_object(Bucket=BUCKET, Key=f"{FakeFunction.stack}/{number}", Body=b"x")
    called.clear()

    list(remove_old_packages(FakeFunction()))  # type: ignore[arg-type]

    assert called == {"s3:ListBucketVersions", "s3:DeleteObjectVersion"}
    assert called | {"lambda:ListAliases", "lambda:DeleteFunction", "cloudformation:DescribeStacks"} <= granted()


def test_what_a_deployment_reads_is_granted() -> None:
    source = Path(ROOT / "processor" / "deployment" / "aws.py").read_text(encoding="utf-8")
    operations = set(re.findall(r"\.(get_parameters|describe_stacks|get_alias)\(", source))

    assert operations == {"get_parameters", "describe_stacks", "get_alias"}, "name the permission of what is new"
    assert {"ssm:GetParameters", "cloudformation:DescribeStacks", "lambda:GetAlias"} <= granted()
