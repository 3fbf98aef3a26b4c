"""Knows which API keys the upstream takes, so that the backends that have them are not limited as one visitor is.

Anybody can invent a key: only one with which the upstream has answered lifts the limit, and none does where the
upstream answers without a key as well.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

MOST_KEYS = 64
_KEY_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
_BROWSER_HEADERS = ("origin", "sec-fetch-site", "sec-fetch-mode")
_REFUSED = (401, 403)


class ClientKeys:
    """The keys that one isolate has seen the upstream take; of the keys themselves, hashes."""

    def __init__(self) -> None:
        self._taken: OrderedDict[bytes, None] = OrderedDict()
        self._is_open = False

    def lift_the_limit(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a request (header names in lower case) comes from a program whose key the upstream takes."""
        key = _key(headers)
        return key is not None and key in self._taken

    def see(self, headers: Mapping[str, str], status: int, *, has_asked: bool) -> None:
        """Learn from the status with which the upstream answered these headers, a question if `has_asked`."""
        key, is_taken = _key(headers), 200 <= status < 300  # noqa: PLR2004 - successful (RFC 9110, section 15.3)
        if key is None:
            if is_taken and has_asked and not _sends_key(headers):
                self._is_open = True
                self._taken.clear()
        elif is_taken and not self._is_open:
            self._taken[key] = None
            if len(self._taken) > MOST_KEYS:
                self._taken.popitem(last=False)
        elif status in _REFUSED:
            self._taken.pop(key, None)


def _key(headers: Mapping[str, str]) -> bytes | None:
    """Return a hash of a program's key; None for a browser, whose user is one visitor, and where there is no key."""
    if not _sends_key(headers) or any(name in headers for name in _BROWSER_HEADERS):
        return None
    sent = "\n".join(headers.get(name, "") for name in _KEY_HEADERS)
    return hashlib.sha256(sent.encode("utf-8", "replace")).digest()


def _sends_key(headers: Mapping[str, str]) -> bool:
    return any(name in headers for name in _KEY_HEADERS)
