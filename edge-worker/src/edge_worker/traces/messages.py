"""Finds what was said in a span, and brings it into the form of chat completions.

It knows the GenAI semantic conventions, current and deprecated, and what OpenInference, OpenLLMetry and the Vercel AI
SDK have of their own.
"""

from collections.abc import Mapping
from typing import Any

from edge_worker.bounded_json import parse_json
from edge_worker.formats.text_parts import text_of
from edge_worker.traces.otlp import Span

_INPUTS = ("gen_ai.input.messages", "ai.prompt.messages", "gen_ai.prompt")
_OUTPUTS = ("gen_ai.output.messages", "gen_ai.completion")
_FLAT_INPUTS = ("llm.input_messages", "gen_ai.prompt", "llm.prompts")
_FLAT_OUTPUTS = ("llm.output_messages", "gen_ai.completion", "llm.completions")
_EVENT_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_MOST_MESSAGES = 1_000
_CALLS = ("tool_call", "tool-call", "function_call", "server_tool_call")
_RESULTS = ("tool_call_response", "tool-result", "server_tool_call_response")

Message = dict[str, Any]


def input_messages(span: Span) -> list[Message]:
    """Return the conversation that the model was given."""
    found = _messages(span, _INPUTS, _FLAT_INPUTS, default_role="user")
    if found:
        return found
    said = [
        _message({**event.attributes, "role": event.attributes.get("role") or _EVENT_ROLES[event.name]})
        for event in span.events
        if event.name in _EVENT_ROLES
    ]
    return [message for message in said if message]


def output_messages(span: Span) -> list[Message]:
    """Return what the model wrote, the first choice first."""
    found = _messages(span, _OUTPUTS, _FLAT_OUTPUTS, default_role="assistant")
    attributes = span.attributes
    text = attributes.get("ai.response.text", attributes.get("ai.result.text"))
    calls = attributes.get("ai.response.toolCalls")
    if not found and (text or calls):
        found = [{"role": "assistant", "content": text, "tool_calls": calls}]
    for event in span.events if not found else ():
        if event.name == "gen_ai.choice":
            choice = parsed(event.attributes.get("message"))
            source = choice if isinstance(choice, dict) else dict(event.attributes)
            message = _message({"role": "assistant", **source})
            reason = event.attributes.get("finish_reason")
            found += [{**message, "finish_reason": reason}] if message else []
    return found


def parsed(value: Any) -> Any:
    """Parse a text that is JSON; anything else stays as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return parse_json(value)
    except ValueError:
        return value


def _messages(span: Span, names: tuple[str, ...], prefixes: tuple[str, ...], default_role: str) -> list[Message]:
    sources: list[Mapping[str, Any]] = [span.attributes, *(event.attributes for event in span.events)]
    for attributes in sources:
        for name in names:
            value = parsed(attributes.get(name))
            if isinstance(value, dict):
                value = value.get("messages", [value])
            if isinstance(value, str) and value:
                value = [{"role": default_role, "content": value}]
            if isinstance(value, list) and (found := _all(value, default_role)):
                return found
    for prefix in prefixes:
        if found := _all(_unflattened(span.attributes, prefix), default_role):
            return found
    return []


def _all(messages: list[Any], default_role: str) -> list[Message]:
    nested = messages[0] if messages and isinstance(messages[0], list) else messages
    found = [_message({"role": default_role, **each}) for each in nested[:_MOST_MESSAGES] if isinstance(each, dict)]
    return [message for message in found if message]


def _message(message: Mapping[str, Any]) -> Message | None:
    """Bring a message of any of the conventions into the form of chat completions."""
    if isinstance(inner := message.get("message"), dict):
        message = {**message, **inner}
    content = parsed(message.get("content")) if not isinstance(message.get("parts"), list) else message["parts"]
    if content is None:
        content = message.get("contents")
    parts = [_part(part) for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    types = {part.get("type") for part in parts}
    role = message.get("role")
    if types & set(_RESULTS):
        role = "tool"
    calls = message.get("tool_calls") or message.get("function_call") or (types & set(_CALLS)) or None
    text: Any = parts or message.get("content")
    if not text and not calls:
        return None
    return {
        "role": role if isinstance(role, str) else "",
        "content": text,
        "tool_calls": calls,
        "finish_reason": message.get("finish_reason"),
    }


def _part(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(inner := part.get("message_content"), dict):
        part = inner
    if part.get("type") == "text" and "text" not in part:
        return {"type": "text", "text": text_of(part.get("content"))}
    return part


def _unflattened(attributes: Mapping[str, Any], prefix: str) -> list[Any]:
    """Rebuild a list whose elements are spread over attributes: `prefix.0.message.role`, `prefix.0.content`."""
    root: dict[str, Any] = {}
    for name, value in attributes.items():
        if not name.startswith(f"{prefix}."):
            continue
        *steps, last = name[len(prefix) + 1 :].split(".")
        node = root
        for step in steps:
            below = node.setdefault(step, {})
            if not isinstance(below, dict):
                break
            node = below
        else:
            node[last] = value
    return list(_as_lists(root)) if root and all(step.isdecimal() for step in root) else []


def _as_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(step.isdecimal() for step in node):
        return [_as_lists(node[step]) for step in sorted(node, key=int)]
    return {name: _as_lists(value) for name, value in node.items()}
