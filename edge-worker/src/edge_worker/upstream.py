"""Finds the upstream's URL for a request's, and keeps it below the upstream's own."""

import re
from urllib.parse import unquote, urlsplit

from edge_worker.web import HttpError

_SEPARATOR = re.compile(r"[/\\]")
# The URL standard's parser drops them wherever they are.
_DROPPED = str.maketrans("", "", "\t\n\r")
_MOST_DECODED = 5


def upstream_url(upstream: str, url: str) -> str:
    """Return where a request for `url` goes.

    Raises:
        HttpError: 400 where its path would leave the upstream's, in whatever way its dots and slashes are written.
    """
    parts = urlsplit(url)
    if _leaves(parts.path):
        raise HttpError(400, "invalid_path", "the path leads out of where it begins")
    query = f"?{parts.query}" if parts.query else ""
    return upstream.rstrip("/") + parts.path + query


def _leaves(path: str) -> bool:
    """Tell whether a path goes up above its beginning, decoded once or, as some servers do, more often."""
    for _ in range(_MOST_DECODED):
        depth = 0
        for segment in _SEPARATOR.split(path.translate(_DROPPED)):
            depth += -1 if segment == ".." else segment not in {"", "."}
            if depth < 0:
                return True
        decoded = unquote(path)
        if decoded == path:
            return False
        path = decoded
    return True
