"""Reads the newest conversations of a topic from the table, for whoever has the page's own secret.

The reporter lists them when it sends a mail (`contract/conversation-list`): one request for the list, one for the
conversations. The key may read the site's items and nothing else.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from edge_worker.access_key import TableAccess
from edge_worker.bounded_json import parse_json
from edge_worker.identifier import is_id, time_of
from edge_worker.signing import Service, SignedRequest

MOST = 20
"""As many as the reporter lists, and fewer than one BatchGetItem takes."""
_SECONDS = 5.0
_API = "DynamoDB_20120810"

Post = Callable[[SignedRequest, float], Awaitable[tuple[int, str]]]


class ConversationsError(Exception):
    """The table did not answer as it should; the message says how, for the log."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A question, its answer, and what became of it. What was not recorded is empty."""

    asked_at: str
    question: str = ""
    answer: str = ""
    outcome: str = ""
    rating: str = ""
    comment: str = ""


class Conversations:
    """The conversations of one site."""

    def __init__(self, access: TableAccess, site: str, post: Post) -> None:
        self._table = access.name
        self._site = site
        self._post = post
        url = f"https://dynamodb.{access.region}.amazonaws.com/"
        self._service = Service("dynamodb", url, access.region, access.key)

    async def newest(self, topic: str, now_seconds: float) -> list[Conversation]:
        """Return the conversations that are listed for a topic, the newest first; those that expired are left out.

        Raises:
            ConversationsError: the table could not be read.
        """
        key = {"pk": {"S": f"site#{self._site}#conversations"}, "sk": {"S": topic}}
        found = await self._call("GetItem", {"TableName": self._table, "Key": key})
        ids = [name for name in _texts(found.get("Item"), "ids") if is_id(name)][:MOST]
        if not ids:
            return []
        answer = await self._call("BatchGetItem", {"RequestItems": {self._table: {"Keys": self._keys(ids)}}})
        items = answer.get("Responses", {}).get(self._table, [])
        if not isinstance(items, list):
            raise ConversationsError("BatchGetItem gave no list")
        read = {_text(item, "sk"): item for item in items if isinstance(item, dict)}
        return [
            _conversation(name, read[name])
            for name in sorted(read, reverse=True)
            if is_id(name) and _number(read[name], "expires_at") > now_seconds
        ]

    def _keys(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        return [
            {"pk": {"S": f"site#{self._site}#day#{_moment(name):%Y-%m-%d}"}, "sk": {"S": name}}
            for name in dict.fromkeys(ids)
        ]

    async def _call(self, action: str, document: Mapping[str, Any]) -> dict[str, Any]:
        try:
            status, text = await self._post(self._service.request(f"{_API}.{action}", document), _SECONDS)
            found = parse_json(text)
        except (OSError, ValueError) as error:
            raise ConversationsError(f"{action}: {type(error).__name__}") from error
        if status != HTTPStatus.OK or not isinstance(found, dict):
            raise ConversationsError(f"{action}: HTTP {status}")
        return found


def _conversation(identifier: str, item: Mapping[str, Any]) -> Conversation:
    names = ("question", "answer", "outcome", "rating", "comment")
    return Conversation(f"{_moment(identifier):%Y-%m-%d %H:%M} UTC", **{name: _text(item, name) for name in names})


def _moment(identifier: str) -> datetime:
    return datetime.fromtimestamp(time_of(identifier) / 1000, tz=UTC)


def _text(item: Mapping[str, Any], name: str) -> str:
    """Return an attribute that is a text (DynamoDB's `{"S": …}`); empty where it is none."""
    value = item.get(name)
    found = value.get("S") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _number(item: Mapping[str, Any], name: str) -> float:
    value = item.get(name)
    try:
        return float(value["N"]) if isinstance(value, dict) else 0.0
    except (KeyError, TypeError, ValueError):
        return 0.0


def _texts(item: object, name: str) -> list[str]:
    """Return the texts of an attribute that is a list."""
    value = item.get(name) if isinstance(item, dict) else None
    listed = value.get("L") if isinstance(value, dict) else None
    return [_text({"": each}, "") for each in listed] if isinstance(listed, list) else []
