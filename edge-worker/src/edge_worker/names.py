"""Names and proofs made with a key: of visitors and sessions for one day, of addresses for the rate limit, of answers.

The visitor key is the long-term one. Names are made with a key derived from it for one UTC day, the only one kept.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

_NAME_DIGITS = 16
_SESSION_DIGITS = 32
_TAG_DIGITS = 16
_NETWORK_BITS = 64
_PROOF_MARK = "."


def visitor_name(key: str, address: str, user_agent: str, now_ms: int) -> str:
    """Derive a name that is different every day (UTC), so that nobody can be followed past midnight."""
    return _digest(_day_key(key, now_ms), "visitor", address, user_agent)[:_NAME_DIGITS]


def session_name(key: str, session: str | None, now_ms: int) -> str | None:
    """Name a session by a keyed hash: what chatbots have as one can be an e-mail address or an account."""
    return _digest(_day_key(key, now_ms), "session", session)[:_SESSION_DIGITS] if session else None


def limit_key(key: str, address: str | None, now_ms: int) -> str:
    """Return what the rate limiter counts by: the address alone, of IPv6 the network a provider gives one customer."""
    return _digest(_day_key(key, now_ms), "limit", _network(address or ""))[:_NAME_DIGITS]


def rating_key(secret: str, site: str) -> bytes:
    """Derive the key of a site's proofs that an answer was given from a secret that outlasts the visitor key."""
    return hmac.digest(secret.encode(), f"ratings of {site}".encode(), hashlib.sha256)


def with_proof(exchange_id: str, key: bytes) -> str:
    """Return the id that a visitor gets with an answer, and which only we can make."""
    return f"{exchange_id}{_PROOF_MARK}{_tag(exchange_id, key)}"


def without_proof(value: str) -> str:
    """Return the id of the exchange in an id that may carry a proof."""
    return value.partition(_PROOF_MARK)[0]


def has_proof(value: str, key: bytes) -> bool:
    """Tell whether an id is one that a visitor got with an answer."""
    exchange_id, _, tag = value.partition(_PROOF_MARK)
    return hmac.compare_digest(tag.encode("utf-8", "replace"), _tag(exchange_id, key).encode())


def _tag(exchange_id: str, key: bytes) -> str:
    return _digest(key, "answer", exchange_id)[:_TAG_DIGITS]


def _digest(key: bytes, *parts: str) -> str:
    return hmac.digest(key, "\n".join(parts).encode("utf-8", "replace"), hashlib.sha256).hex()


def _day_key(key: str, now_ms: int) -> bytes:
    return _key_of_day(key, datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat())


@lru_cache(maxsize=1)  # yesterday's is forgotten with the first name of today
def _key_of_day(key: str, day: str) -> bytes:
    return hmac.digest(key.encode(), f"names of {day}".encode(), hashlib.sha256)


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> _NETWORK_BITS:x}/{_NETWORK_BITS}"
