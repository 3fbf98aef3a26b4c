"""The DynamoDB table: exchanges in the order of asking. The only module that knows its keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from reporter.exchange import CLOCK_TOLERANCE_MS, Exchange, first_id

if TYPE_CHECKING:
    from collections.abc import Iterator

_MS_PER_DAY = 86_400_000


class Table:
    """Reads and writes one table through a boto3 `Table` resource."""

    def __init__(self, resource: Any) -> None:  # noqa: ANN401 (boto3 makes its classes at run time)
        keys = json.loads((files("contract") / "table-keys.json").read_text())
        self._resource = resource
        self._partition_key: str = keys["partition_key"]
        self._sort_key: str = keys["sort_key"]
        self._expires_at: str = keys["time_to_live"]

    def exchanges(self, site: str, begin_ms: int, end_ms: int, now_ms: int) -> Iterator[Exchange]:
        """Yield what belongs to a span of time, ordered by id, which is by time of asking.

        Items lie in the partition of their id's UTC day; a local day touches two of them. Items
        past their time to live, which DynamoDB deletes at leisure, are left out.
        """
        first_ms, last_ms = begin_ms - CLOCK_TOLERANCE_MS, end_ms + CLOCK_TOLERANCE_MS
        for day in range(first_ms // _MS_PER_DAY, (last_ms - 1) // _MS_PER_DAY + 1):
            midnight = datetime.fromtimestamp(day * _MS_PER_DAY / 1000, tz=UTC)
            partition = f"site#{site}#day#{midnight:%Y-%m-%d}"
            condition = Key(self._partition_key).eq(partition) & Key(self._sort_key).between(
                first_id(first_ms), first_id(last_ms)
            )
            for item in self._query(KeyConditionExpression=condition):
                if int(item[self._expires_at]) * 1000 <= now_ms:
                    continue
                exchange = Exchange.from_item(item)
                if begin_ms <= exchange.moment_ms < end_ms:
                    yield exchange

    def _query(self, **arguments: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        while True:
            page = self._resource.query(**arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
