"""What the readers of replies share: collecting a text, the usage and the outcome from one document or from many."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import Any

from edge_worker.event import Outcome
from edge_worker.formats.exchange import Answer, Usage
from edge_worker.formats.text_parts import AnswerText

_MOST_TOKENS = 100_000_000
_MOST_COST = 10_000
_POLICY_CODES = {
    "content_filter",
    "content_filtered",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "moderation_blocked",
}
# The worst that was said counts.
_GRAVITY: tuple[Outcome, ...] = ("answered", "partial", "refused", "error")


class ReplyReader(ABC):
    """Reads one reply: `add` each of its documents, then ask for the `answer`."""

    needles: tuple[str, ...] = ('"error"',)
    """Texts by which documents in the middle of a long stream are found that matter beside the answer's text."""

    def __init__(self) -> None:
        self.text = AnswerText()
        self.refusal = AnswerText()
        self.model: str | None = None
        self.calls_tools = False
        self.is_complete = False
        self.is_pending = False
        """Whether the answer is made later, and fetched by another request."""
        self.is_recognised = False
        self.has_error = False
        self.reply_id: str | None = None
        self._outcome: Outcome = "answered"

    @classmethod
    @abstractmethod
    def recognises(cls, document: Mapping[str, Any]) -> bool:
        """Tell whether a document is a reply of this format, or a part of a streamed one."""

    def add(self, document: Mapping[str, Any]) -> None:
        """Take the whole reply, or the next document of a stream."""
        if error := self._error_in(document):
            self.has_error = True
            self.conclude("refused" if is_policy(error) else "error")
        if self.recognises(document):
            self.is_recognised = True
            self._add(document)

    @abstractmethod
    def _add(self, document: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def usage(self) -> Usage:
        """Build the usage from what was seen."""

    def end(self) -> None:
        """Take the mark at the end of a stream, `[DONE]`."""
        self.is_complete = True

    def conclude(self, outcome: Outcome) -> None:
        """Take an outcome; a worse one that was said before stays."""
        if _GRAVITY.index(outcome) > _GRAVITY.index(self._outcome):
            self._outcome = outcome

    def answer(self) -> Answer:
        """Build the answer from what was added."""
        text, refusal = str(self.text), str(self.refusal)
        if refusal:
            self.conclude("refused")
        outcome = self._outcome
        if outcome == "answered" and not text:
            outcome = "unanswered"
        return Answer(
            outcome=outcome,
            text=text or refusal or None,
            model=self.model,
            usage=self.usage(),
            calls_tools=self.calls_tools and self._outcome == "answered",
            is_complete=self.is_complete,
            reply_id=self.reply_id,
        )

    def name_model(self, name: Any) -> None:
        """Take the model's name, if it is one."""
        if isinstance(name, str) and name:
            self.model = name

    def _error_in(self, document: Mapping[str, Any]) -> Any:
        return document.get("error")


def is_policy(error: Any) -> bool:
    """Tell whether an error says that the words were filtered, as those of Azure OpenAI, OpenRouter and others do."""
    codes = [error]
    if isinstance(error, dict):
        inner, metadata = error.get("innererror"), error.get("metadata")
        if isinstance(metadata, dict) and "flagged_input" in metadata:
            return True
        codes = [error.get("code"), error.get("type"), inner.get("code") if isinstance(inner, dict) else None]
    return any(isinstance(code, str) and code.lower() in _POLICY_CODES for code in codes)


def tokens(value: Any) -> int | None:
    """Read a count of tokens, None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_TOKENS:
        return None
    return int(value)


def first_tokens(document: Any, *paths: str) -> int | None:
    """Read the count of tokens at the first of the paths (`a.b`) that has one."""
    if not document:
        return None
    for path in paths:
        value = document
        for step in _steps(path):
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None and (count := tokens(value)) is not None:
            return count
    return None


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def cost(usage: Mapping[str, Any]) -> float | None:
    """Read what the provider says the call cost, in US dollars: OpenRouter, LiteLLM, Perplexity, DeepInfra."""
    value = usage.get("cost")
    if isinstance(value, dict):
        value = value.get("total_cost")
    return as_cost(value if value is not None else usage.get("estimated_cost"))


def as_cost(value: Any) -> float | None:
    """Read a cost in US dollars, a number or its text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_COST:
        return None
    return float(value)


def first_choice(choices: Any) -> Mapping[str, Any] | None:
    """Take the choice with index 0, the one that people see; the index may be missing."""
    if not isinstance(choices, list):
        return None
    for each in choices:
        if isinstance(each, dict) and each.get("index") in (0, None):
            return each
    return None
