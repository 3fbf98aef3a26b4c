"""What a detector finds, and how found spans leave a text."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edge_worker.redaction.folding import Folded

KEEP = ""
# A folded text has neither; they part words and numbers for every detector that comes later.
_CUT, _KEPT = "\x00", "\x01"
MASKS = _CUT + _KEPT


class Span(NamedTuple):
    """The characters from `start` up to `end`, and what takes their place: KEEP where they are nothing personal."""

    start: int
    end: int
    label: str


def merge(spans: Iterable[Span]) -> list[Span]:
    """Give the spans in their order; of those that overlap one, which is cut if any of them is."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Span(last.start, max(last.end, span.end), last.label or span.label)
        else:
            merged.append(span)
    return merged


def mask(text: str, spans: Iterable[Span]) -> str:
    """Hide merged spans from the detectors that come later; all other positions stay."""
    pieces: list[str] = []
    position = 0
    for start, end, label in spans:
        pieces += text[position:start], (_CUT if label else _KEPT) * (end - start)
        position = end
    return "".join(pieces) + text[position:]


def replace(text: str, folded: Folded, spans: Sequence[Span], limit: int) -> str:
    """Put the labels in the place of the spans. What begins at `limit` of the typed text or later is left out."""
    pieces: list[str] = []
    position = 0
    for start, end, label in sorted(spans):
        if not label:
            continue
        typed_start, typed_end = folded.original(start, end)
        if typed_start >= limit:
            break
        pieces += text[position:typed_start], label
        position = typed_end
    return "".join(pieces) + text[position : max(limit, position)]
