"""What the detectors of numbers share: check digits, and what may stand in front of a number."""

import re
from operator import mul

_CODE_IN_FRONT = re.compile(r"[A-Za-z0-9_]*$", re.ASCII)
_LONGEST_WORD = 20


def passes_luhn(number: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1, annex B."""
    digits = [int(character) for character in number]
    doubled = [digit * 2 for digit in digits[-2::-2]]
    return any(digits) and (sum(digits[::-2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0  # noqa: PLR2004 - digits


def follows_word(text: str, start: int) -> bool:
    """Whether the number at `start` stands alone or right behind a word, and not inside a code such as `9f41`."""
    front = _CODE_IN_FRONT.search(text, max(0, start - _LONGEST_WORD), start)
    word = front[0] if front else ""
    if not word:
        return not (start > 1 and text[start - 1] in ".," and text[start - 2].isdecimal())
    return word.isalpha() and len(word) > 1


def weighted(number: str, weights: tuple[int, ...]) -> int:
    """Give the sum of the digits, each times its weight."""
    return sum(map(mul, map(int, number), weights))
