"""Takes streams apart: server-sent events by the rules of the WHATWG, and JSON Lines.

A stream of thousands of events is not parsed as a whole: `EventStream` gives the blocks that are looked at, and finds
the few others that matter by the text in them.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from edge_worker.formats.alike import Template

_LAST_BLOCKS = 8
"""How many blocks at the end are always read: they hold usage and the reason why the answer ended."""
_MOST_FOUND = 64
_WINDOW = 16_384
_MOST_AT_ONCE = 64
_SPACED = '": '


def decode(content: bytes) -> str:
    """Decode UTF-8 as streams are: without a byte order mark, U+FFFD for what is wrong."""
    return content.decode("utf-8", "replace").removeprefix("\ufeff")


def fields_of(block: str) -> tuple[str, str | None]:
    """Read one server-sent event.

    Args:
        block: The lines between two blank ones, ended by LF.

    Returns:
        Its name ("message" if it has none), and its data; None where it has no data and so is no event.
    """
    name, data = "", []
    for line in block.split("\n"):
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if key == "data":
            data.append(value)
        elif key == "event":
            name = value
    return name or "message", "\n".join(data) if data else None


class EventStream:
    """The blocks of a stream: server-sent events where `is_sse`, JSON Lines where not."""

    def __init__(self, body: bytes, tail: bytes, *, is_sse: bool) -> None:
        text = decode(body)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._separator = "\n\n" if is_sse else "\n"
        self._is_sse = is_sse
        if tail:
            # The last block of the beginning and the first of the end are cut.
            end = tail.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
            text = text[: text.rfind(self._separator) + 1] + self._separator + end.partition(self._separator)[2]
        self._text = text
        self._position = 0
        self._block = ""
        self._template: Template | None = None
        self._last = self._start_of_last()

    def events(self) -> Iterator[tuple[str, str]]:
        """Yield name and data of each event that has not been read yet, in order."""
        text, separator = self._text, self._separator
        while self._position < len(text):
            end = text.find(separator, self._position)
            end = len(text) if end < 0 else end
            self._block = text[self._position : end]
            self._position = end + len(separator)
            if event := self._read(self._block):
                yield event

    def alike(self, text: str) -> Iterator[str]:
        """Yield the texts of the next events, as long as they have another text in the place of this one's only.

        Args:
            text: Of the event that was read last.
        """
        self._template = Template.of(self._block + self._separator, text)
        while self._template and (found := self._template.match(self._text, self._position)):
            other, self._position = found
            yield other

    def alike_at_once(self, length: int) -> list[str]:
        """Take the texts of the next events until they have this many characters together, in fewer steps.

        For use between two of `alike`, which goes on where these end: it may well have more.
        """
        if self._template is None or not self._template.is_plain:
            return []
        window = self._text[self._position : self._position + _WINDOW]
        *blocks, _ = window.split(self._separator, _MOST_AT_ONCE)
        texts = self._template.texts(blocks)
        # No more than are needed.
        taken = next((n for n, sum_ in enumerate(accumulate(map(len, texts)), 1) if sum_ >= length), len(texts))
        self._position += sum(map(len, blocks[:taken])) + taken * len(self._separator)
        return texts[:taken]

    def skim(self, needles: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield of the events that have not been read those with one of the texts in them, and the last few."""
        starts: set[int] = set()
        is_spaced = self._text.find(_SPACED, self._position, self._last) >= 0
        for needle in needles if is_spaced else [each for each in needles if _SPACED not in each]:
            at = self._text.find(needle, self._position, self._last)
            while at >= 0 and len(starts) < _MOST_FOUND * len(needles):
                start = self._text.rfind(self._separator, self._position, at)
                starts.add(self._position if start < 0 else start + len(self._separator))
                end = self._text.find(self._separator, at)
                at = self._text.find(needle, len(self._text) if end < 0 else end, self._last)
        for start in sorted(starts):
            end = self._text.find(self._separator, start)
            if event := self._read(self._text[start : len(self._text) if end < 0 else end]):
                yield event
        self._position = max(self._position, self._last)
        if not starts:
            self._skip_alike()
        yield from self.events()

    def _skip_alike(self) -> None:
        """Go past the events that are like the ones before in all but their text."""
        while self._template and (found := self._template.match(self._text, self._position)):
            _, self._position = found

    def contains_after(self, needle: str) -> bool:
        """Tell whether a text is in what has not been read."""
        return self._text.find(needle, self._position) >= 0

    def _read(self, block: str) -> tuple[str, str] | None:
        if not self._is_sse:
            line = block.strip(" \t\x1e")
            return ("message", line) if line else None
        # Most events have nothing but a line of data.
        if block.startswith("data: ") and "\n" not in block:
            return "message", block[len("data: ") :]
        name, data = fields_of(block)
        return None if data is None else (name, data)

    def _start_of_last(self) -> int:
        at = len(self._text.rstrip("\n"))
        for _ in range(_LAST_BLOCKS):
            at = self._text.rfind(self._separator, 0, at)
            if at < 0:
                return 0
        return at + len(self._separator)
