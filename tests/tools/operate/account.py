"""Puts into an account in memory what the pipeline would have put there, and looks what is left."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from operate.environment import parameters_of_contract

SITE = "demo.example.com"
OWNER = "owner@example.com"
PROCESSOR, REPORTER = "edge-analytics-dev-processor", "edge-analytics-dev-reporter"
GROUP = "edge-analytics-dev-reports"
LOG, REPORTER_LOG = f"/aws/lambda/{PROCESSOR}", f"/aws/lambda/{REPORTER}"


def new_id(moment: datetime, number: int = 0) -> str:
    """Return a UUID version 7 of a moment."""
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-{number:012x}"


def item(moment: datetime, number: int = 0, site: str = SITE, **attributes: Any) -> dict[str, Any]:
    """Return a stored item of this moment that expires far in the future."""
    return {
        "pk": f"site#{site}#day#{moment:%Y-%m-%d}",
        "sk": new_id(moment, number),
        "expires_at": int((datetime.now(UTC) + timedelta(days=90)).timestamp()),
        "origins": {f"abcd/{number + 1}"},
        "exchange_order": "0",
        "asked_at": int(moment.timestamp() * 1000),
        "outcome": "answered",
    } | attributes


def event(moment: datetime, number: int = 0, site: str = SITE, **properties: Any) -> dict[str, Any]:
    """Return an exchange event of this moment."""
    return {
        "type": "exchange",
        "id": new_id(moment, number),
        "site": site,
        "asked_at": int(moment.timestamp() * 1000),
        "outcome": "answered",
        "origin": {"isolate": "abcd", "sequence": 1},
    } | properties


class Account:
    """The account of the tests."""

    @property
    def dead_letter_queue_url(self) -> str:
        return str(boto3.client("sqs").get_queue_url(QueueName="dead.fifo")["QueueUrl"])

    def publish(self, parameters: dict[str, str]) -> None:
        kinds = {parameter.name: parameter.kind for parameter in parameters_of_contract()}
        for name, value in parameters.items():
            boto3.client("ssm").put_parameter(
                Name=f"/edge-analytics/dev/{name}", Value=value, Type=kinds[name], Overwrite=True
            )

    def put(self, *items: dict[str, Any]) -> None:
        serialize = TypeSerializer().serialize
        for stored in items:
            exact = json.loads(json.dumps(stored, default=list), parse_float=Decimal)
            if "origins" in stored:
                exact["origins"] = set(stored["origins"])
            values = {name: serialize(value) for name, value in exact.items()}
            boto3.client("dynamodb").put_item(TableName="table", Item=values)

    def items(self) -> list[dict[str, Any]]:
        deserialize = TypeDeserializer().deserialize
        found = boto3.client("dynamodb").scan(TableName="table")["Items"]
        return [{name: deserialize(value) for name, value in one.items()} for one in found]

    def ids(self) -> set[str]:
        return {str(one["sk"]) for one in self.items()}

    def fail(self, *events: dict[str, Any], body: str | None = None) -> None:
        """Put a message into the dead-letter queue."""
        boto3.client("sqs").send_message(
            QueueUrl=self.dead_letter_queue_url,
            MessageBody=json.dumps({"version": 1, "events": events}) if body is None else body,
            MessageGroupId=str(uuid.uuid4()),
            MessageDeduplicationId=str(uuid.uuid4()),
        )

    def clear(self) -> None:
        """Empty the table and the dead-letter queue."""
        for found in self.items():
            boto3.client("dynamodb").delete_item(
                TableName="table", Key={"pk": {"S": found["pk"]}, "sk": {"S": found["sk"]}}
            )
        sqs = boto3.client("sqs")
        sqs.delete_queue(QueueUrl=self.dead_letter_queue_url)
        sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})

    def dead_letter_bodies(self) -> list[str]:
        """Return the bodies of all messages in the DLQ that can be received, and hide them for a moment only."""
        sqs, bodies = boto3.client("sqs"), []
        while messages := sqs.receive_message(
            QueueUrl=self.dead_letter_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=30
        ).get("Messages", []):
            bodies += [message["Body"] for message in messages]
        return bodies
