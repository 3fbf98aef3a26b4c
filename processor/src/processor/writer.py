"""Writes to a DynamoDB table, and retries while it throttles."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's name

from processor.update import Update

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Clock: TypeAlias = Callable[[], float]
"""Returns the seconds that are left."""

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


class TableWriter:
    """Sends UpdateItem requests to one table."""

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
        self.keys = TableKeys.of_contract()
        self._serialize: Callable[[Any], Any] = TypeSerializer().serialize
        self.throttled = 0
        """Writes so far that were throttled or failed with a temporary error."""

    def new_update(self, expires_at: int) -> Update:
        """Begin an update that sets the item's expiry, in Unix epoch seconds."""
        update = Update(self._serialize)
        update.assign(self.keys.time_to_live, expires_at)
        return update

    def write(self, partition: str, sort_key: str, update: Update, time_left: Clock) -> None:
        """Update one item, and try again after temporary errors while there is time.

        Raises:
            TableBusyError: The table was throttled or failing until no time was left.
            ClientError: Any other error, `ConditionalCheckFailedException` among them.
        """
        key = {
            self.keys.partition_key: self._serialize(partition),
            self.keys.sort_key: self._serialize(sort_key),
        }
        for longest in _backoff():
            if time_left() <= 0:
                raise TableBusyError
            try:
                self._client.update_item(TableName=self._name, Key=key, **update.arguments())
            except (ClientError, ConnectionError, HTTPClientError) as error:
                if not _is_temporary(error):
                    raise
                self.throttled += 1
            else:
                return
            self._pause(min(random.uniform(0, longest), max(time_left(), 0)))  # noqa: S311 - no secret


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
