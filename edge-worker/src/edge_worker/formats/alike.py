"""Recognises events of a stream that differ from one another in one text, so that not each is parsed as JSON."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from edge_worker.bounded_json import parse_json

# A JSON string (RFC 8259); possessive, so that the time stays proportional to the text.
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+)"')
# What shows that a text does not stand in JSON as it reads, or that it is more than one string.
_SPECIAL = re.compile(r'["\\\x00-\x1f]')
# No reader reads what these properties hold.
_IGNORED = re.compile(r'"(?:created|created_at|obfuscation|sequence_number)": ?("[^"\\\x00-\x1f]*"|[0-9]+)(?=[,}])')
_IGNORED_VALUE = re.compile(r'"[^"\\\x00-\x1f]*"|[0-9]+')


@dataclass(frozen=True, slots=True)
class Template:
    """What an event has around its text: `before` and `after` are its fixed parts, with what is ignored between."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @classmethod
    def of(cls, block: str, text: str) -> "Template | None":
        """Make the template of an event that holds the text as one of its strings; None where it is not clear which.

        Without a backslash in the block, each of its strings is spelt as it reads.
        """
        spelt = f'"{text}"'
        if "\\" in block or block.count(spelt) != 1:
            return None
        before, _, after = block.partition(spelt)
        return cls(_fixed_parts(before), _fixed_parts(after))

    def match(self, stream: str, position: int) -> tuple[str, int] | None:
        """Return the text of the event at a position, and where the event ends; None where it is of another kind."""
        start = _after_all(self.before, stream, position)
        found = _STRING.match(stream, start) if start >= 0 else None
        end = _after_all(self.after, stream, found.end()) if found else -1
        if not found or end < 0:
            return None
        text = found[1]
        return (parse_json(found[0]) if "\\" in text else text), end

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the text differs."""
        return len(self.before) == len(self.after) == 1

    def texts(self, blocks: Sequence[str]) -> list[str]:
        """Return the texts of the blocks, as long as each is alike and its text stands there as it reads.

        For a template that `is_plain`.
        """
        start, end = self.before[0] + '"', '"' + self.after[0].rstrip("\n")
        first, last, least = len(start), -len(end), len(start) + len(end)
        texts = [block[first:last] for block in blocks]
        # In one step where all are alike, as most are.
        whole = "\n".join(blocks)
        if whole == start + f"{end}\n{start}".join(texts) + end and not _SPECIAL.search("".join(texts)):
            return texts
        for number, block in enumerate(blocks):
            is_alike = len(block) >= least and block.startswith(start) and block.endswith(end)
            if not is_alike or _SPECIAL.search(texts[number]):
                return texts[:number]
        return texts


def _fixed_parts(piece: str) -> tuple[str, ...]:
    parts, position = [], 0
    for ignored in _IGNORED.finditer(piece):
        parts.append(piece[position : ignored.start(1)])
        position = ignored.end(1)
    return (*parts, piece[position:])


def _after_all(parts: tuple[str, ...], stream: str, position: int) -> int:
    """Return where the parts end that begin at a position; -1 where they are not there."""
    for number, part in enumerate(parts):
        if number:
            ignored = _IGNORED_VALUE.match(stream, position)
            if not ignored:
                return -1
            position = ignored.end()
        if not stream.startswith(part, position):
            return -1
        position += len(part)
    return position
