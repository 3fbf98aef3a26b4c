"""Compares what is in the table and in the dead-letter queue with what must be there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from tests.chaos.traffic import Expected, Traffic


@dataclass(frozen=True)
class Verdict:
    """What became of everything that was sent."""

    events: int
    stored: int
    """Items in the table."""
    expected: int
    """Items that must be there."""
    missing: int
    """Events that left no trace in their item, and items that do not say what they must."""
    double: int
    """Items too many."""
    dead_lettered: int
    expected_dead_lettered: int
    wrongly_dead_lettered: int
    """Messages in the DLQ that were valid."""
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether everything is where it must be, once."""
        return (
            self.stored == self.expected
            and self.dead_lettered == self.expected_dead_lettered
            and not (self.missing or self.double or self.wrongly_dead_lettered)
        )


def judge(sent: Traffic, items: Iterable[Mapping[str, Any]], dead_letters: list[str], seconds: float) -> Verdict:
    """Compare.

    Args:
        sent: what was sent.
        items: the table's, with DynamoDB's types.
        dead_letters: the texts of the messages in the dead-letter queue.
        seconds: how long it took.
    """
    read = TypeDeserializer().deserialize
    stored: dict[tuple[str, str], list[dict[str, Any]]] = {}
    count = 0
    for found in items:
        item = {name: read(value) for name, value in found.items()}
        if "#day#" not in item["pk"]:
            continue  # the mark of a day that changed late
        count += 1
        stored.setdefault((item["pk"].split("#")[1], item["sk"]), []).append(item)
    missing = 0
    for key, expected in sent.items.items():
        copies = stored.get(key, [])
        missing += _missing(expected, copies[0]) if copies else len(expected.origins)
    return Verdict(
        events=sent.events,
        stored=count,
        expected=len(sent.items),
        missing=missing,
        double=sum(len(copies) - (key in sent.items) for key, copies in stored.items()),
        dead_lettered=len(dead_letters),
        expected_dead_lettered=len(sent.malformed),
        wrongly_dead_lettered=sum(body not in sent.malformed for body in dead_letters),
        seconds=round(seconds, 1),
    )


def _missing(expected: Expected, item: Mapping[str, Any]) -> int:
    kept = Expected(
        origins=set(item["origins"]),
        asked_at=int(item.get("asked_at", -1)),
        question=item.get("question"),
        rated_at=int(item.get("rated_at", -1)),
        rating=item.get("rating"),
    )
    return len(expected.origins - kept.origins) or int(kept != expected)
