"""The DynamoDB table: exchanges in, daily rollups in and out. Knows the keys of both."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Attr, Key

from reporter.exchange import CLOCK_TOLERANCE_MS, first_id
from reporter.item_reader import expires_at, read_item
from reporter.rollups.rollup import Rollup
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reporter.exchange import DamagedItem, Exchange

logger = logging.getLogger(__name__)

MS_PER_DAY: Final = 86_400_000
DAYS_EXCHANGES_LIVE: Final = 90
DAYS_REPORTS_LIVE: Final = 400

# Raised whenever what a rollup holds changes, so that rollups of another make are made again.
_ROLLUP_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class StoredRollup:
    """A rollup and when it was made, in Unix epoch milliseconds."""

    rollup: Rollup
    made_at_ms: int


class Table:
    """Reads and writes one table through a boto3 `Table` resource."""

    def __init__(self, resource: Any) -> None:
        self._resource = resource
        self._keys = key_names()

    def exchanges(self, site: str, begin_ms: int, end_ms: int, now_ms: int) -> Iterator[Exchange | DamagedItem]:
        """Yield what belongs to a span of time, ordered by id, which is by time of asking.

        Damaged items are among them, as such.

        Items lie in the partition of their id's UTC day; a local day touches two of them. Items
        past their time to live, which DynamoDB deletes at leisure, are left out.
        """
        first_ms, last_ms = begin_ms - CLOCK_TOLERANCE_MS, end_ms + CLOCK_TOLERANCE_MS
        for day in range(first_ms // MS_PER_DAY, (last_ms - 1) // MS_PER_DAY + 1):
            midnight = datetime.fromtimestamp(day * MS_PER_DAY / 1000, tz=UTC)
            pages = self._query(f"site#{site}#day#{midnight:%Y-%m-%d}", first_id(first_ms), first_id(last_ms))
            for item in pages:
                if expires_at(item) * 1000 <= now_ms:
                    continue
                read = read_item(item, fallback_ms=day * MS_PER_DAY + MS_PER_DAY // 2)
                if begin_ms <= read.moment_ms < end_ms:
                    yield read

    def rollups(self, site: str, first: date, last: date, zone: str) -> dict[date, StoredRollup]:
        """Return the stored rollups of some days, both included, that were cut in a time zone."""
        items = self._query(f"site#{site}#rollup", f"day#{first}", f"day#{last}")
        return {
            date.fromisoformat(item[self._keys.sort_key].removeprefix("day#")): StoredRollup(
                Rollup.decode(item["rollup"].value), int(item["made_at"])
            )
            for item in items
            if item["zone"] == zone and item["version"] == _ROLLUP_VERSION
        }

    def put_rollup(self, site: str, day: date, zone: str, rollup: Rollup, made_at_ms: int) -> None:
        """Store a day's rollup, unless a later one is there already."""
        encoded = rollup.encode()
        item = {
            self._keys.partition_key: f"site#{site}#rollup",
            self._keys.sort_key: f"day#{day}",
            self._keys.time_to_live: made_at_ms // 1000 + DAYS_REPORTS_LIVE * MS_PER_DAY // 1000,
            "version": _ROLLUP_VERSION,
            "zone": zone,
            "made_at": made_at_ms,
            "exchanges": rollup.exchanges,
            "rollup": encoded,
        }
        newest = Attr("made_at").not_exists() | Attr("made_at").lte(made_at_ms)
        try:
            self._resource.put_item(Item=item, ConditionExpression=newest)
        except self._resource.meta.client.exceptions.ConditionalCheckFailedException:
            logger.info("a later rollup of %s %s is stored already", site, day)

    def known_sources(self, site: str) -> frozenset[str] | None:
        """Return all sources that the owner has registered, or None where none were."""
        item = self._resource.get_item(Key=self._sources_key(site)).get("Item")
        return None if item is None else frozenset(item["sources"])

    def put_known_sources(self, site: str, sources: frozenset[str]) -> None:
        """Store the names of all sources of a site, so that reports can list unused ones."""
        self._resource.put_item(Item=self._sources_key(site) | {"sources": sorted(sources)})

    def _sources_key(self, site: str) -> dict[str, str]:
        keys = self._keys
        return {keys.partition_key: f"site#{site}#sources", keys.sort_key: "all"}

    def _query(self, partition: str, first: str, last: str) -> Iterator[dict[str, Any]]:
        keys = self._keys
        condition = Key(keys.partition_key).eq(partition) & Key(keys.sort_key).between(first, last)
        arguments: dict[str, Any] = {"KeyConditionExpression": condition}
        while True:
            page = self._resource.query(**arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
