"""What was reported and to whom it went: the guard against sending a report twice.

A report is stored before it is sent, then marked as delivered address by address. Whoever finds one
half sent goes on with the very same message. A message may go out twice only if the run was
killed between the service's acceptance and that mark.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from reporter.mailer import Message
from reporter.period import Week
from reporter.table import DAYS_REPORTS_LIVE, MS_PER_DAY
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Mapping


class ReportInProgressError(RuntimeError):
    """Another run is sending this report at this moment."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is sending, and until when nobody else may, in Unix epoch milliseconds."""

    by: str
    now_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A report as it was stored.

    Attributes:
        reported: questions by week, as this report gave them (its own, and corrected ones).
        delivered: addresses that have it, with the services' message ids.

    """

    week: Week
    message: Message
    reported: Mapping[str, int]
    delivered: Mapping[str, str]
    is_sent: bool
    claimed_by: str
    claimed_until_ms: int


class Snapshots:
    """The report snapshots of one site, through a boto3 `Table` resource."""

    def __init__(self, resource: Any, site: str) -> None:
        self._resource = resource
        self._keys = key_names()
        self._partition = f"site#{site}#report"

    def find(self, week: Week) -> Snapshot | None:
        """Return the snapshot of a week, read consistently."""
        answer = self._resource.get_item(Key=self._key(week), ConsistentRead=True)
        return self._snapshot(answer["Item"]) if "Item" in answer else None

    def reported(self, first: Week, last: Week) -> dict[str, int]:
        """Return the questions of each week as given last in the reports of some weeks."""
        between = Key(self._keys.sort_key).between(f"week#{first}", f"week#{last}")
        condition = Key(self._keys.partition_key).eq(self._partition) & between
        questions: dict[str, int] = {}
        for item in self._resource.query(KeyConditionExpression=condition)["Items"]:
            questions |= {week: int(count) for week, count in item["reported"].items()}
        return questions

    def begin(
        self,
        week: Week,
        message: Message,
        reported: Mapping[str, int],
        claim: Claim,
        *,
        replace: bool,
    ) -> None:
        """Store a report before it is sent; if `replace`, instead of an earlier one.

        Raises:
            ReportInProgressError: another run has just begun the same report.

        """
        item = self._key(week) | {
            self._keys.time_to_live: claim.now_ms // 1000 + DAYS_REPORTS_LIVE * MS_PER_DAY // 1000,
            "subject": message.subject,
            "html": zlib.compress(message.html.encode(), 9),
            "text": zlib.compress(message.text.encode(), 9),
            "reported": dict(reported),
            "delivered": {},
            "sent": False,
            "claimed_by": claim.by,
            "claimed_until": claim.until_ms,
        }
        new = Attr(self._keys.partition_key).not_exists()
        condition = new | Attr("claimed_until").lt(claim.now_ms) if replace else new
        self._write(self._resource.put_item, Item=item, ConditionExpression=condition)

    def take_over(self, snapshot: Snapshot, claim: Claim) -> None:
        """Go on with a report that another run, or an earlier attempt of this one, left half sent.

        Raises:
            ReportInProgressError: that run is still allowed to work.

        """
        mine_or_over = Attr("claimed_by").eq(claim.by) | Attr("claimed_until").lt(claim.now_ms)
        self._write(
            self._resource.update_item,
            Key=self._key(snapshot.week),
            UpdateExpression="SET claimed_by = :by, claimed_until = :until",
            ConditionExpression=mine_or_over,
            ExpressionAttributeValues={":by": claim.by, ":until": claim.until_ms},
        )

    def mark_delivered(self, week: Week, address: str, message_id: str) -> None:
        """Note that an address has it."""
        self._resource.update_item(
            Key=self._key(week),
            UpdateExpression="SET delivered.#address = :id",
            ExpressionAttributeNames={"#address": address},
            ExpressionAttributeValues={":id": message_id},
        )

    def finish(self, week: Week) -> None:
        """Note that all addresses have it."""
        self._set(week, "SET sent = :sent, claimed_until = :over", {":sent": True, ":over": 0})

    def release_claim(self, week: Week) -> None:
        """Let the next run go on at once, after a failure that this run has survived."""
        self._set(week, "SET claimed_until = :over", {":over": 0})

    def _set(self, week: Week, expression: str, values: Mapping[str, Any]) -> None:
        self._resource.update_item(
            Key=self._key(week),
            UpdateExpression=expression,
            ExpressionAttributeValues=dict(values),
        )

    def _write(self, write: Any, **arguments: Any) -> None:
        try:
            write(**arguments)
        except self._resource.meta.client.exceptions.ConditionalCheckFailedException:
            raise ReportInProgressError(
                "another run is sending this report; it is taken over when that run must have ended"
            ) from None

    def _key(self, week: Week) -> dict[str, str]:
        return {self._keys.partition_key: self._partition, self._keys.sort_key: f"week#{week}"}

    def _snapshot(self, item: Mapping[str, Any]) -> Snapshot:
        return Snapshot(
            week=Week.parse(item[self._keys.sort_key].removeprefix("week#")),
            message=Message(
                item["subject"],
                zlib.decompress(item["html"].value).decode(),
                zlib.decompress(item["text"].value).decode(),
            ),
            reported={week: int(count) for week, count in item["reported"].items()},
            delivered=item["delivered"],
            is_sent=item["sent"],
            claimed_by=item["claimed_by"],
            claimed_until_ms=int(item["claimed_until"]),
        )
