"""Finds numbers that are nothing personal, so that no detector takes them for something else."""

import re
from collections.abc import Iterator

from edge_worker.redaction.span import KEEP, Span

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:1[89]|20|21)\d\d"
_NOT_INSIDE = r"(?<![\w.,/-])"
_END = r"(?![.,/-]?\d|[A-Za-z])"
_PATTERNS = (
    # UUIDs (RFC 9562), and hashes in hexadecimal with a letter in them.
    r"(?<![\w-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![\w-])",
    r"(?<!\w)(?:0x)?(?=[0-9]{0,64}[A-Fa-f])[0-9A-Fa-f]{20,128}(?!\w)",
    # Dates and times (ISO 8601 and as people write them).
    (
        rf"{_NOT_INSIDE}{_YEAR}([./-]){_MONTH}\1{_DAY}"
        rf"(?:[T ]{{1,2}}\d\d?[:.h]?\d\d(?:[:.]\d\d(?:[.,]\d{{1,9}})?)?(?:Z| ?[+-]\d\d:?\d\d)?)?{_END}"
    ),
    (
        rf"{_NOT_INSIDE}(?:{_DAY}(?=([./-]){_MONTH}\1)|{_MONTH}(?=([./-]){_DAY}\2))([./-])\d\d?\3"
        rf"(?:{_YEAR}|\d\d)(?:[, ]{{1,2}}\d\d?[:.h]?\d\d)?{_END}"
    ),
    rf"{_NOT_INSIDE}{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[T_-]?\d{{6}}(?:\d{{3}})?Z?)?(?!\w|[-.]\d)",
    rf"{_YEAR}年\d{{1,2}}月\d{{1,2}}日",
    # Amounts of money.
    r"[$€£¥₹₽₩₺₫₪฿₦]\s?\d[\d.,' ]{0,30}\d",
    (
        r"(?<![\w.,+])\d{1,3}(?:[ .,']\d{3}){0,6}(?:[.,]\d{1,2})?\s?"
        r"(?:[€£¥₹₽₩₺₫₪฿元円원]|(?:EUR|USD|GBP|CHF|JPY|INR|BRL|PLN|SEK|RUB|руб|kr|zł|Kč)\b)"
    ),
    # ISBN and ISSN with their name; ISBN-13 by its prefix.
    r"\b(?:ISBN|ISSN|EAN)(?:-1[03])?[: ]{0,2}[\dX][\dX -]{7,20}",
    r"(?<![\w.-])97[89][ -]?\d{1,5}[ -]?\d{1,7}[ -]?\d{1,7}[ -]?\d(?![\w-])",
    # What stands in the path or the query of a URL, but for what it names as somebody's.
    (
        r"(?<![\w@])(?:https?://|www\.)(?!wa\.me)(?:[\w.-]+|\[[\w:.]+\])(?::\d+)?(?P<path>/(?:(?!(?i:phone|tel|mobile"
        r"|msisdn|whatsapp|card|card_?(?:no|num|number)|cc|cc_?num|pan|ssn|sin|ip|[a-z]{1,12}_(?:ip|addr))=)"
        r"[\w./?&=%#,;:~-]){0,300})"
    ),
)


_LABELS = re.compile(r"\[(?:email|phone|card|iban|ip|id|key|password|redacted)\]")


def find_labels(text: str) -> Iterator[Span]:
    """Find our own labels, so that cutting twice cuts no more."""
    return (Span(match.start(), match.end(), KEEP) for match in _LABELS.finditer(text))


def find(text: str) -> Iterator[Span]:
    """Find what is to be kept."""
    for pattern in _COMPILED:
        for match in pattern.finditer(text):
            yield Span(match.start("path" if "path" in pattern.groupindex else 0), match.end(), KEEP)


_COMPILED = tuple(re.compile(pattern) for pattern in _PATTERNS)
