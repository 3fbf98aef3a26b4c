"""Gets the words out of contents that are a text or a list of parts, and out of streams of pieces."""

from collections.abc import Sequence
from typing import Any

KEPT_CHARACTERS = 640
"""How much of an answer is collected: what is recorded, and what personal data at its end needs to be found whole."""
_TEXT_TYPES = (None, "text", "input_text", "output_text")
_CLOSE = "</think>"
_FINAL_CHANNEL = "<|channel|>final<|message|>"
# What models put around their reasoning, where their server leaves it in the text: DeepSeek, Qwen and others,
# Magistral, Kimi, Seed, and the channels of gpt-oss.
_REASONING = {
    "<think>": _CLOSE,
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "<|channel|>": _FINAL_CHANNEL,
    "<|start|>assistant<|channel|>": _FINAL_CHANNEL,
}
_LONGEST_OPENING = max(len(mark) for mark in _REASONING)
_FIRST_LETTERS = ("<", "[", "◁")
_AFTER_FINAL = ("<|return|>", "<|end|>")
CLOSING_MARK = "/think"
"""What all spellings in JSON of the mark have in them that ends reasoning which no mark began."""


def text_of(content: Any) -> str:
    """Put together the texts of a content: a text, a part, or a list of both. Of other parts nothing is taken."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return _text_of_part(content)
    if isinstance(content, list):
        return "".join(part if isinstance(part, str) else _text_of_part(part) for part in content)
    return ""


def _text_of_part(part: Any) -> str:
    if not isinstance(part, dict) or part.get("type") not in _TEXT_TYPES or part.get("thought"):
        return ""
    text = part.get("text")
    if isinstance(text, dict):
        text = text.get("value")
    return text if isinstance(text, str) else ""


def types_of(content: Any) -> set[str]:
    """Collect the types of a content's parts, where they name them."""
    parts = content if isinstance(content, list) else [content]
    return {kind for part in parts if isinstance(part, dict) and isinstance(kind := part.get("type"), str)}


def has_other_parts(content: Any) -> bool:
    """Tell whether a content has parts that are no text: images, sound, files."""
    parts = content if isinstance(content, list) else [content]
    return any(isinstance(part, dict) and not _text_of_part(part) for part in parts)


class AnswerText:
    """The beginning of an answer, collected from pieces.

    Models that reason put it between two marks such as `<think>` and `</think>`, or before a `</think>` alone, where
    their server leaves it in the text: it is no part of the answer.
    """

    def __init__(self) -> None:
        self._text = ""
        self._start = 0
        self._is_plain = False
        """Whether it is known that the text begins with no mark."""

    def add(self, piece: Any) -> None:
        """Take the next piece: a text or a list of parts."""
        if not piece:
            return
        text = piece if isinstance(piece, str) else text_of(piece)
        if not text:
            return
        seen = len(self._text)
        self._text += text
        # All marks that end what was not opened have this as their last character.
        if self._start or (self._is_plain and ">" not in text):
            return
        opened_until = self._end_mark()
        self._is_plain = opened_until is None and len(self._text.lstrip()) >= _LONGEST_OPENING
        mark = opened_until or _CLOSE
        # The mark may have been cut between pieces.
        found = self._text.find(mark, max(0, seen - len(mark)))
        if found >= 0 and (opened_until or self._text[found + len(mark) :][:1] in ("", "\n")):
            self._start = found + len(mark)

    def add_all(self, pieces: Sequence[str]) -> None:
        """Take the next pieces, as `add` takes one after the other."""
        text = "".join(pieces)
        if self._start or (self._is_plain and ">" not in text):
            self._text += text
            return
        for piece in pieces:
            self.add(piece)

    def __len__(self) -> int:
        return len(self._text)

    def since(self, length: int) -> str:
        """Return what has been added since the text, with its reasoning, had this length."""
        return self._text[length:]

    @property
    def is_full(self) -> bool:
        """Whether enough has been collected."""
        return len(self._text) - self._start >= KEPT_CHARACTERS and (self._start > 0 or self._end_mark() is None)

    @property
    def missing(self) -> int:
        """How many characters it takes until enough has been collected; 0 where that depends on the characters."""
        return max(0, KEPT_CHARACTERS - len(self._text) + self._start) if self._start or self._is_plain else 0

    def __str__(self) -> str:
        if not self._start and self._end_mark() is not None:
            return ""
        text = self._text[self._start :].strip()
        for mark in _AFTER_FINAL:
            text = text.removesuffix(mark)
        return text

    def _end_mark(self) -> str | None:
        """Return the mark at which the reasoning ends that the text begins with; None where it does not."""
        text = self._text.lstrip()
        if not text.startswith(_FIRST_LETTERS):
            return None
        return next((end for begin, end in _REASONING.items() if text.startswith(begin)), None)
