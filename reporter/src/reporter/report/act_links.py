"""The signed links of a report, by which its owner decides on gaps: see `contract/act-link`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, Self
from urllib.parse import urlencode

if TYPE_CHECKING:
    from datetime import datetime

    from reporter.private_settings import PrivateSettings

LIFETIME: Final = timedelta(days=30)
_PREFIX: Final = "edge-analytics act 1"
_PATH: Final = "/edge-analytics/act"

Action = Literal["fixed", "not_ours", "same", "conversations"]


@dataclass(frozen=True, slots=True)
class ActLinks:
    """Makes the links of one report."""

    worker_url: str
    key: str
    site: str
    week: str
    expires: int
    """Unix epoch seconds."""

    @classmethod
    def of(cls, settings: PrivateSettings, site: str, week: str, now: datetime) -> Self | None:
        """Return the links of a report that is made now; None where there is no key or no Worker to lead to."""
        if not settings.act_key or not settings.worker_url:
            return None
        expires = int((now + LIFETIME).timestamp())
        return cls(settings.worker_url.rstrip("/"), settings.act_key, site, week, expires)

    def to(self, action: Action, topic: str, other: str = "") -> str:
        """Return the address that asks for an action on a topic; `other` is the topic that `same` means."""
        return f"{self.worker_url}{_PATH}?{self.query(action, topic, other)}"

    def query(self, action: Action, topic: str, other: str = "") -> str:
        """Return the signed part of the address."""
        fields = {
            "action": action,
            "topic": topic,
            "site": self.site,
            "week": self.week,
            "expires": str(self.expires),
            "other": other,
        }
        message = "\n".join([_PREFIX, *fields.values()])
        digest = hmac.digest(self.key.encode(), message.encode(), hashlib.sha256)
        signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return urlencode({name: value for name, value in fields.items() if value} | {"signature": signature})
