"""What the owner decided on gaps, as the processor has stored it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Key

from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

ACTIONS: Final = frozenset({"fixed", "not_ours", "same"})


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of an owner; `decided_at_ms` in Unix epoch milliseconds."""

    topic: str
    action: str
    decided_at_ms: int
    same_as: str = ""


class Decisions:
    """The decisions of one site, through a boto3 `Table` resource."""

    def __init__(self, resource: Any, site: str) -> None:
        self._resource = resource
        self._keys = key_names()
        self._partition = f"site#{site}#decisions"

    def load(self) -> list[Decision]:
        """Return all decisions, the earliest first. What cannot be one is skipped and logged."""
        arguments: dict[str, Any] = {"KeyConditionExpression": Key(self._keys.partition_key).eq(self._partition)}
        decisions: list[Decision] = []
        while True:
            page = self._resource.query(**arguments)
            decisions += [decision for item in page["Items"] if (decision := _decision(item)) is not None]
            if "LastEvaluatedKey" not in page:
                return sorted(decisions, key=lambda each: (each.decided_at_ms, each.topic, each.action))
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _decision(item: Mapping[str, Any]) -> Decision | None:
    try:
        decision = Decision(
            str(item["topic"]), str(item["action"]), int(item["decided_at"]), str(item.get("same_as", ""))
        )
    except (KeyError, TypeError, ValueError):
        decision = None
    if decision is None or decision.action not in ACTIONS or (decision.action == "same") != bool(decision.same_as):
        logger.warning("a damaged decision was skipped")
        return None
    return decision
