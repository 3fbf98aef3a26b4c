"""Ollama's `/api/chat` and `/api/generate`. Requests of the first are read as those of chat completions."""

from collections.abc import Mapping
from typing import Any

from edge_worker.formats.exchange import Usage
from edge_worker.formats.reply_reader import ReplyReader, first_tokens


class OllamaReply(ReplyReader):
    """Reads an object, or the JSON Lines of a stream. Reasoning has a property of its own, `thinking`."""

    needles = ('"error"', '"tool_calls"', '"done":true', '"done": true')

    def __init__(self) -> None:
        super().__init__()
        self._counts: Mapping[str, Any] = {}

    @classmethod
    def recognises(cls, document: Mapping[str, Any]) -> bool:
        """See ReplyReader."""
        return isinstance(document.get("done"), bool)

    def _add(self, document: Mapping[str, Any]) -> None:
        self.name_model(document.get("model"))
        message = document.get("message")
        if isinstance(message, dict):
            self.text.add(message.get("content"))
            self.calls_tools |= bool(message.get("tool_calls"))
        else:
            self.text.add(document.get("response"))
        if document["done"]:
            self._counts = document
            self.is_complete = True
            self.conclude("partial" if document.get("done_reason") == "length" else "answered")

    def usage(self) -> Usage:
        """See ReplyReader."""
        return Usage(first_tokens(self._counts, "prompt_eval_count"), first_tokens(self._counts, "eval_count"))
