"""The DynamoDB table: exchanges in, daily rollups in and out. Knows the keys of both."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Attr, Key

from reporter.exchange import CLOCK_TOLERANCE_MS, Exchange, first_id
from reporter.item_reader import expires_at, read_item, read_origins
from reporter.retention import words_expire_at
from reporter.rollups.checked import DamagedRollupError, count
from reporter.rollups.rollup import Rollup
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reporter.exchange import DamagedItem, Origin

logger = logging.getLogger(__name__)

MS_PER_DAY: Final = 86_400_000
DAYS_EXCHANGES_LIVE: Final = 90
DAYS_REPORTS_LIVE: Final = 400

# Raised whenever what a rollup holds changes. Those of an earlier version are read too, where the
# exchanges to make another from have expired.
_ROLLUP_VERSION: Final = 3
_FIRST_ROLLUP_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class StoredRollup:
    """A rollup and when it was made, in Unix epoch milliseconds.

    Attributes:
        rollup: None where what is stored is damaged.
        is_current: whether it holds all that one made now would.

    """

    rollup: Rollup | None
    made_at_ms: int
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """The mark of a UTC day that changed late (contract/stored-item/changed-day.v1.schema.json)."""

    day: date
    mark: Mapping[str, Any]


class Table:
    """Reads and writes one table through a boto3 `Table` resource."""

    def __init__(self, resource: Any) -> None:
        self._resource = resource
        self._keys = key_names()

    def exchanges(self, site: str, begin_ms: int, end_ms: int, now_ms: int) -> Iterator[Exchange | DamagedItem]:
        """Yield what belongs to a span of time, ordered by id, which is by time of asking.

        Damaged items are among them, as such. Items lie in the partition of their id's UTC day; a
        local day touches two of them. Items past their time to live, which DynamoDB deletes at
        leisure, are left out.
        """
        first_ms, last_ms = begin_ms - CLOCK_TOLERANCE_MS, end_ms + CLOCK_TOLERANCE_MS
        for day in range(first_ms // MS_PER_DAY, (last_ms - 1) // MS_PER_DAY + 1):
            midnight = datetime.fromtimestamp(day * MS_PER_DAY / 1000, tz=UTC)
            partition = f"site#{site}#day#{midnight:%Y-%m-%d}"
            span = first_id(first_ms), first_id(last_ms)
            pages = self._origins_pages(f"{partition}#origins", *span)
            for item in self._query(partition, *span):
                if expires_at(item) * 1000 <= now_ms:
                    continue
                read = read_item(item, fallback_ms=day * MS_PER_DAY + MS_PER_DAY // 2)
                if begin_ms <= read.moment_ms < end_ms:
                    more = pages.get(str(item.get(self._keys.sort_key)))
                    yield replace(read, origins=tuple({*read.origins, *more})) if more else read

    def rollups(self, site: str, first: date, last: date, zone: str) -> dict[date, StoredRollup]:
        """Return the stored rollups of some days, both included, that were cut in a time zone."""
        found = {}
        for item in self._query(f"site#{site}#rollup", f"day#{first}", f"day#{last}"):
            with suppress(ValueError):
                day = date.fromisoformat(str(item[self._keys.sort_key]).removeprefix("day#"))
                if item.get("zone", zone) == zone:
                    found[day] = self._stored_rollup(item)
        return found

    def put_rollup(self, site: str, day: date, zone: str, rollup: Rollup, made_at_ms: int) -> None:
        """Store a day's rollup, unless a later one is there already."""
        encoded = rollup.encode()
        item = {
            self._keys.partition_key: f"site#{site}#rollup",
            self._keys.sort_key: f"day#{day}",
            self._keys.time_to_live: words_expire_at(day),
            "version": _ROLLUP_VERSION,
            "zone": zone,
            "made_at": made_at_ms,
            "exchanges": rollup.exchanges,
            "rollup": encoded,
        }
        is_number = Attr("made_at").attribute_type("N")
        newest = ~is_number | Attr("made_at").lte(made_at_ms)
        try:
            self._resource.put_item(Item=item, ConditionExpression=newest)
        except self._resource.meta.client.exceptions.ConditionalCheckFailedException:
            logger.info("a later rollup of %s %s is stored already", site, day)

    def changed_days(self, site: str) -> list[ChangedDay]:
        """Return the UTC days that have changed since they were marked, the latest first."""
        marks = []
        for item in self._query(f"site#{site}#changed", "day#0000-01-01", "day#9999-12-31"):
            with suppress(ValueError):
                day = date.fromisoformat(str(item[self._keys.sort_key]).removeprefix("day#"))
                marks.append(ChangedDay(day, item))
        return sorted(marks, key=lambda changed: changed.day, reverse=True)

    def delete_mark(self, changed: ChangedDay) -> None:
        """Delete a mark, unless the day has changed again since the mark was read."""
        keys = {self._keys.partition_key, self._keys.sort_key}
        same = Attr(self._keys.partition_key).exists()
        for name in ("changed_at", "changes"):
            same &= Attr(name).eq(changed.mark[name]) if name in changed.mark else Attr(name).not_exists()
        try:
            self._resource.delete_item(
                Key={name: changed.mark[name] for name in keys},
                ConditionExpression=same,
            )
        except self._resource.meta.client.exceptions.ConditionalCheckFailedException:
            logger.info("%s has changed again and stays marked", changed.day)

    def known_sources(self, site: str) -> frozenset[str] | None:
        """Return all sources that the owner has registered, or None where none were."""
        item = self._resource.get_item(Key=self._sources_key(site)).get("Item", {})
        names = item.get("sources")
        return frozenset(map(str, names)) if isinstance(names, (list, set)) else None

    def put_known_sources(self, site: str, sources: frozenset[str]) -> None:
        """Store the names of all sources of a site, so that reports can list unused ones."""
        self._resource.put_item(Item=self._sources_key(site) | {"sources": sorted(sources)})

    def _stored_rollup(self, item: Mapping[str, Any]) -> StoredRollup:
        made_at_ms = version = 0
        with suppress(ValueError, TypeError, LookupError, ArithmeticError):
            made_at_ms, version = int(item["made_at"]), int(item["version"])
        try:
            rollup = _decoded(item, version)
        except (DamagedRollupError, TypeError, ValueError, ArithmeticError) as error:
            logger.warning("the rollup %s is damaged: %s", item.get(self._keys.sort_key), error)
            return StoredRollup(None, made_at_ms, is_current=False)
        return StoredRollup(rollup, made_at_ms, version == _ROLLUP_VERSION)

    def _origins_pages(self, partition: str, first: str, last: str) -> dict[str, set[Origin]]:
        """Return the origins that the items of a day had no room for, by id (origins-page.v1)."""
        found: dict[str, set[Origin]] = {}
        for item in self._query(partition, first, last):
            exchange_id = str(item[self._keys.sort_key]).partition("#")[0]
            found.setdefault(exchange_id, set()).update(read_origins(item))
        return found

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


def _decoded(item: Mapping[str, Any], version: int) -> Rollup:
    if not _FIRST_ROLLUP_VERSION <= version <= _ROLLUP_VERSION:
        raise DamagedRollupError(f"version {version}")
    rollup = Rollup.decode(bytes(getattr(item.get("rollup"), "value", b"")))
    if "exchanges" in item and count(int(item["exchanges"])) != rollup.exchanges:
        raise DamagedRollupError("not as many exchanges as beside it")
    return rollup
