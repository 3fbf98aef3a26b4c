"""After a release, only the latest packages and versions are left."""

from typing import Any, ClassVar

import boto3
import pytest
from botocore.exceptions import ClientError

from operate.old_packages import PACKAGES_KEPT, VERSIONS_KEPT, remove_old_packages

BUCKET = "aws-sam-cli-managed-default-samclisourcebucket-test"
STACK = "edge-analytics-dev-reporter"


class FakeLambda:
    """Aliases of a function, and what was deleted."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def list_aliases(self, **_: Any) -> dict[str, Any]:
        routing = {"AdditionalVersionWeights": {"2": 0.1}}
        return {"Aliases": [{"Name": "live", "FunctionVersion": "1", "RoutingConfig": routing}]}

    def delete_function(self, **arguments: str) -> None:
        self.deleted.append(arguments["Qualifier"])


class FakeCloudFormation:
    """Knows SAM's stack, or none."""

    def __init__(self, bucket: str | None) -> None:
        self.bucket = bucket

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        if self.bucket is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "no such stack"}}, "DescribeStacks")
        return {"Stacks": [{"Outputs": [{"OutputKey": "SourceBucket", "OutputValue": self.bucket}]}]}


class FakeFunction:
    """A function with fifteen versions, of which the alias points to the first."""

    service = "reporter"
    name = stack = STACK
    alias: ClassVar[str] = "live"

    def __init__(self, bucket: str | None = BUCKET) -> None:
        self.client_of_lambda = FakeLambda()
        self.stacks = FakeCloudFormation(bucket)
        self.environment = self

    def versions(self) -> list[str]:
        return [str(number) for number in range(1, 16)]

    def client(self, service: str) -> Any:
        if service == "s3":
            return boto3.client("s3")
        return {"lambda": self.client_of_lambda, "cloudformation": self.stacks}[service]


@pytest.fixture
def bucket(aws: None) -> Any:
    """The bucket of SAM, with versions kept."""
    storage = boto3.client("s3")
    storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    storage.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return storage


def test_the_latest_packages_and_templates_stay_and_the_others_go_with_all_their_versions(bucket: Any) -> None:
    for number in range(6):
        for ending in ("", ".template"):
            bucket.put_object(Bucket=BUCKET, Key=f"{STACK}/{number}{ending}", Body=b"x")
    bucket.put_object(Bucket=BUCKET, Key=f"{STACK}/0", Body=b"again")
    bucket.put_object(Bucket=BUCKET, Key="edge-analytics-dev-processor/other", Body=b"x")

    (line,) = remove_old_packages(FakeFunction())  # type: ignore[arg-type]

    found = bucket.list_object_versions(Bucket=BUCKET)
    keys = sorted({each["Key"] for each in found["Versions"]})
    assert len([key for key in keys if key.startswith(STACK)]) == 2 * PACKAGES_KEPT
    assert f"{STACK}/0" not in keys
    assert "edge-analytics-dev-processor/other" in keys
    assert "DeleteMarkers" not in found
    assert "removed" in line


def test_versions_that_an_alias_uses_and_the_latest_stay(bucket: Any) -> None:
    function = FakeFunction()

    list(remove_old_packages(function))  # type: ignore[arg-type]

    assert function.client_of_lambda.deleted == [str(number) for number in range(3, 16 - VERSIONS_KEPT)]


def test_a_bucket_of_ones_own_is_left_alone(aws: None) -> None:
    assert "0 objects" in "".join(remove_old_packages(FakeFunction(None)))  # type: ignore[arg-type]
