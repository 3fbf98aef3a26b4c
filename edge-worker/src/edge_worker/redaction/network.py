"""Finds Internet addresses, version 4 and 6."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address

from edge_worker.redaction.clues import Clue, Clues
from edge_worker.redaction.span import KEEP, Span

LABEL = "[ip]"

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
# In brackets, as those write it who report an address.
_DOT = r"(?:\.|\[\.\])"
_IPV4 = re.compile(rf"(?<![A-Za-z0-9_.+])(?<!\d[,-]){_OCTET}(?:{_DOT}{_OCTET}){{3}}(?![A-Za-z0-9_]|[.,-]\d|\.[A-Za-z])")
_IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,8}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4})(%[\w.-]{1,32})?(?![\w:])",
    re.ASCII,
)
_TELLING_GROUP = re.compile(r"(?=[0-9A-Fa-f]*\d)[0-9A-Fa-f]{3,4}|\d{1,3}\.\d")
# Without "::" all eight groups are there, the last two perhaps in the form of version 4.
_LEAST_COLONS = 6
_VERSION_IN_FRONT = re.compile(
    r"(?:\bv|(?<!\bfrom)(?<!\bfor)(?<!\bby)(?<!\bto)=|[~^<]|(?<!-)>|[=<>~]= |\w[-_/])$", re.IGNORECASE
)
_PORT_BEHIND = re.compile(r":\d{2,5}(?!\d)")
_VERSION_BEHIND = re.compile(
    r" (?:version|release|build|firmware)\b|-(?:alpha|beta|rc|pre|dev|snapshot)\b", re.IGNORECASE
)
# An address has nearly always a part of three digits, a version rarely.
_LARGE_PART = re.compile(r"\d{3}")
# "version is now at 1.2.3.123", but not "the update broke 203.0.113.44".
_NEAR = 4
# Every machine's own: loopback, unspecified, masks.
_NOBODYS = re.compile(r"127\.|0\.|255\.")


def find(text: str, clues: Clues) -> Iterator[Span]:
    """Find the addresses; those that every machine has, and versions, are to be kept."""
    for match in _IPV6.finditer(text):
        if _is_ipv6(match):
            yield Span(match.start(), match.end(), LABEL)
    for match in _IPV4.finditer(text):
        start, end = match.span()
        kept = _NOBODYS.match(match[0]) or _is_version(text, start, end, clues)
        yield Span(start, end, KEEP if kept else LABEL)


def _is_version(text: str, start: int, end: int, clues: Clues) -> bool:
    before = clues.before(start)
    if before is Clue.ADDRESS or _PORT_BEHIND.match(text, end):
        return False
    if _VERSION_BEHIND.match(text, end) or _VERSION_IN_FRONT.search(text, max(0, start - 6), start):
        return True
    if before is Clue.VERSION and start - clues.end_before(start) <= _NEAR:
        return True
    return clues.of(start, end) is Clue.VERSION and not _LARGE_PART.search(text, start, end)


def _is_ipv6(match: re.Match[str]) -> bool:
    """Whether it is an address, and has a group that a time, or a name in a program, has not."""
    address = match[0].partition("%")[0]
    if "::" not in address and address.count(":") < _LEAST_COLONS:
        return False
    try:
        IPv6Address(address)
    except ValueError:
        return False
    return bool(match[1] or _TELLING_GROUP.search(address))
