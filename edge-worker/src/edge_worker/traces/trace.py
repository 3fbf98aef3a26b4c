"""Makes one exchange of the spans of a trace."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from edge_worker.event import Outcome
from edge_worker.formats.chat_completions import FINISHED, turn_of
from edge_worker.formats.conversation import as_session, last_question
from edge_worker.formats.exchange import Answer, Question, Unrecorded, Usage, Why
from edge_worker.formats.reply_reader import as_cost, tokens
from edge_worker.formats.text_parts import AnswerText
from edge_worker.traces.messages import input_messages, output_messages, parsed
from edge_worker.traces.otlp import Span

_MODEL_OPERATIONS = ("chat", "text_completion", "generate_content")
_OTHER_KINDS = ("EMBEDDING", "RERANKER", "RETRIEVER", "TOOL", "GUARDRAIL", "EVALUATOR", "PROMPT")
_OUTER_INPUTS = ("input.value", "ai.prompt", "traceloop.entity.input", "gen_ai.task.input")
_OUTER_OUTPUTS = ("output.value", "ai.response.text", "traceloop.entity.output", "gen_ai.task.output")
_SESSIONS = (
    "gen_ai.conversation.id",
    "session.id",
    "langfuse.session.id",
    "traceloop.association.properties.session_id",
    "traceloop.association.properties.thread_id",
    "traceloop.association.properties.chat_id",
    "ai.telemetry.metadata.sessionId",
    "ai.telemetry.metadata.session_id",
    "ai.telemetry.metadata.threadId",
    "ai.telemetry.metadata.userId",
    "user.id",
    "enduser.id",
    "gen_ai.user",
)
_MODELS = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "ai.response.model", "ai.model.id")
_COUNTS: Mapping[str, tuple[str, ...]] = {
    "input_tokens": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
        "llm.usage.prompt_tokens",
        "ai.usage.inputTokens",
        "ai.usage.promptTokens",
    ),
    "output_tokens": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "llm.usage.completion_tokens",
        "ai.usage.outputTokens",
        "ai.usage.completionTokens",
    ),
    "cached_tokens": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
        "ai.usage.cachedInputTokens",
    ),
    "reasoning_tokens": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
        "ai.usage.reasoningTokens",
    ),
}
_COSTS = ("gen_ai.cost.total_cost", "gen_ai.usage.cost", "llm.cost.total")
_ENDINGS: Mapping[str, Outcome] = {**FINISHED, "content-filter": "refused", "refusal": "refused"}
_CALLING = ("tool_calls", "tool_call", "tool-calls", "tool_use", "function_call")
_MOST_TEXT = 4_000
# Names under which chains and workflows are given a question.
_QUESTIONS = ("question", "query", "input", "prompt", "q", "message", "user_input", "text", "content")


def read_trace(spans: Sequence[Span]) -> tuple[Question, Answer] | Unrecorded:
    """Read what was asked and answered in a trace, or in as much of it as is there.

    The question is what the outermost span was given where that is plain words, else the last words of a person that
    the first call of a model was given; the answer is what the last call of a model wrote.
    """
    spans = sorted(spans, key=lambda span: (span.started, -span.ended))
    calls = [span for span in spans if _is_model_call(span)]
    outer = [span for span in spans if span not in calls and _kind(span) not in _OTHER_KINDS]
    if not calls and not any(_is_agent(span) for span in outer):
        return Unrecorded(Why.NOT_CHAT, "there is no call of a model in the trace")
    question, rounds = _question(calls, outer)
    if question is None:
        return Unrecorded(Why.NO_QUESTION, "there are no words of a person in the trace: capture of content may be off")
    answer = _answer(calls, outer)
    if answer.calls_tools:
        return Unrecorded(Why.TOOL_CALLS, "the spans only call tools: the exchange is recorded when the text comes")
    session = next(
        (each for span in spans for name in _SESSIONS if (each := as_session(span.attributes.get(name)))), None
    )
    return Question(question[:_MOST_TEXT], "traces", session, tool_rounds=rounds), answer


def _is_model_call(span: Span) -> bool:
    attributes = span.attributes
    if kind := _kind(span):
        return kind == "LLM"
    if operation := attributes.get("gen_ai.operation.name"):
        return operation in _MODEL_OPERATIONS
    if isinstance(identifier := attributes.get("ai.operationId"), str):
        return identifier.endswith((".doGenerate", ".doStream"))
    if (requested := attributes.get("llm.request.type")) is not None:
        return requested in ("chat", "completion")
    return "gen_ai.request.model" in attributes and "traceloop.span.kind" not in attributes


def _kind(span: Span) -> str:
    return str(span.attributes.get("openinference.span.kind") or "").upper()


def _is_agent(span: Span) -> bool:
    attributes = span.attributes
    operation = attributes.get("gen_ai.operation.name")
    identifier = str(attributes.get("ai.operationId") or "")
    return (
        _kind(span) in ("CHAIN", "AGENT")
        or operation in ("invoke_agent", "invoke_workflow")
        or identifier in ("ai.generateText", "ai.streamText", "ai.generateObject", "ai.streamObject")
        or attributes.get("traceloop.span.kind") in ("workflow", "agent")
    )


def _question(calls: Sequence[Span], outer: Sequence[Span]) -> tuple[str | None, int]:
    asked = [last_question(messages, turn_of) for span in calls if (messages := input_messages(span))]
    calling = sum(_calls_tools(span) for span in calls)
    rounds = max([calling, *(each.tool_rounds for each in asked)])
    given = (_plain(span, _OUTER_INPUTS, "user") for span in outer if _is_agent(span))
    words = [text for text in given if text] + [each.text for each in asked if each.text]
    return (words[0].strip() or None if words else None), rounds


def _answer(calls: Sequence[Span], outer: Sequence[Span]) -> Answer:
    last = max(calls, key=lambda span: (span.ended, span.started), default=None)
    text = _written(last) if last else ""
    agents = [span for span in outer if _is_agent(span)]
    if not text:
        text = next((found for span in agents if (found := _plain(span, _OUTER_OUTPUTS, "assistant"))), "")
    collected = AnswerText()
    collected.add(text)
    model = next((name for span in (last, *agents) if span and (name := _first_text(span, _MODELS))), None)
    counted = list(calls) or agents[:1]
    has_failed = (last is not None and last.is_error) or any(span.is_error for span in agents)
    outcome = "error" if has_failed else _ending(last or (agents[0] if agents else None))
    if outcome == "answered" and not str(collected):
        outcome = "unanswered"
    return Answer(
        outcome=outcome,
        text=str(collected) or None,
        model=model,
        usage=_usage(counted),
        calls_tools=last is not None and not text and _calls_tools(last) and outcome in ("answered", "unanswered"),
        is_complete=True,
    )


def _written(span: Span) -> str:
    messages = output_messages(span)
    return turn_of({**messages[0], "role": "user"}).text if messages and not _calls_tools(span) else ""


def _calls_tools(span: Span) -> bool:
    return any(message.get("tool_calls") for message in output_messages(span)[:1]) or any(
        reason in _CALLING for reason in _reasons(span)
    )


def _reasons(span: Span) -> list[str]:
    attributes = span.attributes
    found = parsed(attributes.get("gen_ai.response.finish_reasons"))
    reasons = found if isinstance(found, list) else [found]
    reasons += [attributes.get("llm.finish_reason"), attributes.get("ai.response.finishReason")]
    reasons += [message.get("finish_reason") for message in output_messages(span)[:1]]
    return [reason.lower() for reason in reasons if isinstance(reason, str)]


def _ending(span: Span | None) -> Outcome:
    return (
        next((_ENDINGS[reason] for reason in _reasons(span) if reason in _ENDINGS), "answered") if span else "answered"
    )


def _usage(spans: Iterable[Span]) -> Usage:
    usage = Usage()
    for span in spans:
        for name, attributes in _COUNTS.items():
            counts = (tokens(span.attributes.get(attribute)) for attribute in attributes)
            if (count := next((each for each in counts if each is not None), None)) is not None:
                setattr(usage, name, (getattr(usage, name) or 0) + count)
        costs = (as_cost(span.attributes.get(name)) for name in _COSTS)
        if (cost := next((each for each in costs if each is not None), None)) is not None:
            usage.cost_usd = (usage.cost_usd or 0) + cost
    return usage


def _first_text(span: Span, names: Iterable[str]) -> str | None:
    return next((value for name in names if isinstance(value := span.attributes.get(name), str) and value), None)


def _plain(span: Span, names: Iterable[str], role: str) -> str:
    """Read what an outer span was given or returned, where it is words and no structure that only its chain knows."""
    return next((text for name in names if (text := _words(parsed(span.attributes.get(name)), role))), "")


def _words(value: Any, role: str) -> str:
    if isinstance(value, str):
        return value if not value.lstrip().startswith(("{", "[")) else ""
    if not isinstance(value, dict):
        return ""
    for name in ("inputs", "outputs", "data", "kwargs"):
        if isinstance(value.get(name), dict | str):
            return _words(value[name], role)
    messages = value.get("messages")
    if isinstance(messages, list) and role == "user":
        return last_question(messages, turn_of).text or ""
    texts = [value[name] for name in _QUESTIONS if isinstance(value.get(name), str)]
    if not texts and len(value) == 1:
        texts = [each for each in value.values() if isinstance(each, str)]
    return texts[0] if texts else ""
