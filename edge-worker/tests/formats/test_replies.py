import json
from typing import Any

import pytest

import edge_worker.formats.reply as module
from edge_worker.formats.exchange import Answer, Reply, Unrecorded, Usage, Why
from edge_worker.formats.reader import ExchangeReader
from replies import ASKED, PATHS, answer, lines, question, replied, sse


def chat(message: Any, finish: str | None = "stop", **more: Any) -> dict[str, Any]:
    return {"model": "m-1", "choices": [{"index": 0, "message": message, "finish_reason": finish}], **more}


def chunk(delta: Any, finish: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    choices = [{"index": index, "delta": delta, "finish_reason": finish}]
    return {"object": "chat.completion.chunk", "model": "m-1", "choices": choices, **more}


def said(text: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def response(*output: Any, status: str = "completed", **more: Any) -> dict[str, Any]:
    return {"id": "resp_1", "object": "response", "model": "m-1", "status": status, "output": list(output), **more}


def message_item(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": list(parts), **more}


OUTPUT = message_item({"type": "output_text", "text": "Because.", "annotations": []})
ITEM_CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}


def anthropic(*content: Any, stop: str = "end_turn", **more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "role": "assistant",
        "model": "m-1",
        "content": list(content),
        "stop_reason": stop,
        **more,
    }


def block(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


TEXT = block("text", text="Because.")


def ollama(text: str | None, *, done: bool = True, **more: Any) -> dict[str, Any]:
    return {"model": "m-1", "message": {"role": "assistant", "content": text}, "done": done, **more}


def gemini(*parts: Any, finish: str | None = "STOP", **more: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0, "finishReason": finish}
    return {"candidates": [{k: v for k, v in candidate.items() if v is not None}], "modelVersion": "m-1", **more}


TOOL_DELTA = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{"}}]}

CASES: list[tuple[str, str, Any, str, str | None]] = [
    ("openai-chat", "text", chat(said("Because.")), "answered", "Because."),
    (
        "openai-chat",
        "parts",
        chat(said([{"type": "thinking", "thinking": [block("text", text="hm")]}, TEXT])),
        "answered",
        "Because.",
    ),
    ("openai-chat", "empty", chat(said("")), "unanswered", None),
    ("openai-chat", "null", chat(said(None)), "unanswered", None),
    ("openai-chat", "no choices", {"object": "chat.completion", "choices": []}, "unanswered", None),
    ("openai-chat", "length", chat(said("Be"), "length"), "partial", "Be"),
    ("openai-chat", "reasoning only", chat({**said(""), "reasoning_content": "hm"}, "length"), "partial", None),
    (
        "openai-chat",
        "reasoning",
        chat({**said("Because."), "reasoning": "hm", "reasoning_content": "hm"}),
        "answered",
        "Because.",
    ),
    ("openai-chat", "think", chat(said("<think>\nhm\n</think>\n\nBecause.")), "answered", "Because."),
    ("openai-chat", "think unclosed", chat(said("<think>\nhm"), "length"), "partial", None),
    ("openai-chat", "thinking", chat(said("<thinking>hm</thinking>Because.")), "answered", "Because."),
    ("openai-chat", "magistral", chat(said("[THINK]hm[/THINK]Because.")), "answered", "Because."),
    ("openai-chat", "kimi", chat(said("◁think▷hm◁/think▷Because.")), "answered", "Because."),
    (
        "openai-chat",
        "channels",
        chat(
            said(
                "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Because.<|return|>"
            )
        ),
        "answered",
        "Because.",
    ),
    ("openai-chat", "html", chat(said("<b>Because.</b>")), "answered", "<b>Because.</b>"),
    ("openai-chat", "think without opening", chat(said("hm\n</think>\n\nBecause.")), "answered", "Because."),
    ("openai-chat", "filter", chat(said("Be"), "content_filter"), "refused", "Be"),
    ("openai-chat", "refusal", chat({**said(None), "refusal": "I cannot."}), "refused", "I cannot."),
    (
        "openai-chat",
        "audio",
        chat({**said(None), "audio": {"id": "a", "transcript": "Because."}}),
        "answered",
        "Because.",
    ),
    ("openai-chat", "error", {"error": {"code": 502, "message": "no"}}, "error", None),
    ("openai-chat", "vllm error", {"object": "error", "message": "no", "code": 400}, "error", None),
    ("openai-chat", "error text", {"error": "no"}, "error", None),
    (
        "openai-chat",
        "choice error",
        {**chat(said("Be"), "error"), "choices": [{"index": 0, "message": said("Be"), "error": {"code": 502}}]},
        "error",
        "Be",
    ),
    (
        "openai-chat",
        "second choice",
        {"choices": [{"index": 1, "message": said("No.")}, {"index": 0, "message": said("Because.")}]},
        "answered",
        "Because.",
    ),
    (
        "openai-chat",
        "stream",
        sse(
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "Be"}),
            chunk({"content": "cause."}),
            chunk({}, "stop"),
            done=True,
        ),
        "answered",
        "Because.",
    ),
    (
        "openai-chat",
        "azure",
        sse(
            {"choices": [], "model": "", "prompt_filter_results": []},
            chunk({"content": "Because."}),
            {"choices": [{"index": 0, "content_filter_offsets": {}, "finish_reason": None}]},
            chunk({}, "stop"),
            done=True,
        ),
        "answered",
        "Because.",
    ),
    (
        "openai-chat",
        "stream refusal",
        sse(chunk({"refusal": "I "}), chunk({"refusal": "cannot."}), chunk({}, "stop"), done=True),
        "refused",
        "I cannot.",
    ),
    ("openai-chat", "stream error", sse(chunk({"content": "Be"}), {"error": {"code": 502}}, done=True), "error", "Be"),
    (
        "openai-chat",
        "stream finish error",
        sse(chunk({"content": "Be"}), chunk({"content": ""}, "error", error={"code": "x"}), done=True),
        "error",
        "Be",
    ),
    (
        "openai-chat",
        "stream filter error",
        sse(chunk({"content": "Be"}), {"error": {"code": "content_filter"}}),
        "refused",
        "Be",
    ),
    (
        "openai-chat",
        "stream parts",
        sse(
            chunk({"content": [block("thinking", thinking=[block("text", text="hm")])]}),
            chunk({"content": [TEXT]}),
            chunk({}, "stop"),
        ),
        "answered",
        "Because.",
    ),
    (
        "openai-chat",
        "stream think",
        sse(chunk({"content": "<think>"}), chunk({"content": "hm</think>Be"}), chunk({"content": "cause."})),
        "answered",
        "Because.",
    ),
    (
        "openai-chat",
        "stream two choices",
        sse(
            chunk({"content": "Be"}),
            chunk({"content": "No"}, index=1),
            chunk({"content": "cause."}),
            chunk({}, "length", index=1),
            chunk({}, "stop"),
        ),
        "answered",
        "Because.",
    ),
    (
        "openai-chat",
        "comments",
        b": OPENROUTER PROCESSING\n\n" + sse(chunk({"content": "Because."}), chunk({}, "stop"), done=True),
        "answered",
        "Because.",
    ),
    ("openai-chat", "html", b"<html>", "error", None),
    ("openai-chat", "empty body", b"", "error", None),
    (
        "openai-responses",
        "text",
        response({"type": "reasoning", "summary": [{"text": "hm"}]}, OUTPUT),
        "answered",
        "Because.",
    ),
    (
        "openai-responses",
        "two messages",
        response(
            message_item({"type": "output_text", "text": "One. "}),
            message_item({"type": "output_text", "text": "Two."}),
        ),
        "answered",
        "One. Two.",
    ),
    (
        "openai-responses",
        "commentary",
        response(message_item({"type": "output_text", "text": "I look."}, phase="commentary"), OUTPUT),
        "answered",
        "Because.",
    ),
    (
        "openai-responses",
        "hosted tools",
        response({"type": "web_search_call"}, {"type": "file_search_call"}, OUTPUT),
        "answered",
        "Because.",
    ),
    (
        "openai-responses",
        "refusal",
        response(message_item({"type": "refusal", "refusal": "I cannot."})),
        "refused",
        "I cannot.",
    ),
    (
        "openai-responses",
        "incomplete",
        response(OUTPUT, status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
        "partial",
        "Because.",
    ),
    (
        "openai-responses",
        "filtered",
        response(status="incomplete", incomplete_details={"reason": "content_filter"}),
        "refused",
        None,
    ),
    (
        "openai-responses",
        "failed",
        response(status="failed", error={"code": "server_error", "message": "no"}),
        "error",
        None,
    ),
    ("openai-responses", "nothing", response(), "unanswered", None),
    (
        "openai-responses",
        "stream",
        sse(
            {"type": "response.created", "response": response(status="in_progress")},
            {"type": "response.reasoning_summary_text.delta", "delta": "hm"},
            {"type": "response.output_text.delta", "delta": "Be"},
            {"type": "response.output_text.delta", "delta": "cause."},
            {"type": "response.output_text.done", "text": "Because."},
            {"type": "response.completed", "response": response(OUTPUT)},
        ),
        "answered",
        "Because.",
    ),
    (
        "openai-responses",
        "stream failed",
        sse(
            {"type": "response.output_text.delta", "delta": "Be"},
            {"type": "response.failed", "response": response(status="failed", error={"code": "server_error"})},
        ),
        "error",
        "Be",
    ),
    (
        "openai-responses",
        "stream incomplete",
        sse(
            {"type": "response.output_text.delta", "delta": "Be"},
            {
                "type": "response.incomplete",
                "response": response(status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
            },
        ),
        "partial",
        "Be",
    ),
    (
        "openai-responses",
        "stream error",
        sse(
            {"type": "response.created", "response": response(status="in_progress")},
            {"type": "error", "code": "server_error", "message": "no"},
        ),
        "error",
        None,
    ),
    (
        "openai-responses",
        "stream refusal",
        sse(
            {"type": "response.refusal.delta", "delta": "I cannot."},
            {
                "type": "response.completed",
                "response": response(message_item({"type": "refusal", "refusal": "I cannot."})),
            },
        ),
        "refused",
        "I cannot.",
    ),
    (
        "openai-responses",
        "stream commentary",
        sse(
            {"type": "response.output_item.added", "output_index": 0, "item": message_item(phase="commentary")},
            {"type": "response.output_text.delta", "output_index": 0, "delta": "I look."},
            {"type": "response.output_text.delta", "output_index": 1, "delta": "Because."},
        ),
        "answered",
        "Because.",
    ),
    (
        "anthropic",
        "text",
        anthropic(block("thinking", thinking="hm"), block("redacted_thinking", data="x"), TEXT),
        "answered",
        "Because.",
    ),
    (
        "anthropic",
        "cited",
        anthropic(block("text", text="Be"), block("text", text="cause.", citations=[])),
        "answered",
        "Because.",
    ),
    (
        "anthropic",
        "server tool",
        anthropic(block("server_tool_use", name="web_search"), block("web_search_tool_result", content=[]), TEXT),
        "answered",
        "Because.",
    ),
    ("anthropic", "max tokens", anthropic(TEXT, stop="max_tokens"), "partial", "Because."),
    ("anthropic", "window", anthropic(TEXT, stop="model_context_window_exceeded"), "partial", "Because."),
    ("anthropic", "refusal", anthropic(TEXT, stop="refusal"), "refused", "Because."),
    ("anthropic", "error", {"type": "error", "error": {"type": "overloaded_error"}}, "error", None),
    (
        "anthropic",
        "stream",
        sse(
            {"type": "message_start", "message": anthropic(stop="")},
            {"type": "content_block_start", "index": 0, "content_block": block("thinking", thinking="")},
            {"type": "content_block_delta", "index": 0, "delta": block("thinking_delta", thinking="hm")},
            {"type": "ping"},
            {"type": "content_block_start", "index": 1, "content_block": block("text", text="")},
            {"type": "content_block_delta", "index": 1, "delta": block("text_delta", text="Because.")},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
            {"type": "message_stop"},
        ),
        "answered",
        "Because.",
    ),
    (
        "anthropic",
        "stream error",
        b"event: message_start\n"
        + sse(
            {"type": "message_start", "message": {}},
            {"type": "content_block_delta", "delta": block("text_delta", text="Be")},
        )
        + b"event: error\n"
        + sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        "error",
        "Be",
    ),
    (
        "anthropic",
        "stream refusal",
        sse({"type": "message_start", "message": {}}, {"type": "message_delta", "delta": {"stop_reason": "refusal"}}),
        "refused",
        None,
    ),
    ("ollama", "text", ollama("Because.", done_reason="stop"), "answered", "Because."),
    ("ollama", "length", ollama("Be", done_reason="length"), "partial", "Be"),
    (
        "ollama",
        "thinking",
        {**ollama("Because."), "message": {"content": "Because.", "thinking": "hm"}},
        "answered",
        "Because.",
    ),
    (
        "ollama",
        "stream",
        lines(ollama("Be", done=False), ollama("cause.", done=False), ollama("", done_reason="stop")),
        "answered",
        "Because.",
    ),
    (
        "ollama",
        "generate",
        lines({"model": "m-1", "response": "Be", "done": False}, {"response": "cause.", "done": True}),
        "answered",
        "Because.",
    ),
    ("ollama", "stream error", lines(ollama("Be", done=False), {"error": "llama runner terminated"}), "error", "Be"),
    ("gemini", "text", gemini({"text": "hm", "thought": True}, {"text": "Because."}), "answered", "Because."),
    ("gemini", "array", [gemini({"text": "Be"}, finish=None), gemini({"text": "cause."})], "answered", "Because."),
    ("gemini", "stream", sse(gemini({"text": "Be"}, finish=None), gemini({"text": "cause."})), "answered", "Because."),
    ("gemini", "max", gemini({"text": "Be"}, finish="MAX_TOKENS"), "partial", "Be"),
    ("gemini", "safety", gemini(finish="SAFETY"), "refused", None),
    ("gemini", "recitation", {"candidates": [{"finishReason": "RECITATION"}]}, "refused", None),
    (
        "gemini",
        "blocked",
        {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {}},
        "refused",
        None,
    ),
    ("gemini", "malformed", gemini(finish="MALFORMED_FUNCTION_CALL"), "error", None),
    ("gemini", "error", [{"error": {"code": 503, "status": "UNAVAILABLE"}}], "error", None),
]


@pytest.mark.parametrize(
    ("name", "body", "outcome", "text"), [(c[0], *c[2:]) for c in CASES], ids=[f"{c[0]} {c[1]}" for c in CASES]
)
def test_a_reply_says_what_became_of_the_question(name: str, body: Any, outcome: str, text: str | None) -> None:
    found = answer(name, body)

    assert (found.outcome, found.text) == (outcome, text)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("openai-chat", chat({**said(None), "tool_calls": [{"id": "c"}]}, "tool_calls")),
        ("openai-chat", chat({**said("Let me see."), "tool_calls": [{"id": "c"}]}, "stop")),
        ("openai-chat", chat({**said(None), "function_call": {"name": "f"}}, "function_call")),
        ("openai-chat", sse(chunk(TOOL_DELTA), chunk({}, "tool_calls"), done=True)),
        ("openai-chat", sse(chunk({"content": "Let me see."}), chunk(TOOL_DELTA), chunk({}, "stop"), done=True)),
        ("openai-responses", response({"type": "reasoning"}, ITEM_CALL)),
        ("openai-responses", response(OUTPUT, ITEM_CALL)),
        (
            "openai-responses",
            sse(
                {"type": "response.output_item.added", "item": ITEM_CALL},
                {"type": "response.completed", "response": response(ITEM_CALL)},
            ),
        ),
        ("anthropic", anthropic(TEXT, block("tool_use", id="t", name="f", input={}), stop="tool_use")),
        ("anthropic", anthropic(block("server_tool_use", id="t"), stop="pause_turn")),
        (
            "anthropic",
            sse(
                {"type": "message_start", "message": {}},
                {"type": "content_block_start", "content_block": block("tool_use", id="t")},
                {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
            ),
        ),
        ("ollama", {"message": {"content": "", "tool_calls": [{"function": {"name": "f"}}]}, "done": True}),
        ("ollama", lines({"message": {"content": "", "tool_calls": [{}]}, "done": False}, ollama(""))),
        ("gemini", gemini({"text": "hm", "thought": True}, {"functionCall": {"name": "f", "args": {}}})),
        ("gemini", sse(gemini({"functionCall": {"name": "f"}}, finish=None), gemini({"text": ""}))),
    ],
)
def test_a_reply_that_calls_tools_is_not_recorded_yet(name: str, body: Any) -> None:
    found = replied(name, body)

    assert isinstance(found, Unrecorded)
    assert found.why is Why.TOOL_CALLS


@pytest.mark.parametrize(
    ("name", "body", "usage"),
    [
        (
            "openai-chat",
            chat(
                said("Yes"),
                usage={
                    "prompt_tokens": 9,
                    "completion_tokens": 5,
                    "prompt_tokens_details": {"cached_tokens": 4},
                    "completion_tokens_details": {"reasoning_tokens": 3},
                    "cost": 0.01,
                },
            ),
            Usage(9, 5, 4, 3, 0.01),
        ),
        (
            "openai-chat",
            chat(said("Yes"), usage={"prompt_tokens": 9, "completion_tokens": 5, "prompt_cache_hit_tokens": 4}),
            Usage(9, 5, 4),
        ),
        (
            "openai-chat",
            chat(
                said("Yes"),
                usage={
                    "prompt_tokens": 9,
                    "completion_tokens": 5,
                    "total_tokens": 17,
                    "completion_tokens_details": {"reasoning_tokens": 3},
                },
            ),
            Usage(9, 8, None, 3),
        ),
        (
            "openai-chat",
            sse(
                chunk({"content": "Yes"}, "stop", usage=None),
                {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 5}},
                done=True,
            ),
            Usage(9, 5),
        ),
        (
            "openai-chat",
            sse(chunk({"content": "Yes"}, "stop", x_groq={"usage": {"prompt_tokens": 9, "completion_tokens": 5}})),
            Usage(9, 5),
        ),
        ("openai-chat", chat(said("Yes"), usage={"prompt_tokens": -1, "completion_tokens": "5", "cost": -1}), Usage()),
        (
            "openai-responses",
            response(
                OUTPUT,
                usage={
                    "input_tokens": 9,
                    "output_tokens": 5,
                    "input_tokens_details": {"cached_tokens": 4},
                    "output_tokens_details": {"reasoning_tokens": 3},
                },
            ),
            Usage(9, 5, 4, 3),
        ),
        (
            "anthropic",
            anthropic(
                TEXT,
                usage={
                    "input_tokens": 9,
                    "output_tokens": 5,
                    "cache_read_input_tokens": 100,
                    "cache_creation_input_tokens": 20,
                },
            ),
            Usage(129, 5, 100),
        ),
        (
            "anthropic",
            sse(
                {"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}},
                {
                    "type": "message_delta",
                    "delta": {"stop_reason": "end_turn"},
                    "usage": {"output_tokens": 5, "output_tokens_details": {"thinking_tokens": 3}},
                },
            ),
            Usage(9, 5, None, 3),
        ),
        ("ollama", ollama("Yes", prompt_eval_count=9, eval_count=5), Usage(9, 5)),
        (
            "gemini",
            gemini(
                {"text": "Yes"},
                usageMetadata={
                    "promptTokenCount": 9,
                    "candidatesTokenCount": 2,
                    "thoughtsTokenCount": 3,
                    "cachedContentTokenCount": 4,
                    "toolUsePromptTokenCount": 1,
                },
            ),
            Usage(10, 5, 4, 3),
        ),
    ],
)
def test_usage_counts_cached_and_reasoning_tokens_with_the_others(name: str, body: Any, usage: Usage) -> None:
    assert answer(name, body).usage == usage


def test_the_provider_s_cost_may_be_in_a_header() -> None:
    found = answer("openai-chat", chat(said("Yes")), headers={"x-litellm-response-cost": "0.00042"})

    assert found.usage.cost_usd == 0.00042


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, {"error": {"code": "context_length_exceeded"}}, "error"),
        (400, {"error": {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, "refused"),
        (400, {"error": {"code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, "refused"),
        (401, {"error": {}}, "error"),
        (403, {"error": {"code": 403}}, "error"),
        (403, {"error": {"code": 403, "metadata": {"reasons": ["hate"], "flagged_input": "x"}}}, "refused"),
        (404, {"detail": "Not Found"}, "error"),
        (429, b"slow down", "error"),
        (429, {"error": {"type": "rate_limit_error"}}, "error"),
        (451, b"", "refused"),
        (500, b"<html>", "error"),
        (529, {"type": "error", "error": {"type": "overloaded_error"}}, "error"),
    ],
)
@pytest.mark.parametrize("name", PATHS)
def test_the_status_tells_what_became_of_a_question(name: str, status: int, body: Any, outcome: str) -> None:
    assert answer(name, body, status=status).outcome == outcome


@pytest.mark.parametrize(
    "kind", ["Application/JSON", "application/json; charset=utf-8", "text/plain", "text/event-stream"]
)
def test_a_json_reply_is_read_whatever_the_case_of_its_type_and_the_type(kind: str) -> None:
    assert answer("openai-chat", json.dumps(chat(said("Because."))).encode(), kind=kind).text == "Because."


@pytest.mark.parametrize("kind", ["Text/Event-Stream; charset=UTF-8", "text/plain", "application/json", ""])
def test_a_stream_is_read_whatever_type_it_has(kind: str) -> None:
    assert answer("openai-chat", sse(chunk({"content": "Because."}, "stop")), kind=kind).text == "Because."


@pytest.mark.parametrize("name", PATHS)
def test_a_reply_is_read_by_what_it_is_where_the_path_does_not_tell(name: str) -> None:
    reader = ExchangeReader()
    asks = question(ASKED[name], "/chat", reader=reader)
    body = next(body for found, kind, body, *_ in CASES if (found, kind) == (name, "text"))

    found = reader.read_reply(asks, Reply(200, {"content-type": "application/json"}, json.dumps(body).encode()))

    assert isinstance(found, Answer)
    assert (found.text, found.model) == ("Because.", "m-1")


@pytest.mark.parametrize("body", [b'{"ok": true}', b"", b"<html>", b'{"error": "no"}', b"data: {}\n\n"])
def test_a_reply_of_no_known_format_is_no_chat_where_the_path_does_not_tell(body: bytes) -> None:
    reader = ExchangeReader()
    asks = question({"messages": [{"role": "user", "content": "Notify me"}]}, "/notify", reader=reader)

    found = reader.read_reply(asks, Reply(200, {}, body))

    assert isinstance(found, Unrecorded)
    assert found.why is Why.UNMATCHED


def test_an_answer_made_in_the_background_is_not_recorded() -> None:
    assert isinstance(replied("openai-responses", response(status="queued")), Unrecorded)


def test_a_stream_that_leaves_an_answer_to_the_background_is_not_recorded() -> None:
    begun = {"type": "response.created", "response": response(status="in_progress", background=True)}
    ended = {"type": "response.completed", "response": response(OUTPUT, background=True)}

    assert isinstance(replied("openai-responses", sse(begun)), Unrecorded)
    assert answer("openai-responses", sse(begun, ended)).text == "Because."


@pytest.mark.parametrize("end", ["", "\n,\n", ', {"candidates": [{"content": {"par', ', "', ", nonsense", "]]"])
def test_of_a_list_that_is_cut_off_the_whole_elements_are_read(end: str) -> None:
    pieces = [gemini({"text": "Be"}, finish=None), gemini({"text": "cause."}, finish=None)]
    body = json.dumps(pieces, indent=1).rstrip("\n]") + end

    assert answer("gemini", body.encode(), kind="application/json", is_whole=False).text == "Because."


def test_a_list_that_is_cut_off_is_not_parsed_deeper_than_others() -> None:
    deep = b'[{"candidates": ' + b"[" * 5_000

    assert answer("gemini", deep, kind="application/json", is_whole=False).text is None


def test_a_redirect_is_not_recorded() -> None:
    assert isinstance(replied("openai-chat", b"", status=307), Unrecorded)


def test_a_loop_of_tools_over_stored_responses_has_the_first_request_s_question() -> None:
    reader = ExchangeReader()
    asks = question({"model": "m", "input": "Where?", "user": "ann"}, "/v1/responses", reader=reader)
    called = json.dumps(response(ITEM_CALL)).encode()
    assert isinstance(reader.read_reply(asks, Reply(200, {"content-type": "application/json"}, called)), Unrecorded)

    result = {"type": "function_call_output", "call_id": "c", "output": "in transit"}
    body = {"model": "m", "previous_response_id": "resp_1", "input": [result]}
    resumed = question(body, "/v1/responses", reader=reader)

    assert (resumed.text, resumed.session, resumed.tool_rounds) == ("Where?", "ann", 1)


def test_a_loop_that_never_ends_in_text_is_recorded_once_as_abandoned() -> None:
    reader = ExchangeReader()
    call = {"role": "assistant", "tool_calls": [{"id": "c"}]}
    calling = json.dumps(chat({**said(None), "tool_calls": [{"id": "c"}]}, "tool_calls")).encode()
    messages: list[Any] = [{"role": "user", "content": "Where?"}]
    recorded = []
    for _ in range(12):
        asks = question({"model": "m", "messages": messages}, reader=reader)
        found = reader.read_reply(asks, Reply(200, {"content-type": "application/json"}, calling))
        recorded += [found] if isinstance(found, Answer) else []
        messages += [call, {"role": "tool", "content": "in transit"}]

    assert [(each.outcome, each.text) for each in recorded] == [("abandoned", None)]


@pytest.mark.parametrize("name", PATHS)
def test_a_long_stream_costs_no_more_than_what_is_kept_of_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: dict[str, Any] = {
        "openai-chat": chunk({"content": "word "}),
        "openai-responses": {"type": "response.output_text.delta", "delta": "word "},
        "anthropic": {"type": "content_block_delta", "delta": block("text_delta", text="word ")},
        "ollama": ollama("word ", done=False),
        "gemini": gemini({"text": "word "}, finish=None),
    }
    ends: dict[str, Any] = {
        "openai-chat": chunk({}, "length", usage={"prompt_tokens": 9, "completion_tokens": 5}),
        "openai-responses": {
            "type": "response.incomplete",
            "response": response(OUTPUT, status="incomplete", usage={"input_tokens": 9, "output_tokens": 5}),
        },
        "anthropic": {
            "type": "message_delta",
            "delta": {"stop_reason": "max_tokens"},
            "usage": {"input_tokens": 9, "output_tokens": 5},
        },
        "ollama": ollama("", done_reason="length", prompt_eval_count=9, eval_count=5),
        "gemini": gemini(
            {"text": ""}, finish="MAX_TOKENS", usageMetadata={"promptTokenCount": 9, "candidatesTokenCount": 5}
        ),
    }
    build = lines if name == "ollama" else sse
    parsed = []

    def parse(text: str) -> Any:
        parsed.append(text)
        return json.loads(text)

    monkeypatch.setattr(module, "parse_json", parse)

    found = answer(name, build(*[pieces[name]] * 2000, ends[name]))

    assert (found.outcome, found.usage.input_tokens, found.usage.output_tokens) == ("partial", 9, 5)
    assert str(found.text).startswith("word word")
    assert len(parsed) < 300


def test_reasoning_in_a_long_stream_is_passed_over() -> None:
    pieces = [chunk({"content": "hm "})] * 500 + [chunk({"content": "</think>"}), chunk({"content": "\n\nBecause."})]

    assert answer("openai-chat", sse(*pieces, chunk({}, "stop"), done=True)).text == "Because."


@pytest.mark.parametrize("name", PATHS)
def test_an_error_in_the_middle_of_a_long_stream_is_seen(name: str) -> None:
    build = lines if name == "ollama" else sse
    piece = {"openai-chat": chunk({"content": "word " * 50}), "ollama": ollama("word " * 50, done=False)}.get(
        name, {"type": "content_block_delta", "delta": block("text_delta", text="word " * 50)}
    )
    if name == "gemini":
        piece = gemini({"text": "word " * 50}, finish=None)
    if name == "openai-responses":
        piece = {"type": "response.output_text.delta", "delta": "word " * 50}
    error = {"type": "error", "error": {"code": 502, "message": "no"}}

    assert answer(name, build(*[piece] * 50, error, *[piece] * 50)).outcome == "error"


def test_a_stream_of_which_beginning_and_end_are_kept_is_read() -> None:
    body = sse(*[chunk({"content": "Because. "})] * 100)
    end = sse(chunk({}, "stop", usage={"prompt_tokens": 9, "completion_tokens": 5}), done=True)

    found = answer("openai-chat", body[:1000], tail=body[-70:] + end, is_whole=False)

    assert (found.outcome, found.usage, found.is_complete) == ("answered", Usage(9, 5), True)


def test_whether_a_stream_came_to_its_end_is_known() -> None:
    assert answer("openai-chat", sse(chunk({"content": "Be"}), done=True)).is_complete
    assert not answer("openai-chat", sse(chunk({"content": "Be"}))).is_complete


def test_half_an_emoji_in_each_of_two_pieces_is_one() -> None:
    body = sse(chunk({"content": "\ud83d"}), chunk({"content": "\ude00"}))

    text = str(answer("openai-chat", body).text)

    assert text.encode("utf-16", "surrogatepass").decode("utf-16") == "😀"
