"""The states of gaps in the table: an attribute of the topic's item, bounded as the topics are."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Attr, Key

from reporter.gaps.evidence import Evidence
from reporter.gaps.life import HISTORY, Change, Gap
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger(__name__)

_STATES: Final = frozenset({"open", "fixed", "confirmed", "back", "ignored", "same"})
_BY: Final = frozenset({"owner", "data"})


class GapStore:
    """The gaps of one site, through a boto3 `Table` resource."""

    def __init__(self, resource: Any, site: str) -> None:
        self._resource = resource
        self._keys = key_names()
        self._partition = f"site#{site}#topics"

    def load(self) -> list[Gap]:
        """Return the gaps of all topics that have one. What is damaged is skipped, and begins again."""
        arguments: dict[str, Any] = {"KeyConditionExpression": Key(self._keys.partition_key).eq(self._partition)}
        gaps: list[Gap] = []
        while True:
            page = self._resource.query(**arguments)
            found = (_gap(str(item[self._keys.sort_key]), item["gap"]) for item in page["Items"] if "gap" in item)
            gaps.extend(gap for gap in found if gap)
            if "LastEvaluatedKey" not in page:
                return gaps
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def save(self, gaps: Iterable[Gap]) -> None:
        """Store gaps beside their topics. A topic that is no longer kept takes its gap with it."""
        for gap in gaps:
            try:
                self._resource.update_item(
                    Key={self._keys.partition_key: self._partition, self._keys.sort_key: gap.topic},
                    UpdateExpression="SET gap = :gap",
                    ConditionExpression=Attr(self._keys.sort_key).exists(),
                    ExpressionAttributeValues={":gap": _stored(gap)},
                )
            except self._resource.meta.client.exceptions.ConditionalCheckFailedException:
                logger.info("the topic %s of a gap is no longer kept", gap.topic)


def _stored(gap: Gap) -> dict[str, Any]:
    history = [[change.state, change.at_ms, change.by] for change in gap.history]
    counts = [gap.before.asked, gap.before.answered, gap.since.asked, gap.since.answered]
    return {"history": history, "counts": counts} | ({"same_as": gap.same_as} if gap.same_as else {})


def _gap(topic: str, stored: Mapping[str, Any]) -> Gap | None:
    try:
        history = tuple(
            Change(state, int(at_ms), by) for state, at_ms, by in stored["history"] if state in _STATES and by in _BY
        )
        asked, answered, asked_since, answered_since = (int(count) for count in stored["counts"])
        before, since = Evidence(asked, answered), Evidence(asked_since, answered_since)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        history = ()
    if not history:
        logger.warning("a damaged gap was skipped")
        return None
    return Gap(topic, history[-HISTORY:], str(stored.get("same_as", "")), before, since)
