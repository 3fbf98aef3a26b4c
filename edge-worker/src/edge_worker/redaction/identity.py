"""Finds numbers of identity cards, tax and social security that check digits or a form of their own make safe."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from edge_worker.redaction.clues import Clue, Clues
from edge_worker.redaction.numbers import follows_word, passes_luhn, weighted
from edge_worker.redaction.span import Span

LABEL = "[id]"

_DATE = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_TAX_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_FINNISH_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_VERHOEFF_NEXT = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_VERHOEFF_TURN = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


class _Kind(NamedTuple):
    """A kind of number: its form, and whether the characters of it without gaps are right."""

    form: re.Pattern[str]
    is_right: Callable[[str], bool]
    needs_clue: bool = False


def _always(_number: str) -> bool:
    return True


def _spanish(number: str) -> bool:
    start = number[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _TAX_LETTERS[int(start) % 23] == number[-1]


def _chinese(number: str) -> bool:
    """ISO 7064, MOD 11-2."""
    check = 0
    for digit in number[:-1]:
        check = (check + int(digit)) * 2 % 11
    return "0123456789X"[(12 - check) % 11] == number[-1]


def _french(number: str) -> bool:
    return 97 - int(number[:13].replace("2A", "19").replace("2B", "18")) % 97 == int(number[13:])


def _brazilian(number: str) -> bool:
    first, second = weighted(number, (10, 9, 8, 7, 6, 5, 4, 3, 2)), weighted(number, (11, 10, 9, 8, 7, 6, 5, 4, 3, 2))
    return len(set(number)) > 1 and f"{first * 10 % 11 % 10}{second * 10 % 11 % 10}" == number[9:]


def _italian(number: str) -> bool:
    """Ministerial decree of 23 December 1976: letters and digits count by their place."""
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    values = [int(each) if each.isdecimal() else ord(each) - ord("A") for each in number]
    total = sum(odd[value] for value in values[:15:2]) + sum(values[1:15:2])
    return total % 26 == values[15]


def _indian(number: str) -> bool:
    """Verhoeff's check digit."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = int(_VERHOEFF_NEXT[check][int(_VERHOEFF_TURN[place % 8][int(digit)])])
    return check == 0


def _finnish(number: str) -> bool:
    return _FINNISH_LETTERS[int(number[:6] + number[7:10]) % 31] == number[10]


def _turkish(number: str) -> bool:
    tenth = (sum(map(int, number[0:9:2])) * 7 - sum(map(int, number[1:8:2]))) % 10
    return f"{tenth}{(sum(map(int, number[:9])) + tenth) % 10}" == number[9:]


