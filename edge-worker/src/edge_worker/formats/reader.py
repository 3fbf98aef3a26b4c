"""Reads exchanges: which format a request has, what it asks, and what its reply answers."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from edge_worker.bounded_json import parse_json
from edge_worker.event import Outcome
from edge_worker.formats.conversation import LOOP_ROUNDS
from edge_worker.formats.detection import AUTO, READERS, format_of_path, is_other_path
from edge_worker.formats.event_stream import decode
from edge_worker.formats.exchange import Answer, AskedRequest, Question, Reply, Unrecorded, Why
from edge_worker.formats.mapping import ExchangeMapping, first_text
from edge_worker.formats.reply import read_known, read_mapped
from edge_worker.formats.reply_reader import as_cost
from edge_worker.formats.request import QUESTION_LENGTH, question_in

MAPPED = "mapping"
_MOST_REMEMBERED = 500


class ExchangeReader:
    """Reads requests and replies of one chatbot.

    Args:
        format_name: `auto`, or the one format to read (see `detection`).
        mapping: Reads everything instead, where it says where the question is; otherwise the session and which paths.
    """

    def __init__(self, format_name: str = AUTO, mapping: ExchangeMapping | None = None) -> None:
        self._format = format_name
        self._mapping = mapping or ExchangeMapping()
        self._remembered: OrderedDict[str, Question] = OrderedDict()

    def may_ask(self, method: str, path: str, content_type: str) -> Unrecorded | None:
        """Tell by all but its body why a request asks nothing; None where its body has to be read."""
        if method.upper() != "POST":
            return Unrecorded(Why.NOT_CHAT, f"a {method.upper()} request asks nothing: questions come by POST")
        if not self._mapping.takes(path):
            return Unrecorded(Why.NOT_CHAT, "the mapping's record and ignore leave this path alone")
        if not self._mapping.reads_exchanges and is_other_path(path):
            return Unrecorded(Why.NOT_CHAT, f"{path} is no chat; if it is yours, set PROXY_MAPPING")
        kind = content_type.lower()
        if kind and "json" not in kind and not kind.startswith("text/") and not self._is_chat(path):
            return Unrecorded(Why.NOT_CHAT, f"a body of type {kind.partition(';')[0]} is not read: questions are JSON")
        return None

    def _is_chat(self, path: str) -> bool:
        """Tell whether a path is one of a chat; there, an upstream may not look at the body's type either."""
        is_mapped = self._mapping.reads_exchanges and bool(self._mapping.record)
        return is_mapped or format_of_path(path) is not None

    def read_request(self, request: AskedRequest) -> Question | Unrecorded:
        """Read what a person asked last, or why nothing is to be recorded."""
        headers = request.headers
        if reason := self.may_ask(request.method, request.path, headers.get("content-type", "")):
            return reason
        try:
            document = parse_json(decode(request.body))
        except ValueError:
            return Unrecorded(Why.UNMATCHED, "the request's body is not JSON")
        if not isinstance(document, dict):
            return Unrecorded(Why.UNMATCHED, "the request's body is not a JSON object")
        if self._mapping.reads_exchanges:
            return self._mapped_question(document, headers)
        question = question_in(document, request, None if self._format == AUTO else self._format)
        if isinstance(question, Unrecorded):
            return question
        if session := self._mapping.session_of(document, headers):
            question = replace(question, session=session)
        return question if question.text else self._resumed(question)

    def read_reply(self, question: Question, reply: Reply) -> Answer | Unrecorded:
        """Read what became of the question, or why it is not recorded yet."""
        answer = self._mapped_answer(reply) if question.format == MAPPED else self._known_answer(question, reply)
        if isinstance(answer, Unrecorded):
            return answer
        if reply.status >= HTTPStatus.BAD_REQUEST:
            answer.calls_tools = False
            answer.outcome = _refused_or_error(reply.status, answer.outcome)
        answer.model = answer.model or question.model
        if answer.usage.cost_usd is None:
            answer.usage.cost_usd = as_cost(reply.headers.get("x-litellm-response-cost"))
        return self._unfinished(question, answer) if answer.calls_tools else answer

    def _known_answer(self, question: Question, reply: Reply) -> Answer | Unrecorded:
        if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
            return Unrecorded(Why.NOT_CHAT, "a redirect answers nothing: the client asks again elsewhere")
        reader = read_known(reply, question.format, is_fixed=self._format != AUTO)
        if not reader.is_recognised and not question.is_certain:
            known = ", ".join(READERS)
            return Unrecorded(Why.UNMATCHED, f"the reply has no format that is known ({known}): set PROXY_MAPPING")
        if reader.is_pending:
            return Unrecorded(Why.NOT_CHAT, "the answer is made in the background and fetched by another request")
        if not (reader.is_recognised or reader.has_error) and reply.is_whole:
            reader.conclude("error")
        answer = reader.answer()
        answer.is_recognised = reader.is_recognised or reader.has_error or not reply.is_whole
        if answer.outcome == "unanswered" and not reply.is_whole:
            answer.outcome = "answered"
        return answer

    def _mapped_answer(self, reply: Reply) -> Answer:
        reader = read_mapped(reply, self._mapping)
        answer = reader.answer()
        answer.score, answer.sources = reader.score, reader.sources
        answer.is_recognised = reader.is_recognised or not reply.is_whole
        is_expected = reply.is_whole and (self._mapping.answer or self._mapping.answer_delta)
        if reader.said:
            answer.outcome = reader.said
        elif answer.outcome == "unanswered" and not is_expected:
            answer.outcome = "answered"
        return answer

    def _unfinished(self, question: Question, answer: Answer) -> Answer | Unrecorded:
        if question.loop is not None and question.tool_rounds == LOOP_ROUNDS:
            # If no answer comes any more, this is what is known. An answer that comes takes its place.
            answer.outcome, answer.text = "abandoned", None
            return answer
        if answer.reply_id:
            self._remember(answer.reply_id, question)
        return Unrecorded(Why.TOOL_CALLS, "the reply calls tools: the exchange is recorded when the text comes")

    def _resumed(self, question: Question) -> Question | Unrecorded:
        """Fill in what was asked where only the results of tools are sent, and the words are in an earlier request."""
        earlier = self._remembered.get(question.continues or "")
        if earlier is None:
            return Unrecorded(
                Why.NO_QUESTION, "what was asked is in an earlier request (previous_response_id) that was not seen here"
            )
        return replace(
            question,
            text=earlier.text,
            session=question.session or earlier.session,
            tool_rounds=earlier.tool_rounds + max(1, question.tool_rounds),
        )

    def _remember(self, reply_id: str, question: Question) -> None:
        self._remembered[reply_id] = question
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _mapped_question(self, document: Mapping[str, Any], headers: Mapping[str, str]) -> Question | Unrecorded:
        text = first_text(self._mapping.question, document).strip()
        if not text:
            paths = " or ".join(path.text for path in self._mapping.question)
            return Unrecorded(Why.UNMATCHED, f"the mapping's question ({paths}) leads to no text in the request")
        return Question(text[:QUESTION_LENGTH], MAPPED, self._mapping.session_of(document, headers))


def _refused_or_error(status: int, outcome: Outcome) -> Outcome:
    is_refused = status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS or outcome == "refused"
    return "refused" if is_refused else "error"
