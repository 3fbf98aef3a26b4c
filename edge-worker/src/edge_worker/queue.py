"""Speaks the queue's protocol: signed SendMessageBatch requests over AWS JSON 1.0, and what the replies mean."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from edge_worker.access_key import AccessKey
from edge_worker.bounded_json import parse_json
from edge_worker.event import Event
from edge_worker.signing import Service, SignedRequest

VERSION = 1
"""Of the contract of the event."""
MAX_ENTRIES = 10
# One billed SQS request, and the contract's limit.
MAX_MESSAGE_BYTES = 65_536
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "OverLimit")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message was not taken, and whether trying again can help."""

    reason: str
    retryable: bool
    is_rejected: bool = False
    """The message itself is at fault, so that it will never be taken."""


def message_body(events: Sequence[Event]) -> str:
    """Build the body of one SQS message. It is ASCII, so that its length is its size in bytes."""
    return json.dumps({"version": VERSION, "events": events}, separators=(",", ":"))


def deduplication_id(events: Sequence[Event]) -> str:
    """Make the id by which SQS drops a message that is sent again, for five minutes.

    Each event but a decision has a number of its own, and so has an exchange that a caller hands in twice: that one
    arrives twice, is merged by its id, and none of its numbers is missing. A batch is the same only if all of its
    events are.
    """
    first = events[0]
    key = f"{first['id']}:{first['type']}"
    if origin := first.get("origin"):
        key += f":{origin['isolate']}:{origin['sequence']}"
    if len(events) > 1:
        return f"{key}:{hashlib.sha256(message_body(events).encode()).hexdigest()[:16]}"
    return key


def entry(events: Sequence[Event], entry_id: str = "0") -> dict[str, str]:
    """Build one message of a batch, carrying these events. Its group is its own, so that no message blocks another."""
    return {
        "Id": entry_id,
        "MessageBody": message_body(events),
        "MessageGroupId": str(events[0]["id"]),
        "MessageDeduplicationId": deduplication_id(events),
    }


class Queue:
    """A FIFO queue and the credentials to send to it."""

    def __init__(self, url: str, region: str, access_key_id: str, secret_access_key: str) -> None:
        self._url = url
        self._service = Service("sqs", url, region, AccessKey(access_key_id, secret_access_key))

    def send_request(self, entries: Sequence[Mapping[str, str]]) -> SignedRequest:
        """Build the request that sends up to 10 entries, signed for now."""
        return self._service.request("AmazonSQS.SendMessageBatch", {"QueueUrl": self._url, "Entries": list(entries)})


def read_reply(status: int, text: str, entry_ids: Sequence[str]) -> dict[str, Failure]:
    """Tell which entries the queue did not take, by entry id; empty where all is well.

    A reply that cannot be understood counts as a failure worth trying again: the messages' deduplication ids make
    a repetition harmless.
    """
    document = _parse(text)
    if status != HTTPStatus.OK:
        kind = str(document.get("__type", "")).rpartition("#")[2] or f"HTTP {status}"
        retryable = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
        retryable = retryable or any(word in kind for word in _THROTTLED)
        return dict.fromkeys(entry_ids, Failure(kind, retryable))
    taken = {item.get("Id") for item in _items(document, "Successful")}
    refused = {str(item.get("Id")): item for item in _items(document, "Failed")}
    return {entry_id: _failure(refused.get(entry_id)) for entry_id in entry_ids if entry_id not in taken}


def _failure(refused: Mapping[str, Any] | None) -> Failure:
    """Read why one entry of a request was not taken."""
    if refused is None:
        return Failure("no verdict in the reply", retryable=True)
    is_rejected = bool(refused.get("SenderFault", False))
    return Failure(str(refused.get("Code", "no code")), not is_rejected, is_rejected)


def _parse(text: str) -> dict[str, Any]:
    try:
        document = parse_json(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _items(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    items = document.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
