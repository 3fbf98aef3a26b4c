"""OpenAI's chat completions, and those who speak like it: Azure, OpenRouter, vLLM, Mistral, LiteLLM, DeepSeek, Groq."""

from collections.abc import Mapping
from typing import Any

from edge_worker.event import Outcome
from edge_worker.formats.conversation import Speaker, Turn
from edge_worker.formats.exchange import Usage
from edge_worker.formats.reply_reader import ReplyReader, cost, first_choice, first_tokens
from edge_worker.formats.text_parts import has_other_parts, text_of, types_of

FINISHED: dict[str, Outcome] = {
    "length": "partial",
    "max_tokens": "partial",
    "model_length": "partial",
    "content_filter": "refused",
    "safety": "refused",
    "error": "error",
    "abort": "error",
    "insufficient_system_resource": "error",
}
_TOOL_CALLS = ("tool_calls", "tool_call", "function_call", "tool_use")
_CALL_TYPES = frozenset(("tool_use", "server_tool_use", "mcp_tool_use", "tool-call"))


def turn_of(message: Any) -> Turn:
    """Read a message of chat completions, of Anthropic's API or of Ollama."""
    if not isinstance(message, dict):
        return Turn(Speaker.OTHER)
    role, content = message.get("role"), message.get("content")
    types = types_of(content)
    if role in ("user", "human"):
        is_result = bool(types) and all(each.endswith("tool_result") for each in types)
        speaker = Speaker.TOOL_RESULTS if is_result else Speaker.PERSON
        return Turn(speaker, text_of(content), has_other_parts(content) or bool(message.get("images")))
    if role in ("assistant", "model", "ai"):
        calls = message.get("tool_calls") or message.get("function_call") or types & _CALL_TYPES
        return Turn(Speaker.TOOL_CALLS if calls else Speaker.ASSISTANT)
    return Turn(Speaker.TOOL_RESULTS if role in ("tool", "function", "ipython") else Speaker.OTHER)


class ChatCompletionReply(ReplyReader):
    """Reads `chat.completion` and its chunks."""

    needles = (
        '"error"',
        'finish_reason":"',
        'finish_reason": "',
        '"usage":{',
        '"usage": {',
        '"refusal":"',
        '"refusal": "',
        '"tool_calls":[',
        '"tool_calls": [',
    )

    def __init__(self) -> None:
        super().__init__()
        self._usage: Mapping[str, Any] = {}

    @classmethod
    def recognises(cls, document: Mapping[str, Any]) -> bool:
        """See ReplyReader."""
        return isinstance(document.get("choices"), list) or document.get("object") in (
            "chat.completion",
            "chat.completion.chunk",
        )

    def _error_in(self, document: Mapping[str, Any]) -> Any:
        # vLLM's and Mistral's errors have no `error` around them.
        return document.get("error") or (document if document.get("object") == "error" else None)

    def _add(self, document: Mapping[str, Any]) -> None:
        self.name_model(document.get("model"))
        usage = document.get("usage")
        if not usage and isinstance(groq := document.get("x_groq"), dict):
            usage = groq.get("usage")
        if usage and isinstance(usage, dict):
            self._usage = usage
        if choice := first_choice(document.get("choices")):
            self._add_choice(choice)

    def _add_choice(self, choice: Mapping[str, Any]) -> None:
        message = choice.get("message") or choice.get("delta")
        if isinstance(message, dict):
            content = message.get("content")
            if not content and isinstance(audio := message.get("audio"), dict):
                content = audio.get("transcript")
            self.text.add(content)
            if refusal := message.get("refusal"):
                self.refusal.add(refusal)
            self.calls_tools |= bool(message.get("tool_calls") or message.get("function_call"))
        if error := choice.get("error"):
            self.conclude("error" if isinstance(error, dict | str) else "answered")
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.is_complete = True
            self.calls_tools |= reason in _TOOL_CALLS
            self.conclude(FINISHED.get(reason.lower(), "answered"))

    def usage(self) -> Usage:
        """See ReplyReader."""
        usage = self._usage
        reasoning = first_tokens(usage, "completion_tokens_details.reasoning_tokens", "reasoning_tokens")
        output = first_tokens(usage, "completion_tokens", "output_tokens")
        given = first_tokens(usage, "prompt_tokens", "input_tokens")
        total = first_tokens(usage, "total_tokens")
        if reasoning and output is not None and given is not None and total == given + output + reasoning:
            output += reasoning  # xAI counts them beside the answer's
        return Usage(
            given,
            output,
            first_tokens(usage, "prompt_tokens_details.cached_tokens", "prompt_cache_hit_tokens", "cached_tokens"),
            reasoning,
            cost(usage),
        )
