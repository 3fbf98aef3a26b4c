"""Makes what a visitor typed safe and short to show: no hidden marks, links or endless words."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST: Final = 140

# Marks that reorder text or hide in it are dropped (Unicode category Cf, with controls, surrogates
# and private use). Unassigned code points stay: they are the emoji of a newer Unicode than ours.
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co"})

# Format characters that belong to what they stand in: the joiners of Persian, of Indic scripts and
# of emoji, and the number signs of Arabic, Syriac and Kaithi, which are visible.
_JOINERS: Final = "\u200c\u200d"
_KEPT_FORMAT: Final = frozenset(_JOINERS + "\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd") | frozenset(
    map(chr, range(0x0600, 0x0606))
)

# Unassigned code points that are to be ignored when displayed (Default_Ignorable_Code_Point), and
# noncharacters: neither will ever be an emoji.
_IGNORABLE: Final = re.compile("[\u2065\ufff0-\ufff8\ufdd0-\ufdef\U000e0000-\U000e0fff]")

# The flag of a region: a black flag, its code in tags, and the tag that ends it (UTS 51, ED-14a).
_TAG_SEQUENCE: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")

# More marks on one letter than any language writes would cover the lines above and below.
_MOST_MARKS: Final = 8

# Mail programs turn addresses into links by themselves, also in text: so do not leave addresses.
_COLONS: Final = ":\uff1a\ufe55"
_SCHEME: Final = re.compile(rf"(?i)(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{{1,20}})([{_COLONS}])(?=[^\s{_COLONS}])")
_AUTHORITY: Final = re.compile(rf"([{_COLONS}])(?=//)")
_MAILBOX: Final = re.compile("(?<=\\S)([@\uff20\ufe6b])(?=\\S)")
_IP_ADDRESS: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")

# What browsers take for the dot of a domain name (UTS 46), and its compatibility forms. The
# ideographic full stop also ends sentences, without a space: there, a long word follows.
_IDEOGRAPHIC_DOTS: Final = "\u3002\ufe12"
_DOTS: Final = ".\uff0e\uff61\u2024\ufe52" + _IDEOGRAPHIC_DOTS
_DOT: Final = re.compile(f"[{_DOTS}]")
_LONGEST_TOP_LEVEL: Final = 4


def defang(text: str, longest: int = _LONGEST) -> str:
    """Return a visitor's words on one line, shortened, with addresses made unclickable."""
    line = _shortened(" ".join(_visible(text).split()), longest)
    line = _IP_ADDRESS.sub(lambda match: match[0].replace(".", "[.]"), line)
    line = _without_domains(line)
    line = _SCHEME.sub(r"\1[\2]", line)
    line = _AUTHORITY.sub(r"[\1]", line)
    return _MAILBOX.sub(r"[\1]", line)


def _visible(text: str) -> str:
    """Return the text without hidden characters, every white space as a space."""
    parts, begin = [], 0
    for flag in _TAG_SEQUENCE.finditer(text):
        parts += [_without_hidden(text[begin : flag.start()]), flag[0]]
        begin = flag.end()
    return "".join([*parts, _without_hidden(text[begin:])])


def _without_hidden(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept, marks = [], 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if char.isspace():
            kept.append(" ")
        elif marks <= _MOST_MARKS and _is_kept(char, category):
            kept.append(char)
    return "".join(kept)


def _is_kept(char: str, category: str) -> bool:
    if category in _DROPPED:
        return char in _KEPT_FORMAT
    is_noncharacter = ord(char) & 0xFFFE == 0xFFFE  # noqa: PLR2004 - the last two of every plane
    return category != "Cn" or not (is_noncharacter or _IGNORABLE.match(char))


def _shortened(line: str, longest: int) -> str:
    """Cut a line, but not between a letter and its marks or inside an emoji."""
    if len(line) <= longest:
        return line
    end = longest - 1
    while end > longest // 2 and (_continues(line[end]) or line[end - 1] == "\u200d"):
        end -= 1
    return line[:end].rstrip() + "…"


def _continues(char: str) -> bool:
    is_flag_or_skin = "\U0001f1e6" <= char <= "\U0001f1ff" or "\U0001f3fb" <= char <= "\U0001f3ff"
    is_tag = "\U000e0020" <= char <= "\U000e007f"
    return is_flag_or_skin or is_tag or char in _JOINERS or unicodedata.category(char).startswith("M")


def _without_domains(line: str) -> str:
    parts, begin = [], 0
    for dot in _DOT.finditer(line):
        if _joins_labels(line, dot.start()):
            parts += [line[begin : dot.start()], f"[{dot[0]}]"]
            begin = dot.end()
    return "".join([*parts, line[begin:]])


def _joins_labels(line: str, dot: int) -> bool:
    """Whether a dot may be one of a domain name, in any script: a label before, letters after."""
    before, after = dot - 1, dot + 1
    while before >= 0 and _is_attached(line[before]):
        before -= 1
    while after < len(line) and _is_attached(line[after]):
        after += 1
    if before < 0 or after + 1 >= len(line) or not _ends_label(line[before]) or not _is_letter(line[after]):
        return False
    if not (_is_letter(line[after + 1]) or line[after + 1] == "-" or _is_attached(line[after + 1])):
        return False
    if line[dot] not in _IDEOGRAPHIC_DOTS:
        return True
    end = after
    while end < len(line) and (line[end].isalnum() or _is_attached(line[end])):
        end += 1
    return line[before].isascii() or line[after].isascii() or end - after <= _LONGEST_TOP_LEVEL


def _is_attached(char: str) -> bool:
    """Whether a character is part of the one before it: a mark or a joiner."""
    return char in _JOINERS or unicodedata.category(char).startswith("M")


def _is_letter(char: str) -> bool:
    """Whether a browser reads a letter: circled and full-width ones are letters to it (UTS 46)."""
    return any(each.isalpha() for each in unicodedata.normalize("NFKC", char))


def _ends_label(char: str) -> bool:
    return char in "-_" or not (char.isspace() or unicodedata.category(char).startswith("P"))