def _norwegian(number: str) -> bool:
    return (
        weighted(number, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
        and weighted(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


def _thai(number: str) -> bool:
    return (11 - weighted(number, tuple(range(13, 1, -1))) % 11) % 10 == int(number[12])


def _polish(number: str) -> bool:
    return weighted(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def _british_health(number: str) -> bool:
    return weighted(number, tuple(range(10, 0, -1))) % 11 == 0


def _taiwanese(number: str) -> bool:
    place = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0]) + 10
    return (place // 10 + place % 10 * 9 + weighted(number[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def _singaporean(number: str) -> bool:
    total = weighted(number[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if number[0] in "TG" else 0)
    return ("JZIHGFEDCBA" if number[0] in "ST" else "XWUTRQPNMLK")[total % 11] == number[8]


def _belgian(number: str) -> bool:
    return any(97 - int(prefix + number[:9]) % 97 == int(number[9:]) for prefix in ("", "2"))


def _swiss(number: str) -> bool:
    """Check as EAN-13 does."""
    return weighted(number, (1, 3) * 6 + (1,)) % 10 == 0


def _czech(number: str) -> bool:
    return int(number.replace("/", "")) % 11 == 0


def _kind(form: str, is_right: Callable[[str], bool] = _always, *, needs_clue: bool = False) -> _Kind:
    # ASCII letters and digits may not go on beside it, nor a decimal or a further group behind it.
    whole = rf"(?<![A-Za-z0-9_+])(?:{form})(?![A-Za-z0-9_]|[.,/-]\d)"
    return _Kind(re.compile(whole, re.IGNORECASE), is_right, needs_clue)


_KINDS = (
    _kind(r"(?!000|666)\d{3}([ -])(?!00)\d\d\1(?!0000)\d{4}"),  # United States
    _kind(r"(?!000|666)(?:\d{9}|\d{3}\.\d\d\.\d{4})", needs_clue=True),
    _kind(  # United Kingdom, National Insurance
        r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]"
    ),
    _kind(r"\d{3}[ -]?\d{3}[ -]?\d{4}", _british_health, needs_clue=True),
    _kind(r"\d{2}\.\d{3}\.\d{3}[ -]?[A-HJ-NP-TV-Z]", _spanish),
    _kind(r"\d{8}[ -]?[A-HJ-NP-TV-Z]|[XYZ][ -]?\d{7}[ -]?[A-HJ-NP-TV-Z]", _spanish),
    _kind(rf"[1-9]\d{{5}}(?:18|19|20)\d\d{_DATE}\d{{3}}[\dX]", _chinese),
    _kind(r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", _french),
    _kind(r"\d{3}\.\d{3}\.\d{3}-\d\d", _brazilian),
    _kind(r"\d{11}", _brazilian, needs_clue=True),
    _kind(r"[A-Z]{6} ?\d\d[A-EHLMPRST]\d\d ?[A-Z]\d{3}[A-Z]", _italian),
    _kind(r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}", _indian),
    _kind(r"[2-9]\d{11}", _indian, needs_clue=True),
    _kind(r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]"),  # India, PAN
    _kind(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", _finnish),
    _kind(r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}", needs_clue=True),  # Germany, tax
    _kind(r"[1-9]\d{10}", lambda number: _turkish(number) or _norwegian(number)),
    _kind(rf"\d\d{_DATE}-[1-8]\d{{6}}"),  # Korea
    _kind(rf"(?:19|20)?\d\d{_DATE}[-+]\d{{4}}", lambda number: passes_luhn(number[-10:])),  # Sweden
    _kind(r"\d-\d{4}-\d{5}-\d\d-\d|\d \d{4} \d{5} \d\d \d", _thai),
    _kind(r"\d{13}", _thai, needs_clue=True),
    _kind(r"\d{2}(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12]\d|3[01])\d{5}", _polish, needs_clue=True),
    _kind(r"[A-Z][1289]\d{8}", _taiwanese),
    _kind(r"[STFG]\d{7}[A-Z]", _singaporean),
    _kind(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", _belgian),
    _kind(r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d\d", _swiss),
    _kind(r"\d\d[0-35-8]\d[0-3]\d/\d{4}", _czech),
    _kind(r"\d\d ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}", needs_clue=True),  # Germany, pension insurance
    _kind(r"\d{4}[ -]?\d{4}[ -]?\d{4}", needs_clue=True),  # Japan
    _kind(r"(?=[A-Z]*\d[A-Z]*\d[A-Z]*\d)[A-Z]{1,2}[A-Z0-9]{6,8}", needs_clue=True),  # passports
    _kind(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d"),  # Mexico, CURP
    _kind(r"\d{3}[ -]\d{3}[ -]\d{3}(?: \d\d)?|\d{9}", needs_clue=True),
    _kind(r"\d\d ?\d\d ?\d{6}|\d{6}-\d{4}|\d{13}|\d{16}", needs_clue=True),  # Russia, Denmark, Romania, Indonesia
    _kind(r"\d{1,2}\.\d{3}\.\d{3}-[\dK]|\d\d-\d{8}-\d", needs_clue=True),  # Chile, Argentina
)
_SAFE_KINDS = tuple(kind for kind in _KINDS if not kind.needs_clue)
# All kinds have four digits or more, close to each other.
_LIKELY = re.compile(r"\d(?:[A-Za-z]?[ .+-]?\d){3}")
_GAPS = str.maketrans("", "", " .-+")


def find(text: str, clues: Clues) -> Iterator[Span]:
    """Find the numbers of a folded text."""
    if not _LIKELY.search(text):
        return
    for kind in _KINDS if clues.has(Clue.IDENTITY) else _SAFE_KINDS:
        for match in kind.form.finditer(text):
            start = match.start()
            if kind.needs_clue and clues.of(start, match.end()) is not Clue.IDENTITY:
                continue
            if follows_word(text, start) and kind.is_right(_bare(match[0], kind)):
                yield Span(start, match.end(), LABEL)


def _bare(number: str, kind: _Kind) -> str:
    """Give the characters without gaps; a Finnish number counts the one in the middle."""
    return number.upper() if kind.is_right is _finnish else number.upper().translate(_GAPS)
