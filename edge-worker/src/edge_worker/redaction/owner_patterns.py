"""The owner's own patterns of what is to be cut out; one that could take long is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from edge_worker.bounded_json import parse_json
from edge_worker.redaction.span import Span

# Python parses a pattern in modules of `re` that no type stub describes.
codes: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

LABEL = "[redacted]"

MOST_PATTERNS = 20
# How many steps all patterns together may take from one character of a text, in the worst text for them.
MOST_STEPS = 8192
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_ENDLESS = 1_000_000


@dataclass(frozen=True, slots=True)
class OwnerPatterns:
    """Compiled patterns, each known to be quick."""

    patterns: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def parse(cls, value: str) -> "OwnerPatterns":
        r"""Read a JSON list of regular expressions such as `["EMP-\\d{6}"]`.

        Raises:
            ValueError: It is no such list, or a pattern could take long; the message says which and what to do.
        """
        try:
            sources = parse_json(value)
        except ValueError:
            raise ValueError("it is not JSON") from None
        if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
            raise ValueError("it is not a list of texts")
        if len(sources) > MOST_PATTERNS:
            raise ValueError(f"it has more than {MOST_PATTERNS} patterns")
        steps = sum(_steps(source) for source in sources)
        if steps > MOST_STEPS:
            raise ValueError(
                f"the patterns could take {steps} steps for each character, more than {MOST_STEPS}: use fewer and"
                " narrower repetitions"
            )
        return cls(tuple(re.compile(source) for source in sources))

    def find(self, text: str) -> Iterator[Span]:
        """Find what the patterns match in a folded text."""
        for pattern in self.patterns:
            for match in pattern.finditer(text):
                yield Span(match.start(), match.end(), LABEL)


NO_PATTERNS = OwnerPatterns()


def _steps(source: str) -> int:
    """Give how many steps a pattern can take from one character: its ways, each as long as its longest match.

    Raises:
        ValueError: It is wrong, matches nothing at all, or has no longest match.
    """
    try:
        re.compile(source)
        parsed = parser.parse(source)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{source} is no regular expression: {error}") from None
    shortest: int
    longest: int
    shortest, longest = parsed.getwidth()
    if shortest == 0:
        raise ValueError(f"{source} also matches where nothing is")
    return min(_ways(parsed, source) * longest, _ENDLESS)


def _ways(parsed: Any, source: str) -> int:
    """Give how many ways there are through a sequence: what a backtracking matcher tries at worst."""
    ways = 1
    for code, argument in parsed:
        ways = min(ways * _ways_of(code, argument, source), _ENDLESS)
    return ways


def _ways_of(code: Any, argument: Any, source: str) -> int:
    if code in _REPEATS:
        least, most, inner = argument
        if most is codes.MAXREPEAT:
            raise ValueError(f"{source} repeats without end: write {{1,64}} for + and {{0,64}} for *")
        return _repeated(_ways(inner, source), least, most)
    if code is codes.BRANCH:
        return sum(_ways(branch, source) for branch in argument[1])
    if code is codes.SUBPATTERN:
        return _ways(argument[-1], source)
    if code in {codes.ASSERT, codes.ASSERT_NOT}:
        return _ways(argument[1], source)
    if code is codes.ATOMIC_GROUP:
        return _ways(argument, source)
    if code in {codes.GROUPREF, codes.GROUPREF_EXISTS}:
        raise ValueError(f"{source} refers to a group, which can take long")
    return 1


def _repeated(ways: int, least: int, most: int) -> int:
    """Give the ways through `ways` ways that are taken from `least` to `most` times."""
    if ways == 1:
        return most - least + 1
    total, power = 0, ways ** min(least, 20)
    for _ in range(least, most + 1):
        total += power
        power *= ways
        if total > _ENDLESS:
            return _ENDLESS
    return total
