"""Gemini's `generateContent` and `streamGenerateContent`, of the Gemini API and of Vertex AI."""

from collections.abc import Mapping
from typing import Any

from edge_worker.event import Outcome
from edge_worker.formats.conversation import Speaker, Turn
from edge_worker.formats.exchange import Usage
from edge_worker.formats.reply_reader import ReplyReader, first_choice, first_tokens
from edge_worker.formats.text_parts import has_other_parts, text_of

_FINISHED: dict[str, Outcome] = {
    "MAX_TOKENS": "partial",
    "CONTINUATION": "partial",
    **dict.fromkeys(
        (
            "SAFETY",
            "RECITATION",
            "LANGUAGE",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT",
            "IMAGE_RECITATION",
            "ESCALATION",
            "PUP_LIMITED_DISABLED",
            "MODEL_ARMOR",
        ),
        "refused",
    ),
    **dict.fromkeys(
        (
            "OTHER",
            "IMAGE_OTHER",
            "NO_IMAGE",
            "MALFORMED_FUNCTION_CALL",
            "UNEXPECTED_TOOL_CALL",
            "TOO_MANY_TOOL_CALLS",
            "MISSING_THOUGHT_SIGNATURE",
            "MALFORMED_RESPONSE",
        ),
        "error",
    ),
}


def contents_of(document: Mapping[str, Any]) -> list[Any]:
    """Take the conversation of a request: a list of contents, a single one, or a text."""
    contents = document.get("contents")
    return contents if isinstance(contents, list) else [] if contents is None else [contents]


def turn_of(content: Any) -> Turn:
    """Read a content: its role is missing where a person speaks."""
    if isinstance(content, str):
        return Turn(Speaker.PERSON, content)
    if not isinstance(content, dict):
        return Turn(Speaker.OTHER)
    role, parts = content.get("role") or "user", content.get("parts")
    if _has(parts, "functionCall", "function_call"):
        return Turn(Speaker.TOOL_CALLS)
    text = text_of(parts)
    if role == "function" or (not text.strip() and _has(parts, "functionResponse", "function_response")):
        return Turn(Speaker.TOOL_RESULTS)
    if role == "user":
        return Turn(Speaker.PERSON, text, has_other_parts(parts))
    return Turn(Speaker.ASSISTANT if role == "model" else Speaker.OTHER)


def _has(parts: Any, *names: str) -> bool:
    each_part = parts if isinstance(parts, list) else [parts]
    return any(isinstance(part, dict) and any(part.get(name) for name in names) for part in each_part)


class GeminiReply(ReplyReader):
    """Reads a response, or those of a stream: each has the next parts."""

    needles = ('"error"', '"finishReason"', '"functionCall"', '"blockReason"')

    def __init__(self) -> None:
        super().__init__()
        self._usage: Mapping[str, Any] = {}

    @classmethod
    def recognises(cls, document: Mapping[str, Any]) -> bool:
        """See ReplyReader."""
        return any(name in document for name in ("candidates", "promptFeedback", "usageMetadata"))

    def _add(self, document: Mapping[str, Any]) -> None:
        self.name_model(document.get("modelVersion"))
        if isinstance(usage := document.get("usageMetadata"), dict):
            self._usage = usage
        feedback = document.get("promptFeedback")
        if isinstance(feedback, dict) and feedback.get("blockReason"):
            self.is_complete = True
            self.conclude("refused")
        if candidate := first_choice(document.get("candidates")):
            self._add_candidate(candidate)

    def _add_candidate(self, candidate: Mapping[str, Any]) -> None:
        content = candidate.get("content")
        if isinstance(content, dict):
            parts = content.get("parts")
            self.text.add(parts)
            self.calls_tools |= _has(parts, "functionCall", "function_call")
        reason = candidate.get("finishReason")
        if isinstance(reason, str) and reason != "FINISH_REASON_UNSPECIFIED":
            self.is_complete = True
            self.conclude(_FINISHED.get(reason, "answered"))

    def usage(self) -> Usage:
        """See ReplyReader. Gemini counts thoughts, and what tools added to the prompt, beside the others."""
        usage = self._usage
        thoughts = first_tokens(usage, "thoughtsTokenCount")
        given, output = first_tokens(usage, "promptTokenCount"), first_tokens(usage, "candidatesTokenCount")
        from_tools = first_tokens(usage, "toolUsePromptTokenCount")
        return Usage(
            None if given is None else given + (from_tools or 0),
            (output or 0) + (thoughts or 0) if output is not None or thoughts is not None else None,
            first_tokens(usage, "cachedContentTokenCount"),
            thoughts,
        )
