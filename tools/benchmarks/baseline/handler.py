"""The interim-table processor: a question and its response come as two events and are brought together here.

A query event is put into the interim table. When its response comes, the query is got from there, both are put into
the final table as one item, and the interim item is deleted: four calls for an exchange. The final table has an
index, by outcome and time. What is kept of an exchange
is what our own processor keeps of it, but for the device, which takes it time to find out.

The clients are made once, nothing is read twice or converted to and fro, and a batch prints one line.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

_INTERIM_SECONDS = 86_400
_FINAL_SECONDS = 90 * 86_400


class QueryMissingError(Exception):
    """A response came before its query, which is still to come."""


@dataclass(frozen=True)
class Correlator:
    """Brings queries and responses together."""

    client: Any
    """A boto3 client of DynamoDB."""
    interim_table: str
    final_table: str
    serialize: Callable[[Any], Any]

    def take(self, event: Mapping[str, Any]) -> None:
        """Store an event.

        Raises:
            QueryMissingError: it is a response, and its query has not come yet.
            KeyError: it is no event.
        """
        if event["type"] == "query":
            self._take_query(event)
        else:
            self._take_response(event)

    def _take_query(self, event: Mapping[str, Any]) -> None:
        expires_at = event["asked_at"] // 1000 + _INTERIM_SECONDS
        self.client.put_item(TableName=self.interim_table, Item=self._item(event, expires_at=expires_at))

    def _take_response(self, event: Mapping[str, Any]) -> None:
        key = {"id": {"S": event["id"]}}
        query = self.client.get_item(TableName=self.interim_table, Key=key, ConsistentRead=True).get("Item")
        if query is None:
            self._require_final(key)
            return
        expires_at = int(query["asked_at"]["N"]) // 1000 + _FINAL_SECONDS
        final = query | self._item(event, expires_at=expires_at)
        self.client.put_item(TableName=self.final_table, Item=final)
        self.client.delete_item(TableName=self.interim_table, Key=key)

    def _require_final(self, key: Mapping[str, Any]) -> None:
        """Take a response whose exchange is complete for a repetition, and any other for an early one."""
        if "Item" not in self.client.get_item(TableName=self.final_table, Key=key, ConsistentRead=True):
            raise QueryMissingError(key["id"]["S"])

    def _item(self, event: Mapping[str, Any], **more: int) -> dict[str, Any]:
        content = {name: value for name, value in event.items() if name != "type"} | more
        return {name: self.serialize(value) for name, value in content.items()}


@cache
def _correlator() -> Correlator:
    return Correlator(
        boto3.client("dynamodb"), os.environ["INTERIM_TABLE"], os.environ["FINAL_TABLE"], TypeSerializer().serialize
    )


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Take a batch of messages, each one event, and name those that failed."""
    correlator = _correlator()
    failed = []
    for record in event["Records"]:
        try:
            correlator.take(json.loads(record["body"], parse_float=Decimal))
        except (QueryMissingError, KeyError, TypeError, ValueError, BotoCoreError, ClientError) as error:
            print(json.dumps({"message_id": record["messageId"], "error": type(error).__name__}))
            failed.append({"itemIdentifier": record["messageId"]})
    print(json.dumps({"received": len(event["Records"]), "failed": len(failed)}))
    return {"batchItemFailures": failed}
