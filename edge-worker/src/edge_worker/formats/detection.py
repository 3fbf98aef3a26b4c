"""Tells the format of a request by its path and, where that says nothing, by its body; that of a reply by its body."""

import re
from collections.abc import Mapping
from typing import Any

from edge_worker.formats.anthropic import AnthropicReply
from edge_worker.formats.chat_completions import ChatCompletionReply
from edge_worker.formats.gemini import GeminiReply
from edge_worker.formats.ollama import OllamaReply
from edge_worker.formats.reply_reader import ReplyReader
from edge_worker.formats.responses import ResponsesReply

AUTO = "auto"
OPENAI_CHAT, OPENAI_RESPONSES, ANTHROPIC, OLLAMA, GEMINI = (
    "openai-chat",
    "openai-responses",
    "anthropic",
    "ollama",
    "gemini",
)
READERS: dict[str, type[ReplyReader]] = {
    OPENAI_CHAT: ChatCompletionReply,
    OPENAI_RESPONSES: ResponsesReply,
    ANTHROPIC: AnthropicReply,
    OLLAMA: OllamaReply,
    GEMINI: GeminiReply,
}
_ALIASES = {
    "openai": OPENAI_CHAT,
    "chat-completions": OPENAI_CHAT,
    "openai-chat-completions": OPENAI_CHAT,
    "azure": OPENAI_CHAT,
    "azure-openai": OPENAI_CHAT,
    "openrouter": OPENAI_CHAT,
    "vllm": OPENAI_CHAT,
    "mistral": OPENAI_CHAT,
    "litellm": OPENAI_CHAT,
    "responses": OPENAI_RESPONSES,
    "anthropic-messages": ANTHROPIC,
    "messages": ANTHROPIC,
    "google": GEMINI,
}
_BY_PATH = (
    (re.compile(r"/chat/completions/?$"), OPENAI_CHAT),
    (re.compile(r"/responses/?$"), OPENAI_RESPONSES),
    (re.compile(r"(?<!/threads)/messages/?$|:(?:streamR|r)awPredict$"), ANTHROPIC),
    (re.compile(r"/api/(?:chat|generate)/?$"), OLLAMA),
    (re.compile(r":(?:streamG|g)enerateContent$"), GEMINI),
)
# Interfaces beside the chat: their bodies can look like one (`input`, `prompt`, `messages`).
_NOT_CHAT = re.compile(
    r"""/(?: embeddings? | embed | rerank | reranking | score | classify | pooling | moderations
           | models | files | uploads | batches | fine_tuning | vector_stores | assistants
           | images | audio | videos? | realtime | speech | transcriptions | translations | ocr | fim
           | tokenize | detokenize | count_tokens | input_tokens | (?<!/chat/)completions
           | healthz? | livez? | readyz? | ping | metrics
           | api/(?: tags | show | pull | push | create | delete | copy | blobs | ps | version )
           | v1/threads )(?:/|$)
      | :(?: embedContent | batchEmbedContents | countTokens | predict | predictLongRunning | batchGenerateContent
           | computeTokens )$
      | /responses/.""",
    re.VERBOSE,
)
# Bodies with an `input` that ask no question: embeddings, speech, rankings.
_NOT_RESPONSES = {"voice", "encoding_format", "dimensions", "input_type", "documents", "query", "texts"}


def format_named(name: str) -> str:
    """Return the format of this name, or of one of its other names.

    Raises:
        ValueError: there is none; the message lists them.
    """
    known = name.strip().lower().replace("_", "-").replace(" ", "-") or AUTO
    known = _ALIASES.get(known, known)
    if known != AUTO and known not in READERS:
        raise ValueError(f"write one of {AUTO}, {', '.join(READERS)}; for any other chatbot, set PROXY_MAPPING")
    return known


def is_other_path(path: str) -> bool:
    """Tell whether a path is known to be no chat's."""
    return _NOT_CHAT.search(path) is not None and format_of_path(path) is None


def format_of_path(path: str) -> str | None:
    """Tell the format by the path; None where it says nothing."""
    return next((name for pattern, name in _BY_PATH if pattern.search(path)), None)


def format_of_body(document: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    """Tell the format by the body's properties; None where they are no chat's."""
    if isinstance(document.get("contents"), list):
        return GEMINI
    if isinstance(document.get("messages"), list):
        is_anthropic = "anthropic-version" in headers or "anthropic_version" in document
        return ANTHROPIC if is_anthropic else OPENAI_CHAT
    asks = document.get("input")
    if isinstance(asks, str) and "model" in document and not _NOT_RESPONSES & document.keys():
        return OPENAI_RESPONSES
    if isinstance(asks, list) and any(isinstance(item, dict) and ("role" in item or "type" in item) for item in asks):
        return OPENAI_RESPONSES
    return None


def reader_of(document: Mapping[str, Any], expected: str) -> type[ReplyReader]:
    """Choose the reader for a reply: the expected format's, unless only another recognises the document."""
    if READERS[expected].recognises(document):
        return READERS[expected]
    return next((reader for reader in READERS.values() if reader.recognises(document)), READERS[expected])
