"""Reads the question out of a request of a known format."""

from collections.abc import Mapping
from typing import Any

from edge_worker.formats import chat_completions, gemini, responses
from edge_worker.formats.conversation import LastQuestion, Speaker, Turn, last_question, session_of
from edge_worker.formats.detection import GEMINI, OLLAMA, OPENAI_RESPONSES, READERS, format_of_body, format_of_path
from edge_worker.formats.exchange import AskedRequest, Question, Unrecorded, Why

QUESTION_LENGTH = 4_000
_SESSIONS = (
    "session_id",
    "conversation_id",
    "thread_id",
    "chat_id",
    "conversation.id",
    "conversation",
    "metadata.session_id",
    "metadata.conversation_id",
    "metadata.thread_id",
    "litellm_session_id",
    "header:x-session-id",
    "header:helicone-session-id",
    "header:x-litellm-session-id",
    "header:x-openwebui-chat-id",
    "metadata.user_id",
    "labels.session_id",
    "user",
    "safety_identifier",
)


def question_in(document: Mapping[str, Any], request: AskedRequest, named: str | None) -> Question | Unrecorded:
    """Read what a person asked last.

    Args:
        document: The request's body.
        request: Gives the path and the headers.
        named: The only format to read; None to tell it by path and body.
    """
    by_path = named or format_of_path(request.path)
    found = by_path or format_of_body(document, request.headers)
    if found is None:
        known = ", ".join(READERS)
        return Unrecorded(
            Why.UNMATCHED, f"neither path nor body has a format that is known ({known}): set PROXY_MAPPING"
        )
    last = _last_question(found, document)
    if last is None:
        return Unrecorded(Why.UNMATCHED, f"the request's body does not have the format {found}")
    continues = document.get("previous_response_id") if found == OPENAI_RESPONSES and last.text is None else None
    if last.text is None and not isinstance(continues, str):
        return Unrecorded(Why.NO_QUESTION, "there are no words of a person in the request")
    return Question(
        text=last.text[:QUESTION_LENGTH] if last.text else None,
        format=found,
        session=session_of(document, request.headers, _SESSIONS),
        model=_model(document, request.path),
        tool_rounds=last.tool_rounds,
        continues=continues,
        loop=last.loop,
        # Others have an /api/chat, too.
        is_certain=by_path is not None and (named is not None or found != OLLAMA or "model" in document),
    )


def _last_question(name: str, document: Mapping[str, Any]) -> LastQuestion | None:
    """Find the question in a request of a format; None where the body does not have it."""
    if name == GEMINI:
        return last_question(gemini.contents_of(document), gemini.turn_of) if "contents" in document else None
    if name == OPENAI_RESPONSES:
        asks = document.get("input")
        items = asks if isinstance(asks, list) else [asks] if isinstance(asks, str) else []
        return last_question(items, responses.turn_of) if "input" in document else None
    messages = document.get("messages")
    if isinstance(messages, list):
        return last_question(messages, chat_completions.turn_of)
    if name == OLLAMA and isinstance(document.get("prompt"), str):
        return last_question([document["prompt"]], lambda prompt: Turn(Speaker.PERSON, prompt))
    return None


def _model(document: Mapping[str, Any], path: str) -> str | None:
    """Take the model's name from the request's body, or from a path such as `/models/<name>:generateContent`."""
    name = document.get("model")
    if isinstance(name, str) and name:
        return name
    for before in ("/models/", "/deployments/", "/model/"):
        if before in path:
            return path.rpartition(before)[2].partition("/")[0].partition(":")[0] or None
    return None
