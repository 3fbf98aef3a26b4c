"""What is known of an exchange when its question arrives."""

import os
from functools import partial

from edge_worker.event import Exchange, Visitor
from edge_worker.identifier import RANDOM_BYTES, new_id
from edge_worker.settings import Settings
from edge_worker.visitor import read_visitor
from edge_worker.web import Request

ID_HEADER = "edge-analytics-id"


def begin_exchange(request: Request, settings: Settings, asked_at: int, question: str, session: str | None) -> Exchange:
    """An exchange that began `asked_at` milliseconds after 1970 UTC and has no outcome yet."""
    return Exchange(
        id=random_id(asked_at),
        site=settings.site,
        asked_at=asked_at,
        question=question,
        session=session,
        visitor=partial(_visitor, request, settings, asked_at),
    )


def random_id(unix_ms: int) -> str:
    """A new id for this time, in milliseconds since 1970 UTC."""
    return new_id(unix_ms, os.urandom(RANDOM_BYTES))


def _visitor(request: Request, settings: Settings, asked_at: int) -> Visitor:
    visitor = read_visitor(request.headers, request.country, settings.visitor_key, asked_at)
    visitor.opted_out = visitor.opted_out and settings.respect_opt_out
    return visitor
