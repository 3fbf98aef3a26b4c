"""Anthropic's messages, also as Vertex AI and Bedrock carry them. Requests are read as those of chat completions."""

from collections.abc import Mapping
from typing import Any

from edge_worker.event import Outcome
from edge_worker.formats.exchange import Usage
from edge_worker.formats.reply_reader import ReplyReader, cost, first_tokens

_STOPPED: dict[str, Outcome] = {
    "max_tokens": "partial",
    "model_context_window_exceeded": "partial",
    "refusal": "refused",
}
# The turn goes on: the client runs a tool, or sends the reply back to have it continued.
_GOES_ON = ("tool_use", "pause_turn", "compaction")
_KINDS = ("message", "message_start", "message_delta", "message_stop", "ping", "error")


class AnthropicReply(ReplyReader):
    """Reads a message, and the events of a streamed one."""

    needles = ('"error"', "message_delta", "message_stop", '"tool_use"')

    def __init__(self) -> None:
        super().__init__()
        self._usage: dict[str, Any] = {}

    @classmethod
    def recognises(cls, document: Mapping[str, Any]) -> bool:
        """See ReplyReader."""
        kind = document.get("type")
        return isinstance(kind, str) and (kind in _KINDS or kind.startswith("content_block_"))

    def _add(self, document: Mapping[str, Any]) -> None:
        kind = document.get("type")
        delta = document.get("delta")
        if kind == "message":
            self._add_message(document)
        elif kind == "message_start" and isinstance(message := document.get("message"), dict):
            self._add_message(message)
        elif kind == "content_block_start":
            self._add_block(document.get("content_block"))
        elif kind == "content_block_delta" and isinstance(delta, dict) and delta.get("type") == "text_delta":
            self.text.add(delta.get("text"))
        elif kind == "message_delta":
            self._add_usage(document.get("usage"))
            self._stop(delta.get("stop_reason") if isinstance(delta, dict) else None)
        elif kind == "message_stop":
            self.is_complete = True

    def _add_message(self, message: Mapping[str, Any]) -> None:
        self.name_model(message.get("model"))
        self._add_usage(message.get("usage"))
        content = message.get("content")
        for block in content if isinstance(content, list) else []:
            self._add_block(block)
        self._stop(message.get("stop_reason"))

    def _add_block(self, block: Any) -> None:
        if isinstance(block, dict):
            self.text.add(block if block.get("type") == "text" else None)
            self.calls_tools |= block.get("type") == "tool_use"

    def _add_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self._usage |= {name: value for name, value in usage.items() if value is not None}

    def _stop(self, reason: Any) -> None:
        if isinstance(reason, str):
            self.is_complete = True
            self.calls_tools |= reason in _GOES_ON
            self.conclude(_STOPPED.get(reason, "answered"))

    def usage(self) -> Usage:
        """See ReplyReader. Anthropic counts what is read from and written to the cache beside the input."""
        usage = self._usage
        cached = first_tokens(usage, "cache_read_input_tokens")
        counts = [first_tokens(usage, "input_tokens"), cached, first_tokens(usage, "cache_creation_input_tokens")]
        given = [count for count in counts if count is not None]
        return Usage(
            sum(given) if given else None,
            first_tokens(usage, "output_tokens"),
            cached,
            first_tokens(usage, "output_tokens_details.thinking_tokens"),
            cost(usage),
        )
