"""What was reported and to whom it went: the guard against sending a report twice.

A report is stored before it is sent, then marked as delivered address by address. Whoever finds one
half sent goes on with the very same message. A message may go out twice only if the run was
killed between the service's acceptance and that mark.
"""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Attr, Key

from reporter.mailer import Message
from reporter.period import InvalidPeriodError, Week
from reporter.report.data import Reported
from reporter.retention import words_expire_at
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Mapping


logger = logging.getLogger(__name__)

# An item holds 400 KB, and the mail itself takes up to 100 of them.
_MOST_ATTACHED_BYTES: Final = 250_000


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
        message: None where what is stored of it is damaged or has expired.
        figures: the week's numbers, for comparison with other weeks.
        delivered: addresses that have it, with the services' message ids.

    """

    week: Week
    message: Message | None
    figures: Mapping[str, float]
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

    def all(self) -> list[Snapshot]:
        """Return the snapshots of all weeks, the earliest first; those that cannot be read are left out."""
        return [snapshot for item in self._query("week#", "week#~") if (snapshot := self._snapshot(item)) is not None]

    def reported(self, first: Week, last: Week) -> dict[str, Reported]:
        """Return each week's numbers as given last in the reports of some weeks."""
        found: dict[str, Reported] = {}
        for item in self._query(f"week#{first}", f"week#{last}"):
            try:
                ratings = item.get("reported_ratings", {})
                found |= {
                    week: Reported(int(questions), *map(int, ratings.get(week) or (None, None)))
                    if week in ratings
                    else Reported(int(questions))
                    for week, questions in item["reported"].items()
                }
            except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
                logger.warning("the snapshot %s is damaged: its numbers are not corrected", item[self._keys.sort_key])
        return found

    def begin(
        self,
        week: Week,
        message: Message,
        reported: Mapping[str, Reported],
        figures: Mapping[str, float],
        claim: Claim,
        *,
        replace: bool,
    ) -> None:
        """Store a report before it is sent; if `replace`, instead of an earlier one.

        Raises:
            ReportInProgressError: another run has just begun the same report.

        """
        item = self._key(week) | {
            self._keys.time_to_live: words_expire_at(week.monday),
            "subject": message.subject,
            "html": zlib.compress(message.html.encode(), 9),
            "text": zlib.compress(message.text.encode(), 9),
            "attachments": _compressed(week, message.attachments),
            "reported": {name: each.questions for name, each in reported.items()},
            "reported_ratings": {name: [each.up, each.down] for name, each in reported.items() if each.up is not None},
            "figures": {name: Decimal(str(round(value, 4))) for name, value in figures.items()},
            "delivered": {},
            "sent": False,
            "claimed_by": claim.by,
            "claimed_until": claim.until_ms,
        }
        new = Attr(self._keys.partition_key).not_exists()
        condition = new | self._is_unclaimed(claim) if replace else new
        self._write(self._resource.put_item, Item=item, ConditionExpression=condition)

    def take_over(self, snapshot: Snapshot, claim: Claim) -> None:
        """Go on with a report that another run, or an earlier attempt of this one, left half sent.

        Raises:
            ReportInProgressError: that run is still allowed to work.

        """
        mine_or_over = Attr("claimed_by").eq(claim.by) | self._is_unclaimed(claim)
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

    def _is_unclaimed(self, claim: Claim) -> Any:
        return ~Attr("claimed_until").attribute_type("N") | Attr("claimed_until").lt(claim.now_ms)

    def _query(self, first: str, last: str) -> list[dict[str, Any]]:
        keys = self._keys
        condition = Key(keys.partition_key).eq(self._partition) & Key(keys.sort_key).between(first, last)
        arguments: dict[str, Any] = {"KeyConditionExpression": condition}
        items: list[dict[str, Any]] = []
        while True:
            page = self._resource.query(**arguments)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

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

    def _snapshot(self, item: Mapping[str, Any]) -> Snapshot | None:
        """Read an item leniently: what is damaged is as if it were not there."""
        try:
            week = Week.parse(str(item[self._keys.sort_key]).removeprefix("week#"))
        except InvalidPeriodError:
            return None
        delivered, until, figures = item.get("delivered"), item.get("claimed_until"), item.get("figures")
        if not isinstance(figures, dict) and isinstance(item.get("reported"), dict):
            figures = {"questions": item["reported"].get(str(week))}
        return Snapshot(
            week=week,
            message=_message(item),
            figures={
                name: float(value)
                for name, value in (figures.items() if isinstance(figures, dict) else ())
                if isinstance(value, Decimal)
            },
            delivered=delivered if isinstance(delivered, dict) else {},
            is_sent=item.get("sent") is True,
            claimed_by=str(item.get("claimed_by", "")),
            claimed_until_ms=int(until) if isinstance(until, Decimal) else 0,
        )


def _compressed(week: Week, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a mail as they are stored; none where an item has no room for them."""
    compressed = {name: zlib.compress(content, 9) for name, content in files.items()}
    if sum(map(len, compressed.values())) <= _MOST_ATTACHED_BYTES:
        return compressed
    logger.warning("the attachments of %s are too large to be sent again, should sending them fail", week)
    return {}


def _message(item: Mapping[str, Any]) -> Message | None:
    try:
        html, text = (zlib.decompress(bytes(item[part].value)).decode() for part in ("html", "text"))
        files = {
            str(name): zlib.decompress(bytes(content.value)) for name, content in item.get("attachments", {}).items()
        }
    except (zlib.error, ValueError, TypeError, LookupError, AttributeError):
        return None
    subject = item.get("subject")
    return Message(subject, html, text, files) if isinstance(subject, str) else None
