"""OpenAI's Responses API."""

from collections.abc import Mapping
from typing import Any

from edge_worker.formats.conversation import Speaker, Turn
from edge_worker.formats.exchange import Usage
from edge_worker.formats.reply_reader import ReplyReader, cost, first_tokens, is_policy
from edge_worker.formats.text_parts import has_other_parts, text_of

# Calls that the client answers. The provider runs its own tools (web search, files, code) within one reply.
_CLIENT_CALLS = (
    "function_call",
    "custom_tool_call",
    "computer_call",
    "local_shell_call",
    "shell_call",
    "apply_patch_call",
    "mcp_approval_request",
)
_FINAL = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


def turn_of(item: Any) -> Turn:
    """Read an item of `input`: a message, or a call of a tool, its result, a piece of reasoning."""
    if isinstance(item, str):
        return Turn(Speaker.PERSON, item)
    if not isinstance(item, dict):
        return Turn(Speaker.OTHER)
    kind, role = item.get("type") or "message", item.get("role")
    if kind == "message" and role == "user":
        content = item.get("content")
        return Turn(Speaker.PERSON, text_of(content), has_other_parts(content))
    if kind == "message" and role == "assistant":
        return Turn(Speaker.ASSISTANT)
    if kind in _CLIENT_CALLS:
        return Turn(Speaker.TOOL_CALLS)
    is_result = isinstance(kind, str) and (kind.endswith("_output") or kind == "mcp_approval_response")
    return Turn(Speaker.TOOL_RESULTS if is_result else Speaker.OTHER)


class ResponsesReply(ReplyReader):
    """Reads a response object, and the events of a streamed one."""

    needles = (
        '"error"',
        "response.completed",
        "response.incomplete",
        "response.failed",
        "response.refusal.delta",
        "response.output_item.done",
    )

    def __init__(self) -> None:
        super().__init__()
        self._usage: Mapping[str, Any] = {}
        self._commentary: set[Any] = set()

    @classmethod
    def recognises(cls, document: Mapping[str, Any]) -> bool:
        """See ReplyReader."""
        kind = document.get("type")
        is_event = isinstance(kind, str) and kind.startswith("response.")
        return is_event or kind == "error" or document.get("object") == "response" or "output" in document

    def _error_in(self, document: Mapping[str, Any]) -> Any:
        # The event of type `error` has its code and message beside its type.
        return document.get("error") or (document if document.get("type") == "error" else None)

    def _add(self, document: Mapping[str, Any]) -> None:
        kind = document.get("type")
        response = document.get("response")
        if kind == "response.output_text.delta" and document.get("output_index", 0) not in self._commentary:
            self.text.add(document.get("delta"))
        elif kind == "response.refusal.delta":
            self.refusal.add(document.get("delta"))
        elif kind in ("response.output_item.added", "response.output_item.done"):
            self._add_item(document.get("item"), document.get("output_index"))
        elif isinstance(response, dict):
            self._add_response(response, is_final=kind in _FINAL)
        elif "output" in document:
            self._add_response(document, is_final=True)

    def _add_item(self, item: Any, index: Any) -> None:
        if not isinstance(item, dict):
            return
        self.calls_tools |= item.get("type") in _CLIENT_CALLS
        if item.get("phase") == "commentary" and isinstance(index, int):
            self._commentary.add(index)

    def _add_response(self, response: Mapping[str, Any], *, is_final: bool) -> None:
        self.name_model(response.get("model"))
        if isinstance(identifier := response.get("id"), str):
            self.reply_id = identifier
        # A stream of an answer that is made in the background may end before it.
        self.is_pending = response.get("background") is True or response.get("status") == "queued"
        if not is_final:
            return
        if isinstance(usage := response.get("usage"), dict):
            self._usage = usage
        self._add_output(response.get("output"))
        self._conclude(response)

    def _add_output(self, output: Any) -> None:
        items = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
        has_text, has_refusal = bool(str(self.text)), bool(str(self.refusal))
        for item in items:
            self.calls_tools |= item.get("type") in _CLIENT_CALLS
            content = item.get("content")
            if item.get("type") != "message" or item.get("phase") == "commentary" or not isinstance(content, list):
                continue
            if not has_text:
                self.text.add(content)
            for part in content if not has_refusal else []:
                self.refusal.add(part.get("refusal") if isinstance(part, dict) else None)

    def _conclude(self, response: Mapping[str, Any]) -> None:
        status, details = response.get("status"), response.get("incomplete_details")
        self.is_complete = True
        self.is_pending = status in ("queued", "in_progress")
        reason = details.get("reason") if isinstance(details, dict) else None
        if status == "failed":
            self.conclude("refused" if is_policy(response.get("error")) else "error")
        elif status == "incomplete" or reason:
            self.conclude("refused" if reason == "content_filter" else "partial")
        elif status == "cancelled":
            self.conclude("partial")

    def usage(self) -> Usage:
        """See ReplyReader."""
        usage = self._usage
        return Usage(
            first_tokens(usage, "input_tokens", "prompt_tokens"),
            first_tokens(usage, "output_tokens", "completion_tokens"),
            first_tokens(usage, "input_tokens_details.cached_tokens"),
            first_tokens(usage, "output_tokens_details.reasoning_tokens"),
            cost(usage),
        )
