"""Reads conversations from the table: what was asked, what was answered, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from reporter.exchange import id_moment
from reporter.item_reader import expires_at
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class Conversation:
    """One question and its answer, as stored; texts are empty where there are none."""

    id: str
    asked_at_ms: int
    session: str = ""
    question: str = ""
    answer: str = ""
    outcome: str = ""
    rating: str = ""
    comment: str = ""
    sources: tuple[str, ...] = ()


def conversations(resource: Any, site: str, last: date, days: int, now_ms: int) -> Iterator[Conversation]:
    """Yield the conversations of some UTC days, the newest first. Expired items are left out, as are bots.

    Args:
        resource: a boto3 `Table`.
        site: whose they are.
        last: the latest day.
        days: how many days, back from that.
        now_ms: Unix epoch milliseconds.

    """
    keys = key_names()
    for ago in range(days):
        partition = f"site#{site}#day#{last - timedelta(days=ago)}"
        arguments: dict[str, Any] = {
            "KeyConditionExpression": Key(keys.partition_key).eq(partition),
            "ScanIndexForward": False,
        }
        while True:
            page = resource.query(**arguments)
            for item in page["Items"]:
                if "outcome" in item and "bot" not in item and expires_at(item) * 1000 > now_ms:
                    yield _conversation(str(item[keys.sort_key]), item)
            if "LastEvaluatedKey" not in page:
                break
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _conversation(identifier: str, item: Mapping[str, Any]) -> Conversation:
    names = ("session", "question", "answer", "outcome", "rating", "comment")
    sources = item.get("sources")
    return Conversation(
        id=identifier,
        asked_at_ms=_moment(identifier),
        sources=tuple(map(str, sources)) if isinstance(sources, list) else (),
        **{name: str(item[name]) for name in names if isinstance(item.get(name), str)},
    )


def _moment(identifier: str) -> int:
    try:
        return id_moment(identifier)
    except ValueError:
        return 0
