"""Makes what a visitor typed safe and short to show: no hidden marks, links or endless words."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST: Final = 140

# Marks that reorder text or hide in it (Unicode category Cf) are dropped, except the joiner that
# emoji and several scripts need. Surrogates and private characters show as boxes at best.
_KEPT_FORMAT: Final = {"\u200d"}
_DROPPED: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}

# Mail programs turn addresses into links by themselves, also in text: so do not leave addresses.
_SCHEME: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}):(?=//|[^\s:])")
_DOMAIN: Final = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2,})")
_MAILBOX: Final = re.compile(r"(?<=\S)@(?=\S)")


def defang(text: str, longest: int = _LONGEST) -> str:
    """Return a visitor's words on one line, shortened, with addresses made unclickable."""
    clean = "".join(
        " " if char.isspace() else char
        for char in text
        if char in _KEPT_FORMAT or char.isspace() or unicodedata.category(char) not in _DROPPED
    )
    line = " ".join(clean.split())
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    line = _SCHEME.sub(r"\1[:]", line)
    line = _DOMAIN.sub("[.]", line)
    return _MAILBOX.sub("[@]", line)
