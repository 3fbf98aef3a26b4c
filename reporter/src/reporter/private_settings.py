"""Settings that are secret or optional, and so in no variable of the function: read from SSM when they are needed."""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_ACT_KEY: Final = "act-key"
_WORKER_URL: Final = "worker-url"
_WEBHOOK: Final = "report-webhook"
_CONVERSATIONS: Final = "conversations-user-name"


@dataclass(frozen=True, slots=True)
class PrivateSettings:
    """The key and the address of links, the address of the webhook, and who reads conversations for their page.

    Each is empty where there is none.
    """

    act_key: str = ""
    worker_url: str = ""
    webhook_url: str = ""
    conversations_user: str = ""

    def names_key(self, site: str) -> bytes:
        """Derive the key by which the sessions and visitors of a site are counted; empty where there is no secret."""
        if not self.act_key:
            return b""
        return hmac.digest(self.act_key.encode(), f"names of {site}".encode("utf-8", "replace"), hashlib.sha256)

    def __repr__(self) -> str:
        """Show which are set, and no value: two of them are secrets."""
        return f"PrivateSettings({', '.join(name for name in self.__slots__ if getattr(self, name))})"


def read_private_settings(ssm: Callable[[], Any], prefix: str) -> PrivateSettings:
    """Read what there is under `/edge-analytics/<environment>`. Without it a report has no links and no webhook.

    Nor is there a key of its own by which a site's sessions are counted, so that their number could be forged.

    Args:
        ssm: gives the client, which is made only where there is a prefix.
        prefix: the parameters' path; empty where nothing is deployed.

    """
    if not prefix:
        return PrivateSettings()
    names = {f"{prefix}/{name}": name for name in (_ACT_KEY, _WORKER_URL, _WEBHOOK, _CONVERSATIONS)}
    try:
        answer = ssm().get_parameters(Names=list(names), WithDecryption=True)
    except (ClientError, BotoCoreError) as error:
        logger.warning("the private settings were not read: %s", type(error).__name__)
        return PrivateSettings()
    found = {names[parameter["Name"]]: str(parameter["Value"]) for parameter in answer["Parameters"]}
    return PrivateSettings(*(found.get(name, "") for name in names.values()))
