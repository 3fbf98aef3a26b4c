"""The table of stored items: merges an item into the stored one with, as a rule, a single write."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from processor.item import DECISION_ATTRIBUTES, EXCHANGE_ATTRIBUTES, FEEDBACK_ATTRIBUTES, Day, Item, Key
from processor.origins import MAX_ORIGINS, origins_pages, split_origins
from processor.writer import Clock, TableWriter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONDITION_FAILED = "ConditionalCheckFailedException"
_PAGES_PER_ROUND = 100
"""An item that has grown large loses its surplus in rounds, so that an interrupted one has made progress."""


class ItemTable:
    """The table that holds one item for each exchange."""

    def __init__(self, client: "DynamoDBClient", name: str, pause: Callable[[float], None]) -> None:
        """Bind the table; see `TableWriter`."""
        self._writer = TableWriter(client, name, pause)

    @property
    def throttled(self) -> int:
        """Writes so far that were throttled or failed with a temporary error."""
        return self._writer.throttled

    def merge(self, item: Item, time_left: Clock) -> None:
        """Store the join of this item and what is stored under its key. Doing it twice changes nothing.

        One write, unless a part of the item is superseded by a stored one: then the parts go one by one. Every seventh
        further event of an exchange takes three more, which move the origins before it out of the item.

        Raises:
            TableBusyError: The table was throttled or failing until no time was left.
        """
        if item.decision:
            self._write_decision(item, time_left)
            return
        # Of a full item one origin stays, so that these must be one less.
        kept, surplus = split_origins(item.origins, MAX_ORIGINS - 1)
        self._write_pages(item.key, surplus, time_left)
        item = replace(item, origins=kept)
        if self._write_newer(item, time_left):
            return
        for part in item.split_parts():
            if not self._write_newer(part, time_left):
                self._write_newer(replace(part, exchange=None, feedback=None), time_left)

    def mark_changed(self, day: Day, now: float, time_left: Clock) -> None:
        """Note that a day's items have changed after its last scheduled rollup.

        Args:
            day: Of the items, which are stored already.
            now: Unix epoch seconds.
            time_left: As in `merge`.

        Raises:
            TableBusyError: The table was throttled or failing until no time was left.
        """
        update = self._writer.new_update(day.expires_at)
        update.assign("changed_at", int(now * 1000))
        # Tells two marks of one millisecond apart.
        update.add("changes", 1)
        self._writer.write(f"site#{day.site}#changed", f"day#{day.date}", update, time_left)

    def _write_decision(self, item: Item, time_left: Clock) -> None:
        """Store a decision, unless the table has an earlier one under its key: that is the one to keep."""
        update = self._writer.new_update(item.key.expires_at)
        update.replace("decision_order", item.decision, DECISION_ATTRIBUTES)
        try:
            self._writer.write(item.key.partition, item.key.id, update, time_left)
        except ClientError as error:
            if error.response["Error"]["Code"] != _CONDITION_FAILED:
                raise

    def _write_newer(self, item: Item, time_left: Clock) -> bool:
        """Return whether it was written: not if the table has a greater version of one of its parts."""
        room = MAX_ORIGINS - len(item.origins)
        while (stored := self._try_write(item, room, time_left)) is not None:
            if len(stored) <= room:
                return False
            self._move_to_pages(item.key, stored, time_left)
        return True

    def _try_write(self, item: Item, room: int, time_left: Clock) -> frozenset[str] | None:
        """Return None if written; the stored origins if a part is superseded or they leave no room for more."""
        update = self._writer.new_update(item.key.expires_at)
        update.add("origins", set(item.origins))
        update.require_size_at_most("origins", room)
        update.replace("exchange_order", item.exchange, EXCHANGE_ATTRIBUTES)
        update.replace("feedback_order", item.feedback, FEEDBACK_ATTRIBUTES)
        try:
            self._writer.write(item.key.partition, item.key.id, update, time_left)
        except ClientError as error:
            if error.response["Error"]["Code"] == _CONDITION_FAILED:
                return _origins_of(error.response)
            raise
        return None

    def _move_to_pages(self, key: Key, stored: Iterable[str], time_left: Clock) -> None:
        """Leave the smallest origin in the item. Doing it twice, or at once with another, loses none of them."""
        _, surplus = split_origins(stored, 1)
        pages = origins_pages(key, surplus)
        while batch := list(islice(pages, _PAGES_PER_ROUND)):
            moved = frozenset(origin for page in batch for origin in page.origins)
            self._write_pages(key, moved, time_left)
            update = self._writer.new_update(key.expires_at)
            update.delete("origins", moved)
            self._writer.write(key.partition, key.id, update, time_left)

    def _write_pages(self, key: Key, origins: Iterable[str], time_left: Clock) -> None:
        for page in origins_pages(key, origins):
            update = self._writer.new_update(key.expires_at)
            update.assign("origins", set(page.origins))
            self._writer.write(page.partition, page.sort_key, update, time_left)


def _origins_of(response: Any) -> frozenset[str]:
    """Return the origins of the stored item that a failed condition reports (ReturnValuesOnConditionCheckFailure)."""
    return frozenset(response["Item"].get("origins", {}).get("SS", ()))
