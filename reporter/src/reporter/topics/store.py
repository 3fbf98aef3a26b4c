"""The topics of a site in the table: one item each, at most 1 KB, gone 90 days after it was last asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Key

from reporter.table_keys import key_names
from reporter.topics.topic import Topic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DAYS_WORDS_LIVE: Final = 90
_MS_PER_DAY: Final = 86_400_000

# `name` and `count` are reserved words of DynamoDB's expressions.
_ATTRIBUTES: Final = (
    "topic_name", "named_at", "centre", "cohesion", "wordings", "wording_keys", "asked", "week", "last_asked",
)  # fmt: skip


class TopicStore:
    """Reads and writes the topics of one site through a boto3 `Table` resource."""

    def __init__(self, resource: Any, site: str) -> None:
        self._resource = resource
        self._keys = key_names()
        self._partition = f"site#{site}#topics"

    def load(self) -> list[Topic]:
        """Return all topics by id. Items that are not a whole topic are left out."""
        arguments: dict[str, Any] = {
            "KeyConditionExpression": Key(self._keys.partition_key).eq(self._partition),
            "ConsistentRead": True,
        }
        items: list[Mapping[str, Any]] = []
        while True:
            page = self._resource.query(**arguments)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return [self._topic(item) for item in items if item.keys() >= set(_ATTRIBUTES)]

    def save(self, kept: Sequence[Topic], gone: Sequence[int]) -> None:
        """Write topics that have changed and delete those that are gone; other attributes stay."""
        expression = "SET " + ", ".join(f"{name} = :{name}" for name in (*_ATTRIBUTES, "expires"))
        expression = expression.replace("expires = ", f"{self._keys.time_to_live} = ")
        for topic in kept:
            self._resource.update_item(
                Key=self._key(topic.id), UpdateExpression=expression, ExpressionAttributeValues=_values(topic)
            )
        for number in gone:
            self._resource.delete_item(Key=self._key(number))

    def _key(self, number: int) -> dict[str, str]:
        return {self._keys.partition_key: self._partition, self._keys.sort_key: f"{number:09d}"}

    def _topic(self, item: Mapping[str, Any]) -> Topic:
        return Topic(
            id=int(item[self._keys.sort_key]),
            name=item["topic_name"],
            named_at_ms=int(item["named_at"]),
            centre=bytes(item["centre"].value),
            cohesion=int(item["cohesion"]) / 10_000,
            wordings=int(item["wordings"]),
            keys=tuple(item["wording_keys"].split()),
            count=int(item["asked"]),
            week=item["week"],
            last_asked_ms=int(item["last_asked"]),
        )


def _values(topic: Topic) -> dict[str, Any]:
    last_words_ms = min(topic.last_asked_ms, topic.named_at_ms) or topic.last_asked_ms
    return {
        ":topic_name": topic.name,
        ":named_at": topic.named_at_ms,
        ":centre": topic.centre,
        ":cohesion": round(topic.cohesion * 10_000),
        ":wordings": topic.wordings,
        ":wording_keys": " ".join(topic.keys),
        ":asked": topic.count,
        ":week": topic.week,
        ":last_asked": topic.last_asked_ms,
        ":expires": last_words_ms // 1000 + _DAYS_WORDS_LIVE * _MS_PER_DAY // 1000,
    }
