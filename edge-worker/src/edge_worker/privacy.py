"""Cuts personal data out of what visitors typed: e-mail addresses, payment card and telephone numbers.

The patterns take time in proportion to the text, whatever is in it. They prefer to cut a number too many: an order
number that looks like a telephone number in every way is cut too.
"""

import re
from collections.abc import Mapping

EMAIL, CARD, PHONE = "[email]", "[card]", "[phone]"

# The lookbehind lets a match begin only where a local part can; the bounds (RFC 5321, section 4.5.3.1) end it.
_LOCAL = r"\w.!#$%&'*+/=?^`{|}~-"
_EMAIL = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]{{1,64}}@(?:[\w-]{{1,63}}\.){{1,8}}[^\W\d_][\w-]{{1,62}}")
_GAP = "[ \u00a0\u2009\u202f./\u2010-\u2015-]"
_NOT_IN_NUMBER = r"(?<![\w+])(?<!\d[.,])"
_NUMBER_END = r"(?![\w])(?![.,:/-]\d)"
_CARD = re.compile(rf"{_NOT_IN_NUMBER}\d(?:[ \u00a0\u202f\u2010-\u2015-]?\d){{12,18}}{_NUMBER_END}")
# With a country code (ITU-T E.164: up to 15 digits), with a trunk 0, or North American with its two gaps.
_INTERNATIONAL = re.compile(
    rf"(?<![\w+])(?:\+|00(?=[1-9]))\(?\d(?:[()]|{_GAP}){{0,2}}(?:\d(?:[()]|{_GAP}){{0,3}}){{6,13}}\d(?!\w)"
)
_NATIONAL = re.compile(rf"(?<!\d\s){_NOT_IN_NUMBER}\(?0\d(?:\)?{_GAP}?\(?\d){{7,10}}{_NUMBER_END}")
_NORTH_AMERICAN = re.compile(rf"{_NOT_IN_NUMBER}(?:1{_GAP})?\(?[2-9]\d\d\)?{_GAP}[2-9]\d\d{_GAP}\d{{4}}{_NUMBER_END}")
_OPT_OUT_HEADERS = ("sec-gpc", "dnt")


def redact(text: str) -> str:
    """Put a placeholder in the place of each e-mail address, card number and telephone number."""
    text = _EMAIL.sub(EMAIL, text)
    text = _CARD.sub(lambda match: CARD if _passes_luhn(match[0]) else match[0], text)
    for pattern in (_INTERNATIONAL, _NATIONAL, _NORTH_AMERICAN):
        text = pattern.sub(PHONE, text)
    return text


def asks_not_to_be_recorded(headers: Mapping[str, str]) -> bool:
    """Tell whether the browser sends Global Privacy Control or Do Not Track (header names in lower case)."""
    return any(headers.get(name) == "1" for name in _OPT_OUT_HEADERS)


def _passes_luhn(number: str) -> bool:
    """Verify the check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    digits = [int(character) for character in number if character.isdecimal()]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[-2::-2]]
    return any(digits) and (sum(digits[::-2]) + sum(doubled)) % 10 == 0
