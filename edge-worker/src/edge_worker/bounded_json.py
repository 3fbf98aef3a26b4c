"""Parses JSON from outside: the one place that calls `json.loads` on a text somebody else wrote."""

import json
import re
from typing import Any

MAX_DEPTH = 64
"""Levels of arrays and objects. Parsing recurses for each, and the runtime's stack is small."""

_raw_decode = json.JSONDecoder().raw_decode
_OPENING = str.maketrans("{}", "[]")
# A whole string or its unterminated rest; possessive, so that the time stays proportional to the text.
_NOT_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+\\?"?|[^"\[\]{}]++', re.DOTALL)
_WHITE_SPACE = re.compile(r"[ \t\r\n]*")


def parse_json(content: str | bytes) -> Any:
    """Parse a JSON text, or one in UTF-8.

    Raises:
        UnicodeDecodeError: the bytes are not UTF-8 (a ValueError, too).
        ValueError: the text is not JSON, is nested deeper than MAX_DEPTH, or holds a number of thousands of digits.
    """
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper(text, MAX_DEPTH):
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels, or brackets without their partners")
    try:
        # Without what `json.loads` does around it, which takes longer than the parsing of a short text.
        document, end = _raw_decode(text)
    except ValueError:
        end = -1
    return document if end == len(text) else json.loads(text)


def parse_cut_list(text: str) -> list[Any]:
    """Parse the whole elements of a JSON list whose end is missing; none where the text is something else."""
    elements: list[Any] = []
    position = _separators(text, 0)
    if text[position : position + 1] != "[" or _reaches(text, MAX_DEPTH):
        return elements
    try:
        while True:
            element, end = _raw_decode(text, _separators(text, position + 1))
            elements.append(element)
            position = _separators(text, end)
            if text[position : position + 1] != ",":
                return elements
    except ValueError:
        return elements


def _separators(text: str, position: int) -> int:
    """Return the position after white space."""
    found = _WHITE_SPACE.match(text, position)
    return found.end() if found else position


def _reaches(text: str, levels: int) -> bool:
    """Tell whether brackets are nested deeper than so many levels, of a text whose end may be missing."""
    depth = 0
    for bracket in _NOT_BRACKETS.sub("", text):
        depth += 1 if bracket in "[{" else -1
        if depth > levels:
            return True
    return False


def _is_deeper(text: str, levels: int) -> bool:
    """Tell whether removing the innermost pairs of brackets `levels` times leaves any."""
    brackets = _NOT_BRACKETS.sub("", text).translate(_OPENING)
    for _ in range(levels):
        brackets = brackets.replace("[]", "")
    return bool(brackets)
