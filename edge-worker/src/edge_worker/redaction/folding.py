"""Folds a text for searching: one spelling for the digits, letters and signs of every script, nothing invisible."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Letters without a glyph of their own, which are not format characters (category Cf) but hide between others as well.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_MOST_REMEMBERED = 4096
_MINUS = frozenset("\u2212\u207b\u208b")
# The prolonged sound mark is typed for a dash between digits; the ideographic full stop is a dot in domain names.
_SOUND_MARK = re.compile(r"(?<=\d)[\u30fc\uff70\u4e00](?=\d)")
_IDEOGRAPHIC_STOP = re.compile(r"(?<=[a-z0-9\u00c0-\u024f])\u3002(?=[a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and for each of its characters the index in the text as it was typed."""

    text: str
    positions: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Give the bounds in the typed text of a span that is not empty."""
        return self.positions[start], self.positions[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold every character to the one it stands for; take time in proportion to the text."""
    if text.isascii() and text.isprintable():
        return Folded(text, range(len(text)))
    folded = text.translate(_FOLDED)
    positions: Sequence[int] = range(len(text))
    if len(folded) < len(text):
        positions = [position for position, character in enumerate(text) if _FOLDED[ord(character)]]
    folded = _SOUND_MARK.sub("-", folded)
    return Folded(_IDEOGRAPHIC_STOP.sub(".", folded), positions)


class _Folded(dict[int, str]):
    """What each code point is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        folded = self[code] = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    """Give the one character that stands for this one; nothing for one that cannot be seen."""
    if " " <= character <= "~" or character == "\n":
        return character
    category = unicodedata.category(character)
    if category == "Cf" or character in _INVISIBLE or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    if category == "Pd" or character in _MINUS:
        return "-"
    decimal = unicodedata.decimal(character, None)
    if decimal is not None:
        return str(decimal)
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character


_FOLDED = _Folded()
