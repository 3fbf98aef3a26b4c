"""Decides what may be recorded of what visitors type and of who they are."""

from collections.abc import Mapping

from edge_worker.redaction import MARGIN, NO_PATTERNS, OwnerPatterns, redact
from edge_worker.text import clean, clip

# A label is mostly shorter than what it stands for: so much further is looked, to fill the length all the same.
_FOR_LABELS = 100
_OPT_OUT_HEADERS = ("sec-gpc", "dnt")


def private_text(text: str | None, length: int, patterns: OwnerPatterns = NO_PATTERNS) -> str | None:
    """Return the text as it is recorded, without personal data and in at most `length` characters.

    As much is looked at as is needed for that, however long the text is, since a request may take 10 ms only.
    """
    if not text:
        return None
    looked_at = length + _FOR_LABELS + MARGIN
    # Four times as much to clean, so that what is cut here is longer than what is cut there.
    return clip(redact(clean(text.lstrip()[: 4 * looked_at]), patterns, looked_at), length)


def asks_not_to_be_recorded(headers: Mapping[str, str]) -> bool:
    """Tell whether the browser sends Global Privacy Control or Do Not Track (header names in lower case)."""
    return any(headers.get(name) == "1" for name in _OPT_OUT_HEADERS)
