"""Deploys the baseline beside our processor, with the same memory, batches and table capacity."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.throughput import Consumer
from stack.emulator import Emulator
from stack.queue import Queue

_NAME = "baseline-processor"
_TABLES = ("baseline-interim", "baseline-final")
_CAPACITY = {"ReadCapacityUnits": 25, "WriteCapacityUnits": 25}
_ACTIONS = ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem", "sqs:ReceiveMessage", "sqs:DeleteMessage"]
_ACTIONS += ["sqs:GetQueueAttributes", "sqs:DeleteMessageBatch", "logs:*"]


def deploy(aws: Emulator) -> Consumer:
    """Create its role, tables, queue, function and event source mapping."""
    dynamodb, sqs = aws.client("dynamodb"), aws.client("sqs")
    for table in _TABLES:
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            ProvisionedThroughput=_CAPACITY,
        )
        specification = {"Enabled": True, "AttributeName": "expires_at"}
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
    attributes = {"FifoQueue": "true", "VisibilityTimeout": "180", "FifoThroughputLimit": "perMessageGroupId"}
    attributes["DeduplicationScope"] = "messageGroup"
    url = sqs.create_queue(QueueName=f"{_NAME}.fifo", Attributes=attributes)["QueueUrl"]
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
