"""Lets numbers live longer than the words that visitors typed.

Rollups and snapshots are stored to expire together with the exchanges that they were made of. A few days before that,
a daily run takes the words out of them and lets the rest live on. Where no run comes, they expire as they are.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Attr, Key

from reporter.period import InvalidPeriodError, Week
from reporter.rollups.checked import DamagedRollupError
from reporter.rollups.rollup import Rollup
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

DAYS_WORDS_LIVE: Final = 90
DAYS_NUMBERS_LIVE: Final = 400
# Seven daily runs may fail before words, and then numbers with them, expire.
_DAYS_BEFORE: Final = 7
_DAYS_BACK: Final = 30
_DAY_SECONDS: Final = 86_400
WITHOUT_WORDS: Final = "without_words"
_WORDS_OF_SNAPSHOT: Final = ("html", "text", "subject", "attachments")


def words_expire_at(day: date) -> int:
    """Return when the words of a day expire, in seconds of the Unix epoch: with the first of its exchanges."""
    return _seconds(day) + DAYS_WORDS_LIVE * _DAY_SECONDS


def take_words_out(resource: Any, site: str, today: date) -> list[str]:
    """Take the words out of what is nearly as old as they may be; return the sort keys of what was changed."""
    latest = today - timedelta(days=DAYS_WORDS_LIVE - _DAYS_BEFORE)
    earliest = latest - timedelta(days=_DAYS_BACK)
    changed = [
        *_Words(resource, f"site#{site}#rollup").take_out(f"day#{earliest}", f"day#{latest}"),
        *_Words(resource, f"site#{site}#report").take_out(f"week#{Week.of(earliest)}", f"week#{Week.of(latest)}"),
    ]
    if changed:
        logger.info("without words from now on: %s", ", ".join(changed))
    return changed


class _Words:
    """The items of one partition that may hold words."""

    def __init__(self, resource: Any, partition: str) -> None:
        self._resource = resource
        self._keys = key_names()
        self._partition = partition

    def take_out(self, first: str, last: str) -> Iterator[str]:
        for item in self._query(first, last):
            wordless = _wordless(item, self._keys.sort_key)
            if wordless is None:
                continue
            wordless[self._keys.time_to_live] = _numbers_expire_at(str(item[self._keys.sort_key]))
            unchanged = Attr("made_at").eq(item["made_at"]) if "made_at" in item else Attr(WITHOUT_WORDS).not_exists()
            # Whoever has stored a later one meanwhile is dealt with by the next run.
            with suppress(self._resource.meta.client.exceptions.ConditionalCheckFailedException):
                self._resource.put_item(Item=wordless, ConditionExpression=unchanged)
                yield str(item[self._keys.sort_key])

    def _query(self, first: str, last: str) -> Iterator[dict[str, Any]]:
        condition = Key(self._keys.partition_key).eq(self._partition) & Key(self._keys.sort_key).between(first, last)
        arguments: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "FilterExpression": Attr(WITHOUT_WORDS).not_exists(),
        }
        while True:
            page = self._resource.query(**arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _wordless(item: dict[str, Any], sort_key: str) -> dict[str, Any] | None:
    """Return an item without its words; None for a damaged one, which expires as it is."""
    if "rollup" not in item:
        return {name: value for name, value in item.items() if name not in _WORDS_OF_SNAPSHOT} | {WITHOUT_WORDS: True}
    try:
        rollup = Rollup.decode(bytes(getattr(item["rollup"], "value", b"")))
    except DamagedRollupError:
        logger.warning("the rollup %s is damaged: it expires with its words", item.get(sort_key))
        return None
    rollup.take_words_out()
    return item | {"rollup": rollup.encode(), WITHOUT_WORDS: True}


def _numbers_expire_at(sort_key: str) -> int:
    name = sort_key.partition("#")[2]
    day: date | None = None
    with suppress(ValueError, InvalidPeriodError):
        day = date.fromisoformat(name) if sort_key.startswith("day#") else Week.parse(name).monday
    return _seconds(day or datetime.now(UTC).date()) + DAYS_NUMBERS_LIVE * _DAY_SECONDS


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
