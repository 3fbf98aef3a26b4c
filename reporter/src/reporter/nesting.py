"""Measures how deep a JSON text is nested, before a parser that recurses for each level sees it."""

import re
from typing import Final

MAX_DEPTH: Final = 64
"""Levels of arrays and objects."""

_OPENING: Final = str.maketrans("{}", "[]")
# A whole string or its unterminated rest; possessive, so that the time stays proportional to the text.
_NOT_BRACKETS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+\\?"?|[^"\[\]{}]++', re.DOTALL)


def is_too_deep(text: str) -> bool:
    """Tell whether a text is nested deeper than MAX_DEPTH levels, or has as many brackets without their partners."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    brackets = _NOT_BRACKETS.sub("", text).translate(_OPENING)
    for _ in range(MAX_DEPTH):  # each pass removes the innermost pairs
        brackets = brackets.replace("[]", "")
    return bool(brackets)
