"""The forms in which telephone numbers are written, without and with groups, in the countries of many languages."""

import re
from collections.abc import Sequence

from edge_worker.redaction.calling_codes import is_international

# With a trunk prefix 0, in two groups or more; groups of any length, as in Germany.
_TRUNK = re.compile(r"0[1-9]\d{0,5}(?: \d{1,9}){1,5}|0 [1-9]\d{0,3}(?: \d{2,5}){1,4}")
_TRUNK_LENGTHS = range(9, 14)
_SHORT_TRUNK = re.compile(r"0\d \d{3} \d{3}")
# Pairs are a French number when they are five; others are dates, times and lottery numbers.
_PAIRS = re.compile(r"\d\d(?: \d\d)+")
_MORE_PAIRS = re.compile(r"[ .-]\d\d(?!\d)")
_FRENCH_PAIRS = 5
# Without one, as written in groups (first the countries with the most speakers of the languages visitors write).
_NATIONAL = re.compile(
    r"""(?:1[ ])?[2-9]\d\d[ ]\d{3}[ ]\d{4}          # North America
    |1[3-9]\d[ ]\d{4}[ ]\d{4}                       # China, mobile
    |86[ ]1[3-9]\d{9}|91[ ][6-9]\d{9}               # China and India, mobile, a plus left out
    |8[ ][3489]\d\d[ ]\d{3}[ ]\d\d[ ]?\d\d          # Russia, Kazakhstan
    |[1-9]\d[ ]9?\d{4}[ ]\d{4}                      # Brazil, Mexico, Argentina
    |[6-9]\d{4}[ ]\d{5}                             # India
    |[5-9]\d\d[ ]\d\d[ ]\d\d[ ]\d\d                 # Spain, Georgia
    |8[ ]0\d\d[ ]\d{3}[ ]\d\d[ ]\d\d                # Belarus
    |[1-9]\d[ ]\d{3}[ ]\d{4}                        # Hungary, Portugal
    |3\d\d[ ]\d{6,7}                                # Italy, mobile
    |9[ ]\d{4}[ ]\d{4}                              # Chile
    |[2-9]\d\d[ ]\d{3}[ ]\d\d[ ]\d\d                # Türkiye, Ukraine
    |[1-9]\d[ ]\d{3}[ ]\d\d[ ]\d\d                  # Poland
    |1[38]00[ ]\d{3}[ ]\d{3}                        # Australia""",
    re.VERBOSE,
)
_AREA_IN_BRACKETS = re.compile(r"\((?!(?:19|20)\d\d)\d{1,5}\)")
# Spain, Poland, Czechia, Portugal, Peru; inside a sentence it is more likely an amount.
_THREES = re.compile(r"[679]\d\d \d{3} \d{3}")
_LAST = re.compile(r"\s*(?:$|[.,;!?)](?!\d))")
# Without groups: with a trunk prefix; mobile in China; Russia.
_BARE = re.compile(r"0[1-9]\d{8,9}|1[3-9]\d{9}|8[3489]\d{9}")
# Zeros, counting, years, two decimals.
NO_NUMBER = re.compile(r"\d \d\d? \d \d\d?|\d*0{4}|0123456789|1234567890?|(?:19|20)\d\d (?:19|20)\d\d")
# The shortest after 00 that cannot be an order's number: a country code and nine digits.
_LEAST_AFTER_00 = 12
_EXIT_CODE = re.compile(r"00|011")


def has_bare_form(digits: str) -> bool:
    """Whether digits without groups, and without a telling word, are a telephone number."""
    if digits.startswith("00"):
        return len(digits) >= _LEAST_AFTER_00 and is_international(digits[2:])
    return bool(_BARE.fullmatch(digits)) and not NO_NUMBER.fullmatch(digits)


def has_grouped_form(text: str, start: int, end: int, groups: Sequence[str]) -> bool:
    """Whether groups of digits, without a plus and without a telling word, are a telephone number."""
    spaced, digits = " ".join(groups), "".join(groups)
    exit_code = _EXIT_CODE.match(digits)
    if exit_code and is_international(without_trunk_zero(text, start, end)[exit_code.end() :]):
        return True
    if _PAIRS.fullmatch(spaced):
        is_french = digits[0] == "0" and digits[1] != "0" and len(groups) == _FRENCH_PAIRS
        return is_french and not _MORE_PAIRS.match(text, end)
    has_prefix = _TRUNK.fullmatch(spaced) or _AREA_IN_BRACKETS.match(text, start - 1)
    if has_prefix and len(digits) in _TRUNK_LENGTHS:
        return True
    is_last = _THREES.fullmatch(spaced) and _LAST.match(text, end)
    return bool(is_last or _SHORT_TRUNK.fullmatch(spaced) or _NATIONAL.fullmatch(spaced))


def without_trunk_zero(text: str, start: int, end: int) -> str:
    """Give the digits without the 0 in brackets of "+44 (0)20"."""
    return "".join(filter(str.isdecimal, text[start:end].replace("(0)", "")))
