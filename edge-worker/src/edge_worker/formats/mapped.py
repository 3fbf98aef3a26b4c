"""Reads requests and replies as PROXY_MAPPING says."""

from collections.abc import Mapping
from typing import Any

from edge_worker.event import OUTCOMES, Outcome
from edge_worker.formats.exchange import Usage
from edge_worker.formats.mapping import ExchangeMapping, Paths, first_match, first_text
from edge_worker.formats.reply_reader import ReplyReader, as_cost, tokens
from edge_worker.formats.text_parts import AnswerText

# Words that APIs have for how an answer ended, beside the names of the outcomes themselves.
_ENDINGS: dict[str, Outcome] = {
    "length": "partial",
    "max_tokens": "partial",
    "incomplete": "partial",
    "content_filter": "refused",
    "refusal": "refused",
    "failed": "error",
}
_NUMBERS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "cost_usd", "score")


class MappedReply(ReplyReader):
    """Reads a reply whose fields are where the mapping says."""

    def __init__(self, mapping: ExchangeMapping, *, is_stream: bool) -> None:
        super().__init__()
        self.needles = mapping.needles()
        self._mapping = mapping
        self._is_stream = is_stream
        self._numbers: dict[str, Any] = {}
        self._said: Outcome | None = None
        self._whole = AnswerText()
        self.sources: list[str] = []

    @classmethod
    def recognises(cls, document: Mapping[str, Any]) -> bool:
        """See ReplyReader: what is recognised is what a path leads to."""
        return bool(document)

    def add_any(self, document: Any, event: str = "") -> None:
        """Take the whole reply, be it a text, or the next document of a stream with its event's name."""
        mapping = self._mapping
        if self._is_stream:
            self.text.add(first_text(mapping.answer_delta, document, event))
        if whole := first_text(mapping.answer, document, event):
            self._whole = AnswerText()
            self._whole.add(whole)
        self.name_model(next(iter(first_match(mapping.model, document, event)), None))
        for name in _NUMBERS:
            if found := first_match(getattr(mapping, name), document, event):
                self._numbers[name] = found[-1]
        found = first_match(mapping.sources, document, event)
        self.sources += [value for value in found if isinstance(value, str)][: 10 - len(self.sources)]
        self._add_outcome(document, event)

    def _add(self, document: Mapping[str, Any]) -> None:
        self.add_any(document)

    def _add_outcome(self, document: Any, event: str) -> None:
        mapping = self._mapping
        self.calls_tools |= _is_there(mapping.tool_calls, document, event)
        if _is_there(mapping.error, document, event):
            self.conclude("error")
        if _is_there(mapping.refusal, document, event):
            self.conclude("refused")
            self.refusal.add(first_text(mapping.refusal, document, event))
        for value in first_match(mapping.outcome, document, event):
            if value in OUTCOMES:
                self._said = value
            elif isinstance(value, str):
                self.conclude(_ENDINGS.get(value.lower(), "answered"))

    @property
    def score(self) -> float | None:
        """The score, if it is from 0 to 1."""
        value = self._numbers.get("score")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            return None
        return float(value)

    @property
    def said(self) -> Outcome | None:
        """The outcome in the contract's own words, where the reply has it."""
        return self._said

    def finish(self) -> None:
        """Take the whole answer where no pieces of it came."""
        if not str(self.text):
            self.text = self._whole
        self.is_recognised = bool(
            str(self.text) or self.model or self._numbers or self.sources or self._said or self._outcome != "answered"
        )

    def usage(self) -> Usage:
        """See ReplyReader."""
        counts = {name: tokens(self._numbers.get(name)) for name in _NUMBERS if name.endswith("_tokens")}
        return Usage(**counts, cost_usd=as_cost(self._numbers.get("cost_usd")))


def _is_there(paths: Paths, document: Any, event: str) -> bool:
    return any(value not in (False, "", [], {}) for value in first_match(paths, document, event))
