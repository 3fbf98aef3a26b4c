"""Deploys the baseline beside our processor, with the same memory, batches and table capacity."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from boto3.dynamodb.types import TypeSerializer

from benchmarks.baseline.handler import Correlator
from benchmarks.throughput import Consumer
from stack.emulator import Emulator
from stack.queue import Queue

_NAME = "baseline-processor"
_TABLES = (_INTERIM, _FINAL) = ("baseline-interim", "baseline-final")
_CAPACITY = {"ReadCapacityUnits": 25, "WriteCapacityUnits": 25}
_INDEX = {
    "IndexName": "by-outcome",
    "KeySchema": [
        {"AttributeName": "outcome", "KeyType": "HASH"},
        {"AttributeName": "asked_at", "KeyType": "RANGE"},
    ],
    "Projection": {"ProjectionType": "ALL"},
    "ProvisionedThroughput": _CAPACITY,
}
_ACTIONS = ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem", "sqs:ReceiveMessage", "sqs:DeleteMessage"]
_ACTIONS += ["sqs:GetQueueAttributes", "sqs:DeleteMessageBatch", "logs:*"]


def deploy(aws: Emulator) -> Consumer:
    """Create its role, tables, queue, function and event source mapping."""
    dynamodb, sqs = aws.client("dynamodb"), aws.client("sqs")
    for table, index in zip(_TABLES, ({}, _INDEX), strict=True):
        attributes = {"id": "S"} | ({"outcome": "S", "asked_at": "N"} if index else {})
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in attributes.items()],
            ProvisionedThroughput=_CAPACITY,
            **({"GlobalSecondaryIndexes": [index]} if index else {}),
        )
        specification = {"Enabled": True, "AttributeName": "expires_at"}
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
    of_queue = {"FifoQueue": "true", "VisibilityTimeout": "180", "FifoThroughputLimit": "perMessageGroupId"}
    of_queue["DeduplicationScope"] = "messageGroup"
    url = sqs.create_queue(QueueName=f"{_NAME}.fifo", Attributes=of_queue)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName=_NAME,
        Runtime="python3.13",
        Handler="handler.handler",
        Role=_role(aws),
        MemorySize=256,
        Timeout=30,
        Code={"ZipFile": _package()},
        Environment={"Variables": dict(zip(("INTERIM_TABLE", "FINAL_TABLE"), _TABLES, strict=True))},
    )
    mapping = functions.create_event_source_mapping(
        EventSourceArn=arn,
        FunctionName=_NAME,
        BatchSize=10,
        Enabled=False,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    return Consumer(functions, mapping["UUID"], Queue(sqs, url))


def write_units(aws: Emulator, messages: Iterable[str]) -> list[float]:
    """Store the events of some messages with the baseline's own code, and return the write units of each write."""
    client = aws.client("dynamodb")
    units: list[float] = []
    for operation in ("PutItem", "DeleteItem"):
        client.meta.events.register(f"before-parameter-build.dynamodb.{operation}", _ask_for_units)
        client.meta.events.register(
            f"after-call.dynamodb.{operation}",
            lambda parsed, **_: units.append(float(parsed["ConsumedCapacity"]["CapacityUnits"])),
        )
    correlator = Correlator(client, _INTERIM, _FINAL, TypeSerializer().serialize)
    for message in messages:
        correlator.take(json.loads(message, parse_float=Decimal))
    return units


def _ask_for_units(params: dict[str, object], **_: object) -> None:
    params["ReturnConsumedCapacity"] = "INDEXES"


def final_table_size(aws: Emulator) -> int:
    """Return how many exchanges are complete."""
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=_TABLES[1], Select="COUNT")
    return sum(page["Count"] for page in pages)


def _role(aws: Emulator) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = aws.client("iam")
    role = iam.create_role(RoleName=_NAME, AssumeRolePolicyDocument=_document(trust))["Role"]
    policy = _document({"Effect": "Allow", "Action": _ACTIONS, "Resource": "*"})
    iam.put_role_policy(RoleName=_NAME, PolicyName="work", PolicyDocument=policy)
    return str(role["Arn"])


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.write(Path(__file__).with_name("handler.py"), "handler.py")
    return content.getvalue()
