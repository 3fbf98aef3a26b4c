"""The DynamoDB table: merges an item into the stored one, and retries while the table throttles."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's name

from processor.item import EXCHANGE_ATTRIBUTES, FEEDBACK_ATTRIBUTES, Item, Part

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Clock: TypeAlias = Callable[[], float]
"""Returns the seconds that are left."""

_SUPERSEDED = "ConditionalCheckFailedException"
_SERVER_ERROR = 500
_TEMPORARY = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
        "TransactionConflictException",
    }
)
_MAX_PAUSE_SECONDS = 1.0
"""The client's adaptive retry mode holds back on its own while the table throttles; this only adds jitter."""


class TableBusyError(Exception):
    """The table throttled or failed until no time was left; a later attempt may succeed."""


@dataclass(frozen=True)
class TableKeys:
    """The table's key and expiry attributes, as the workspace that owns the table names them."""

    partition_key: str
    sort_key: str
    time_to_live: str

    @staticmethod
    @cache
    def of_contract() -> "TableKeys":
        """Read the names from the copy of the owner's file."""
        return TableKeys(**json.loads(files("contract").joinpath("table-keys.json").read_text("utf-8")))


class ItemTable:
    """The table that holds one item for each exchange."""

    def __init__(self, client: "DynamoDBClient", name: str, pause: Callable[[float], None]) -> None:
        """Bind the table.

        Args:
            client: One whose retry mode is `adaptive`.
            name: The table's name.
            pause: Sleeps that many seconds.
        """
        self._client = client
        self._name = name
        self._pause = pause
        self._keys = TableKeys.of_contract()
        self._serialize: Callable[[Any], Any] = TypeSerializer().serialize
        self.throttled = 0
        """Writes so far that were throttled or failed with a temporary error."""

    def merge(self, item: Item, time_left: Clock) -> None:
        """Store the join of this item and what is stored under its key. Doing it twice changes nothing.

        One write, unless a part of the item is superseded by a stored one: then the parts go one by one.

        Raises:
            TableBusyError: The table was throttled or failing until no time was left.
        """
        if self._write_newer(item, time_left):
            return
        for part in item.split_parts():
            if not self._write_newer(part, time_left):
                self._write_origins(part, time_left)

    def _write_newer(self, item: Item, time_left: Clock) -> bool:
        """Return whether it was written: not if the table has a greater version of one of its parts."""
        update = _Update(self._serialize)
        update.set(self._keys.time_to_live, item.key.expires_at)
        update.add("origins", set(item.origins))
        update.replace("exchange_order", item.exchange, EXCHANGE_ATTRIBUTES)
        update.replace("feedback_order", item.feedback, FEEDBACK_ATTRIBUTES)
        try:
            self._update_with_retry(time_left, item, update.arguments())
        except ClientError as error:
            if error.response["Error"]["Code"] == _SUPERSEDED:
                return False
            raise
        return True

    def _write_origins(self, item: Item, time_left: Clock) -> None:
        update = _Update(self._serialize)
        update.set(self._keys.time_to_live, item.key.expires_at)
        update.add("origins", set(item.origins))
        self._update_with_retry(time_left, item, update.arguments())

    def _update_with_retry(self, time_left: Clock, item: Item, arguments: dict[str, Any]) -> None:
        key = {
            self._keys.partition_key: self._serialize(item.key.partition),
            self._keys.sort_key: self._serialize(item.key.id),
        }
        for longest in _backoff():
            if time_left() <= 0:
                raise TableBusyError
            try:
                self._client.update_item(TableName=self._name, Key=key, **arguments)
            except (ClientError, ConnectionError, HTTPClientError) as error:
                if not _is_temporary(error):
                    raise
                self.throttled += 1
            else:
                return
            self._pause(min(random.uniform(0, longest), max(time_left(), 0)))  # noqa: S311 - no secret


class _Update:
    """The pieces of one UpdateItem request. Every name is a placeholder, since many are reserved words."""

    def __init__(self, serialize: Callable[[Any], Any]) -> None:
        self._serialize = serialize
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._clauses: dict[str, list[str]] = {"SET": [], "ADD": [], "REMOVE": []}
        self._conditions: list[str] = []

    def set(self, name: str, value: object) -> None:
        self._clauses["SET"].append(f"{self._name(name)} = {self._value(name, value)}")

    def add(self, name: str, value: object) -> None:
        self._clauses["ADD"].append(f"{self._name(name)} {self._value(name, value)}")

    def replace(self, order_name: str, part: Part | None, names: tuple[str, ...]) -> None:
        """Replace a stored part that is not greater, removing the attributes that this one lacks."""
        if part is None:
            return
        self.set(order_name, part.order)
        self._conditions.append(
            f"(attribute_not_exists({self._name(order_name)}) OR {self._name(order_name)} <= :{order_name})"
        )
        for name in names:
            if name in part.attributes:
                self.set(name, part.attributes[name])
            else:
                self._clauses["REMOVE"].append(self._name(name))

    def arguments(self) -> dict[str, Any]:
        expression = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in self._clauses.items() if parts)
        condition = {"ConditionExpression": " AND ".join(self._conditions)} if self._conditions else {}
        return {
            "UpdateExpression": expression,
            "ExpressionAttributeNames": self._names,
            "ExpressionAttributeValues": self._values,
            **condition,
        }

    def _name(self, name: str) -> str:
        self._names[f"#{name}"] = name
        return f"#{name}"

    def _value(self, name: str, value: object) -> str:
        self._values[f":{name}"] = self._serialize(value)
        return f":{name}"


def _backoff() -> Iterator[float]:
    """Yield upper bounds in seconds, doubling up to the longest."""
    pause = 0.05
    while True:
        yield pause
        pause = min(pause * 2, _MAX_PAUSE_SECONDS)


def _is_temporary(error: ClientError | ConnectionError | HTTPClientError) -> bool:
    if not isinstance(error, ClientError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"]["Code"] in _TEMPORARY or status >= _SERVER_ERROR
