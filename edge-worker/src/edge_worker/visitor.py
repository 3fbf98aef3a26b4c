"""Reads from a request what may be recorded of it and of its sender."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlsplit

from edge_worker.event import Exchange, Visitor
from edge_worker.identifier import RANDOM_BYTES, new_id, random_id
from edge_worker.names import limit_key, session_name, visitor_name
from edge_worker.privacy import asks_not_to_be_recorded
from edge_worker.settings import Settings
from edge_worker.text import clip
from edge_worker.web import Request

USER_AGENT_LENGTH = 512
REFERRER_LENGTH = 253
_HOUR_MS = 3_600_000
"""How far the time of an id may be from that of asking: consumers take the latter up to here."""
_LANGUAGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4})\s*(?:[,;]|$)")
_COUNTRY = re.compile(r"[A-Z][A-Z0-9]")


def begin_exchange(request: Request, settings: Settings, asked_at: int, question: str, session: str | None) -> Exchange:
    """Make an exchange that began at `asked_at`, in Unix epoch milliseconds, and has no outcome yet."""
    return Exchange(
        id=random_id(asked_at),
        site=settings.site,
        asked_at=asked_at,
        question=question,
        session=session_name(settings.visitor_key, session, asked_at),
        visitor=partial(
            read_visitor,
            request.headers,
            request.country,
            settings.visitor_key,
            asked_at,
            respect_opt_out=settings.respect_opt_out,
        ),
    )


def limited_by(request: Request, settings: Settings, now_ms: int) -> Callable[[], str]:
    """Return what gives the rate limiter its key: the sender's address, whatever else a request says of its sender."""
    return partial(limit_key, settings.visitor_key, request.headers.get("cf-connecting-ip"), now_ms)


def loop_id(loop: bytes, visitor: str, key: str, asked_at: int) -> str:
    """Make the id of an exchange that has called tools for long: the same for each of its requests in an hour.

    So what is recorded in case that no answer comes is replaced by the answer if it does come.
    """
    return _hourly_id(b"\n".join((b"loop", visitor.encode(), loop)), key, asked_at)


def trace_exchange_id(trace_id: str, key: str, asked_at: int) -> str:
    """Make the id of a trace's exchange: the same for each part that comes, within an hour of the clock."""
    return _hourly_id(f"trace\n{trace_id}".encode("utf-8", "replace"), key, asked_at)


def _hourly_id(name: bytes, key: str, asked_at: int) -> str:
    digest = hmac.digest(key.encode(), name, hashlib.sha256)
    return new_id(asked_at - asked_at % _HOUR_MS, digest[:RANDOM_BYTES])


def read_visitor(
    headers: Mapping[str, str], country: str | None, key: str, now_ms: int, *, respect_opt_out: bool = True
) -> Visitor:
    """Read who sent these headers (names in lower case) at this time, in Unix epoch milliseconds.

    `key` is secret: without it nobody can compute a visitor's name from an address.
    """
    address = headers.get("cf-connecting-ip")
    user_agent = headers.get("user-agent", "")
    return Visitor(
        visitor=visitor_name(key, address, user_agent, now_ms) if address else None,
        country=_country(country or headers.get("cf-ipcountry")),
        language=_language(headers.get("accept-language", "")),
        referrer=_host(headers.get("referer", "")),
        user_agent=clip(user_agent, USER_AGENT_LENGTH),
        opted_out=respect_opt_out and asks_not_to_be_recorded(headers),
    )


def _country(value: str | None) -> str | None:
    return value if value and _COUNTRY.fullmatch(value) else None


def _language(accepted: str) -> str | None:
    first = _LANGUAGE.match(accepted)
    return first[1] if first else None


def _host(referrer: str) -> str | None:
    try:
        host = urlsplit(referrer).hostname
    except ValueError:
        return None
    return host if host and len(host) <= REFERRER_LENGTH and host.isprintable() else None
