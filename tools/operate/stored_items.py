"""Reads the stored items of an environment without taking the table's capacity from the processor and the reporter."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from operate.environment import table_keys

_ITEMS_PER_PAGE = 500
"""Of at most 1 KB each: far from the megabyte at which DynamoDB ends a page, so that reading is paced finely."""

_SHARE = 0.5
"""Of the table's read capacity."""


class StoredItems:
    """The items of one table, read slowly enough for others to read meanwhile."""

    def __init__(self, client: Any, table_name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._table_name = table_name
        self._sleep = sleep
        self._serialize = TypeSerializer().serialize
        self._deserialize = TypeDeserializer().deserialize
        capacity = client.describe_table(TableName=table_name)["Table"].get("ProvisionedThroughput", {})
        self._units_per_second = capacity.get("ReadCapacityUnits", 0) * _SHARE
        self.keys = table_keys()

    def of_day(self, site: str, day: str) -> Iterator[dict[str, Any]]:
        """Yield the exchanges of a site on a UTC day (`2026-11-22`), ordered by id.

        Items that have expired, which DynamoDB deletes at leisure, are left out.
        """
        yield from self._pages(
            self._client.query,
            KeyConditionExpression="#partition = :partition",
            FilterExpression="#expiry > :now",
            ExpressionAttributeNames={"#partition": self.keys.partition_key, "#expiry": self.keys.time_to_live},
            ExpressionAttributeValues=self._values({":partition": partition(site, day), ":now": int(time.time())}),
        )

    def everything(self) -> Iterator[dict[str, Any]]:
        """Yield all items there are, read consistently."""
        yield from self._pages(self._client.scan, ConsistentRead=True)

    def with_attribute(self, name: str, value: str) -> Iterator[dict[str, Any]]:
        """Yield all items with this attribute, of any site and day, read consistently."""
        yield from self._pages(
            self._client.scan,
            ConsistentRead=True,
            FilterExpression="#name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues=self._values({":value": value}),
        )

    def holds(self, key: tuple[str, str]) -> bool:
        """Whether there is an item with this partition and sort key."""
        return "Item" in self._client.get_item(TableName=self._table_name, Key=self._key(key), ConsistentRead=True)

    def origins(self, key: tuple[str, str]) -> frozenset[str]:
        """Return the origins of the events that an exchange's item and its pages of origins are made of."""
        answer = self._client.get_item(TableName=self._table_name, Key=self._key(key), ConsistentRead=True)
        item = {name: self._deserialize(value) for name, value in answer.get("Item", {}).items()}
        found = frozenset(item.get("origins", ()))
        return found.union(*(page["origins"] for page in self.origins_pages(key)))

    def origins_pages(self, key: tuple[str, str]) -> Iterator[dict[str, Any]]:
        """Yield the pages of those origins that an exchange's item had no room for."""
        yield from self._pages(
            self._client.query,
            ConsistentRead=True,
            KeyConditionExpression="#partition = :partition AND begins_with(#sort, :id)",
            ExpressionAttributeNames={"#partition": self.keys.partition_key, "#sort": self.keys.sort_key},
            ExpressionAttributeValues=self._values({":partition": f"{key[0]}#origins", ":id": f"{key[1]}#"}),
        )

    def of_partition(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield all items with this partition key."""
        yield from self._pages(
            self._client.query,
            ConsistentRead=True,
            KeyConditionExpression="#partition = :partition",
            ExpressionAttributeNames={"#partition": self.keys.partition_key},
            ExpressionAttributeValues=self._values({":partition": name}),
        )

    def remove(self, key: tuple[str, str], attributes: Sequence[str]) -> None:
        """Remove attributes of the item with this partition and sort key; the others stay."""
        names = {f"#a{index}": name for index, name in enumerate(attributes)}
        self._client.update_item(
            TableName=self._table_name,
            Key=self._key(key),
            UpdateExpression=f"REMOVE {', '.join(names)}",
            ExpressionAttributeNames=names,
        )

    def delete(self, key: tuple[str, str]) -> None:
        """Delete the item with this partition and sort key."""
        self._client.delete_item(TableName=self._table_name, Key=self._key(key))

    def _key(self, key: tuple[str, str]) -> dict[str, Any]:
        return self._values({self.keys.partition_key: key[0], self.keys.sort_key: key[1]})

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._serialize(value) for name, value in values.items()}

    def _pages(self, read: Callable[..., Any], **arguments: Any) -> Iterator[dict[str, Any]]:
        arguments |= {"TableName": self._table_name, "Limit": _ITEMS_PER_PAGE, "ReturnConsumedCapacity": "TOTAL"}
        while True:
            page = read(**arguments)
            for item in page["Items"]:
                yield {name: self._deserialize(value) for name, value in item.items()}
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
            self._wait(page.get("ConsumedCapacity", {}).get("CapacityUnits", 0))

    def _wait(self, units: float) -> None:
        if self._units_per_second:
            self._sleep(units / self._units_per_second)


def partition(site: str, day: str) -> str:
    """Return the partition key of a site's exchanges of a UTC day, as the contract of the stored item has it."""
    return f"site#{site}#day#{day}"
