"""Makes texts from outside safe to pass on: valid Unicode, no control characters, a known length."""

import re

# Control characters other than tab and line feed; line and paragraph separators; non-characters SQS refuses.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def clean(text: str) -> str:
    """Remove control characters and surrounding space; a half surrogate pair becomes U+FFFD."""
    if text.isascii() and text.isprintable():
        return text.strip()
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNPRINTABLE.sub(" ", whole).strip()


def clip(text: str | None, length: int) -> str | None:
    """Shorten the text to `length` characters, an ellipsis at its end if it was cut; None if nothing is left."""
    if text is None:
        return None
    cleaned = clean(text)
    if len(cleaned) > length:
        return cleaned[: length - 1].rstrip() + "…"
    return cleaned or None
