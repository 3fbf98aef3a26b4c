"""Reads the signed links of reports: what a link asks for, and whether this environment's reporter made it.

`contract/act-link` holds the format and its test vectors; the reporter has its own code for the other side.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlencode

Action = Literal["fixed", "not_ours", "same", "conversations"]
ACTIONS: tuple[Action, ...] = get_args(Action)

LIFETIME_SECONDS = 30 * 86_400
_LONGEST_QUERY = 1_000
_PREFIX = "edge-analytics act 1"
_TOPIC = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_FIELDS = {
    "action": re.compile("|".join(ACTIONS)),
    "topic": re.compile(_TOPIC),
    "site": re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?"),
    "week": re.compile(r"[0-9]{4}-W[0-5][0-9]"),
    "expires": re.compile(r"[1-9][0-9]{0,10}"),
    "other": re.compile(rf"({_TOPIC})?"),
    "signature": re.compile(r"[A-Za-z0-9_-]{43}"),
}


class ActLinkError(ValueError):
    """The link does nothing here. The code says why: `invalid`, `other_site` or `expired`."""

    def __init__(self, code: Literal["invalid", "other_site", "expired"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ActLink:
    """What a link asks for. `expires` is in Unix epoch seconds; `other` names the topic that `same` means."""

    action: Action
    topic: str
    site: str
    week: str
    expires: int
    signature: str
    other: str = ""

    @property
    def id(self) -> str:
        """The id of the decision: a UUID version 7 of the link's time and signature.

        It is the same however often the link is used, which is what makes a repetition harmless.
        """
        time = f"{(self.expires - LIFETIME_SECONDS) * 1000:012x}"
        random = base64.urlsafe_b64decode(self.signature + "=")[:10].hex()
        variant = "89ab"[int(random[3], 16) & 0b11]
        return f"{time[:8]}-{time[8:]}-7{random[:3]}-{variant}{random[4:7]}-{random[7:19]}"


def other_links(link: ActLink, key: str) -> dict[Action, str]:
    """Return the queries that ask for something else about the same topic, as the reporter would have signed them."""
    others: tuple[Action, ...] = ("fixed", "not_ours", "conversations")
    return {action: _query(link, action, key) for action in others if action != link.action}


def _query(link: ActLink, action: Action, key: str) -> str:
    fields = {"action": action, "topic": link.topic, "site": link.site, "week": link.week, "expires": str(link.expires)}
    return urlencode(fields | {"signature": _signature({**fields, "other": ""}, key)})


def read_act_link(query: str, key: str, site: str, now_seconds: float) -> ActLink:
    """Read and check the query of a link.

    Args:
        query: The part of the URL after the question mark.
        key: The environment's key.
        site: The site of this Worker.
        now_seconds: Unix epoch seconds.

    Raises:
        ActLinkError: The link was changed, is another environment's or site's, or is older than 30 days.
    """
    fields = _fields(query)
    signature = fields.pop("signature")
    if not hmac.compare_digest(signature, _signature(fields, key)):
        raise ActLinkError("invalid")
    if fields["site"] != site:
        raise ActLinkError("other_site")
    expires = int(fields.pop("expires"))
    # One that expires later than any link can was made by a key's holder with another clock: the time decides.
    if not now_seconds < expires <= now_seconds + 2 * LIFETIME_SECONDS or expires < LIFETIME_SECONDS:
        raise ActLinkError("expired")
    action: Action = fields.pop("action")  # type: ignore[assignment]
    return ActLink(action=action, expires=expires, signature=signature, **fields)


def _fields(query: str) -> dict[str, str]:
    """Return the fields, each once, none of them unknown, and each of its form."""
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=len(_FIELDS)
        )
    except ValueError:
        raise ActLinkError("invalid") from None
    fields = dict(pairs)
    if len(query) > _LONGEST_QUERY or len(fields) != len(pairs) or not fields.keys() <= _FIELDS.keys():
        raise ActLinkError("invalid")
    fields.setdefault("other", "")
    if any(not form.fullmatch(fields.get(name, "-")) for name, form in _FIELDS.items()):
        raise ActLinkError("invalid")
    if (fields["action"] == "same") != bool(fields["other"]) or fields["other"] == fields["topic"]:
        raise ActLinkError("invalid")
    try:
        date.fromisocalendar(int(fields["week"][:4]), int(fields["week"][6:]), 1)
    except ValueError:
        raise ActLinkError("invalid") from None
    return fields


def _signature(fields: dict[str, str], key: str) -> str:
    """Sign the fields: base64url of HMAC-SHA-256 (RFC 2104), without padding."""
    signed = (fields[name] for name in ("action", "topic", "site", "week", "expires", "other"))
    message = "\n".join([_PREFIX, *signed])
    digest = hmac.digest(key.encode(), message.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
