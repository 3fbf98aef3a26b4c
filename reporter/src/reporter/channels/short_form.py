"""What fits into a chat message: a head, the things to do, and where to read on."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_HEAD: Final = 150
MAX_LINE: Final = 300
MAX_LINES: Final = 8
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class ShortForm:
    """A message in plain text. Nothing of it is markup: what visitors typed may be in the lines.

    Attributes:
        head: one sentence.
        lines: things to do, or what explains an alert.
        link: an address to read on; empty where there is none.
        actions: for each line the address to act on it; empty where there is none.

    """

    head: str
    lines: tuple[str, ...] = ()
    link: str = ""
    actions: tuple[str, ...] = ()

    @classmethod
    def of(cls, head: str, lines: Sequence[str], link: str = "", actions: Sequence[str] = ()) -> ShortForm:
        """Return a message in its limits, each line on a line of its own."""
        texts = (clipped(text, MAX_LINE) for text in lines[:MAX_LINES])
        kept = [
            (text, _https(action)) for text, action in zip_longest(texts, actions[:MAX_LINES], fillvalue="") if text
        ]
        return cls(clipped(head, MAX_HEAD), tuple(t for t, _ in kept), _https(link), tuple(a for _, a in kept))


def _https(address: str) -> str:
    return address if address.startswith("https://") else ""


def clipped(text: str, length: int) -> str:
    """Return a text on one line, without control characters and what turns writing around, cut to a length."""
    plain = "".join(
        " " if unicodedata.category(letter) == "Cc" else letter
        for letter in text
        if unicodedata.category(letter) not in {"Cf", "Cs", "Co", "Cn"} or letter in "\u200c\u200d"
    )
    line = _SPACES.sub(" ", plain).strip()
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
