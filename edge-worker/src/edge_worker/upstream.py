"""Finds the upstream's URL for a request's, and keeps it below the upstream's own."""

import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from edge_worker.web import HttpError

_SEPARATOR = re.compile(r"[/\\]")
_DOT = re.compile("%2e", re.IGNORECASE)
_END_OF_NAME = re.compile(r"[;?#]")
# The URL standard's parser drops the first three wherever they are, and some servers what controls at all.
_DROPPED = str.maketrans("", "", "".join(map(chr, range(0x20))))
# UTF-8 that is longer than it may be, and the escapes of IIS: servers that decode them see dots and slashes.
_OVERLONG = re.compile(r"%(?:c0%|e0%80%|f0%80%80%)(?:(ae)|af)|%u(?:(002e|ff0e)|002f|ff0f|2215)", re.IGNORECASE)
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
    # What the URL standard's parser makes of it, which is asked before any server is.
    path = _DOT.sub(".", path.replace("\\", "/"))
    for _ in range(_MOST_DECODED):
        if any(_goes_above(segments) for segments in _readings(path.translate(_DROPPED))):
            return True
        decoded = unquote(_OVERLONG.sub(lambda match: "." if match[1] or match[2] else "/", path))
        if decoded == path:
            return False
        path = decoded
    return True


def _readings(path: str) -> Iterator[list[str]]:
    """Give the segments that different servers see: what one takes for two, another takes for one."""
    yield path.split("/")
    if "\\" in path:
        yield _SEPARATOR.split(path)
    # Full-width dots and slashes are ordinary ones to servers that look for the nearest character.
    if (plain := normalize("NFKC", path)) != path:
        yield from _readings(plain)


def _goes_above(segments: Iterable[str]) -> bool:
    depth = 0
    for segment in segments:
        # Servers of Java take off what follows a semicolon, those of Windows a space at the end, and one that reads
        # a path again once it is decoded takes what follows a question mark for the query.
        name = _END_OF_NAME.split(segment, maxsplit=1)[0].rstrip(" ")
        depth += -1 if name == ".." else name not in {"", "."}
        if depth < 0:
            return True
    return False
