"""Finds payment card numbers and IBANs, both by their check digits."""

import re
from collections.abc import Iterator

from edge_worker.redaction.clues import Clue, Clues
from edge_worker.redaction.numbers import follows_word, passes_luhn
from edge_worker.redaction.span import Span

CARD, IBAN = "[card]", "[iban]"

# The length for each country of the IBAN registry (SWIFT, release 99).
_IBAN_COUNTRIES = (
    "15 NO 16 BE 18 DK FI FK FO GL NL SD 19 MK SI 20 AT BA EE KZ LT LU MN XK 21 CH HR LI LV 22 BG BH CR DE GB GE IE ME"
    " RS VA 23 AE GI IL IQ OM SO TL 24 AD CZ ES MD PK RO SA SE SK TN VG 25 LY PT ST 26 IS TR 27 BI DJ FR GR IT MC MR SM"
    " 28 AL AZ BY CY DO GT HN HU LB NI PL SV 29 BR EG PS QA UA 30 JO KW MU YE 31 MT SC 32 LC 33 RU"
)
_IBAN = re.compile(r"(?:(?<![A-Za-z0-9])|(?<=iban)|(?<=IBAN))[A-Za-z]{2}[ -]?\d{2}(?:[ .-]{0,2}[A-Za-z0-9]){11,45}")
_CARD = re.compile(r"\d(?:[ .\-/_]{0,3}\d){12,60}")
_CODE_BEHIND = re.compile(r"[A-Za-z0-9_]|[.,]\d")
_DECIMAL = re.compile(r"\d{1,2}\.")
_GROUP = re.compile(r"\d+")
_SHORTEST_CARD, _LONGEST_CARD = 12, 19
_OLD_VISA = 13
# The issuers' prefixes with the lengths they issue (ISO/IEC 7812; as the schemes publish them).
_ISSUERS = re.compile(
    r"""4(?:\d{12}|\d{15}|\d{18})                               # Visa
    |(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}  # Mastercard
    |3[47]\d{13}                                                # American Express
    |(?:6011|64[4-9]\d|65\d\d)\d{12,15}                         # Discover
    |3(?:0[0-5]|095|[689]\d)\d{11,16}                           # Diners Club
    |35(?:2[89]|[3-8]\d)\d{12,15}                               # JCB
    |(?:62|81)\d{14,17}                                         # UnionPay
    |(?:50[0-9]{2}|5[6-8]\d\d|6304|6390|67\d\d)\d{8,15}         # Maestro, Elo, Verve, Dankort
    |220[0-4]\d{12,15}                                          # Mir
    |(?:60|82|508)\d{13,14}                                     # RuPay, Hipercard
    |(?:63[67]\d|9792|8600|9860)\d{12}                          # Elo, InstaPayment, Troy, Uzcard, Humo""",
    re.VERBOSE,
)


def find_ibans(text: str) -> Iterator[Span]:
    """Find account numbers with the length and the check digits of their country."""
    position = 0
    while match := _IBAN.search(text, position):
        end = _iban_end(text, match.start(), match.end())
        if end:
            yield Span(match.start(), end, IBAN)
        position = end or match.start() + 2


def _iban_end(text: str, start: int, end: int) -> int | None:
    length = _IBAN_LENGTHS.get(text[start : start + 2].upper())
    if not length:
        return None
    indexes = [index for index in range(start, end) if text[index].isalnum()][:length]
    last = indexes[-1] + 1
    if len(indexes) < length or _CODE_BEHIND.match(text, last):
        return None
    number = "".join(text[index] for index in indexes)
    # ISO/IEC 7064, MOD 97-10: the first four characters go to the end, a letter counts from 10.
    return last if int("".join(str(int(each, 36)) for each in number[4:] + number[:4])) % 97 == 1 else None


def find_cards(text: str, clues: Clues) -> Iterator[Span]:
    """Find card numbers: an issuer's prefix and length, and a right check digit, in whole groups of digits."""
    for run in _CARD.finditer(text):
        # With a plus in front it is a telephone number, also where it passes the check.
        has_plus = text[run.start() - 1 : run.start()] == "+"
        if not has_plus and follows_word(text, run.start()) and not _CODE_BEHIND.match(text, run.end()):
            yield from _cards_in(text, run, clues)


def _cards_in(text: str, run: re.Match[str], clues: Clues) -> Iterator[Span]:
    groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
    first = 0
    if _DECIMAL.match(run[0]):
        return
    while first < len(groups):
        number, found = "", None
        for last in range(first, len(groups)):
            number += text[slice(*groups[last])]
            if len(number) > _LONGEST_CARD:
                break
            if _is_card(number) and not _is_article(number, groups[first][0], clues):
                found = last
        if found is None:
            first += 1
        else:
            yield Span(groups[first][0], groups[found][1], CARD)
            first = found + 1


def _is_card(number: str) -> bool:
    return len(number) >= _SHORTEST_CARD and bool(_ISSUERS.fullmatch(number)) and passes_luhn(number)


def _is_article(number: str, start: int, clues: Clues) -> bool:
    """Whether 13 digits with a word such as EAN or order are an article's number: old Visa cards have 13 as well."""
    return len(number) == _OLD_VISA and clues.before(start) is Clue.CODE


def _lengths() -> dict[str, int]:
    lengths: dict[str, int] = {}
    length = 0
    for word in _IBAN_COUNTRIES.split():
        if word.isdecimal():
            length = int(word)
        else:
            lengths[word] = length
    return lengths


_IBAN_LENGTHS = _lengths()
