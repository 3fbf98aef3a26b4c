"""Finds telephone numbers: with a country code, in the formats of many countries, or beside a word that names them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edge_worker.redaction.calling_codes import is_international
from edge_worker.redaction.clues import Clue, Clues
from edge_worker.redaction.numbers import follows_word
from edge_worker.redaction.phone_formats import NO_NUMBER, has_bare_form, has_grouped_form, without_trunk_zero
from edge_worker.redaction.span import Span

LABEL = "[phone]"

# ITU-T E.164: at most 15 digits; with 00 or 011 in front and a trunk 0 in brackets a few more.
_LONGEST = 18
_SHORTEST = 6
_MOST_GROUPS = 8
# More groups of digits, in a row or in all, are a table; looking through it would take longer than a request may.
_MOST_IN_ROW = 40
_MOST_TRIED = 120
_WIDEST = 32
_RUN = re.compile(r"(?:\(?\+ ?\(?|\()?\d(?:[ ()./\-]{0,3}\d)*")
_GROUP = re.compile(r"\d+")
_EXTENSION = re.compile(
    r"[ ,;]{0,2}(?:(?:ext(?:ension|n)?|durchwahl|dw|poste|ramal|anexo|int(?:erno)?|доб(?:авочный)?|вн|内線|内线|分机)"
    r"[.: ]{0,2}"
    r"|x ?|#)\d{1,6}(?!\d)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"[.,:]\d|%|[A-Za-z0-9_]")
_OPENING = re.compile(r"[#$€£¥₹=/%&\\]$|[A-Za-z0-9_]-$|\d[., :]$")
_WORD_END = re.compile(r"[A-Za-z0-9]$")
# What may stand between a word such as "order" and the number that it names.
_INTRODUCED = re.compile(
    r"(?:[ :.#№-]|no|nr|num(?:ber|mer|éro|ero)?|id|is|ist|es|est|код|номер|是|为|は|は、|番号|号)*", re.IGNORECASE
)
_NEGATIVE = frozenset({Clue.CODE, Clue.VERSION, Clue.CARD, Clue.IDENTITY})


class _Candidate(NamedTuple):
    """Groups of digits that could be a telephone number; `start` and `end` are of the digits."""

    start: int
    end: int
    groups: Sequence[str]
    digits: str
    has_plus: bool


def find(text: str, clues: Clues) -> Iterator[Span]:
    """Find the numbers of a folded text."""
    tried = 0
    for run in _RUN.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
        if groups[-1][1] - run.start() >= _SHORTEST:
            yield from _in_run(text, run, groups[: min(_MOST_IN_ROW, _MOST_TRIED - tried)], clues)
            tried = min(tried + len(groups), _MOST_TRIED)


def _in_run(text: str, run: re.Match[str], groups: Sequence[tuple[int, int]], clues: Clues) -> Iterator[Span]:
    """Find numbers in digits that hang together: several may stand in a row."""
    first, parts = 0, [text[start:end] for start, end in groups]
    while first < len(groups):
        start = groups[first][0]
        has_plus = not first and "+" in text[run.start() : start]
        may_begin = follows_word(text, run.start() if has_plus else start)
        is_code = may_begin and _is_part_of_code(text, run.start(), start)
        for last in _ends(text, groups, first) if may_begin else ():
            digits = "".join(parts[first : last + 1])
            if len(digits) > _LONGEST:
                continue
            if len(digits) < _SHORTEST and not has_plus:
                break
            found = _Candidate(start, groups[last][1], parts[first : last + 1], digits, has_plus)
            if _is_phone(text, found, clues, is_code=is_code):
                start = run.start() if not first else _bracket(text, found.start)
                extension = _EXTENSION.match(text, found.end)
                yield Span(start, extension.end() if extension else found.end, LABEL)
                first = last
                break
        first = _next_start(text, groups, first)


def _ends(text: str, groups: Sequence[tuple[int, int]], first: int) -> Iterator[int]:
    """Give the groups in which a number that begins with group `first` may end, the furthest first."""
    furthest = first
    while (
        furthest + 1 < min(len(groups), first + _MOST_GROUPS) and groups[furthest + 1][1] - groups[first][0] <= _WIDEST
    ):
        furthest += 1
    for last in range(furthest, first - 1, -1):
        if last + 1 == len(groups) or _may_part(text, groups, last):
            yield last


def _next_start(text: str, groups: Sequence[tuple[int, int]], first: int) -> int:
    """Give the next group in which a number may begin."""
    while first + 1 < len(groups) and not _may_part(text, groups, first):
        first += 1
    return first + 1


def _may_part(text: str, groups: Sequence[tuple[int, int]], index: int) -> bool:
    """Whether one number may end with the group at `index`, and another begin behind it."""
    between = text[groups[index][1] : groups[index + 1][0]]
    return " " in between or "/" in between


def _bracket(text: str, start: int) -> int:
    """Give where the number begins with the bracket in front of it, if there is one."""
    return start - 1 if text[start - 1 : start] == "(" else start


def _is_phone(text: str, found: _Candidate, clues: Clues, *, is_code: bool) -> bool:
    """Whether digits that stand alone, or right behind a word, are a telephone number."""
    if found.has_plus:
        digits = without_trunk_zero(text, found.start, found.end)
        return is_international(digits)
    if _is_counted(text, found.end):
        return False
    clue = clues.of(found.start, found.end)
    if clue is Clue.PHONE:
        return not NO_NUMBER.fullmatch(" ".join(found.groups))
    return not is_code and _has_form(text, found, clue, clues)


def _is_counted(text: str, end: int) -> bool:
    """Whether a decimal, a unit or a code goes on behind the digits."""
    return bool(_COUNTED.match(text, end)) and not _EXTENSION.match(text, end)


def _is_part_of_code(text: str, run_start: int, start: int) -> bool:
    return bool(_WORD_END.search(text, max(0, run_start - 1), run_start)) or bool(
        _OPENING.search(text, max(0, start - 2), start)
    )


def _has_form(text: str, found: _Candidate, clue: Clue | None, clues: Clues) -> bool:
    if len(found.groups) == 1:
        return clue not in _NEGATIVE and has_bare_form(found.digits)
    if clue in _NEGATIVE and _INTRODUCED.fullmatch(text, clues.end_before(found.start), found.start):
        return False
    return has_grouped_form(text, found.start, found.end, found.groups)
