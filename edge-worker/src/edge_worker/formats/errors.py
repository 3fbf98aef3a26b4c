"""Words the Worker's own errors as the format in use does, so that its clients understand them."""

from collections.abc import Mapping
from typing import Any

from edge_worker.formats.detection import ANTHROPIC, GEMINI, OLLAMA, OPENAI_CHAT, OPENAI_RESPONSES

_ANTHROPIC_TYPES = {400: "invalid_request_error", 413: "request_too_large", 429: "rate_limit_error"}
_OPENAI_TYPES = {400: "invalid_request_error", 413: "invalid_request_error", 429: "rate_limit_error"}
_GEMINI_STATUS = {
    400: "INVALID_ARGUMENT",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    502: "UNAVAILABLE",
}


def error_body(format_name: str | None, status: int, code: str, message: str) -> Mapping[str, Any]:
    """Build the body of an error: in the format's shape, or in the Worker's own for any other."""
    if format_name in (OPENAI_CHAT, OPENAI_RESPONSES):
        kind = _OPENAI_TYPES.get(status, "server_error")
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}
    if format_name == ANTHROPIC:
        return {"type": "error", "error": {"type": _ANTHROPIC_TYPES.get(status, "api_error"), "message": message}}
    if format_name == OLLAMA:
        return {"error": message}
    if format_name == GEMINI:
        return {"error": {"code": status, "message": message, "status": _GEMINI_STATUS.get(status, "INTERNAL")}}
    return {"error": {"code": code, "message": message}}
