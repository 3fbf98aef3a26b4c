"""Takes traces: `POST /v1/traces` in OTLP/JSON."""

from edge_worker.bounded_json import parse_json
from edge_worker.collector import authorise
from edge_worker.event import Exchange, Latency, Visitor
from edge_worker.formats.encoding import decode_body
from edge_worker.formats.exchange import Unrecorded
from edge_worker.names import session_name
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.traces.otlp import Span, read_spans
from edge_worker.traces.trace import read_trace
from edge_worker.validation import CLOCK_DIFFERENCE_MS, OLDEST_EXCHANGE_MS
from edge_worker.visitor import trace_exchange_id
from edge_worker.web import HttpError, Request, Response

MAX_TRACES_BYTES = 1_048_576
_MOST_TRACES = 100


class TracesHandler:
    """Records an exchange for each trace. A trace that comes in several requests becomes one item by its id."""

    def __init__(self, settings: Settings, recorder: Recorder) -> None:
        self._settings = settings
        self._recorder = recorder

    async def respond(self, request: Request) -> Response:
        """Take an export request. Raises HttpError where it cannot be read as a whole."""
        authorise(request, self._settings)
        if "protobuf" in request.headers.get("content-type", "").lower():
            message = "send OTLP/JSON: use the exporter for http/json (OTEL_EXPORTER_OTLP_PROTOCOL=http/json)"
            raise HttpError(415, "unsupported_media_type", message)
        body = decode_body(await request.body(MAX_TRACES_BYTES), request.headers.get("content-encoding", ""))
        try:
            document = parse_json(body or b"")
        except ValueError:
            raise HttpError(400, "invalid_json", "the body is not JSON") from None
        if not isinstance(document, dict) or "resourceSpans" not in document:
            raise HttpError(400, "invalid_traces", "the body is not an OTLP/JSON export request with resourceSpans")
        return self._record(list(read_spans(document)), request)

    def _record(self, spans: list[Span | None], request: Request) -> Response:
        traces: dict[str, list[Span]] = {}
        for span in spans:
            if span is not None:
                traces.setdefault(span.trace_id, []).append(span)
        now = request.now_ms()
        found = [self._exchange(of_trace, now) for of_trace in list(traces.values())[:_MOST_TRACES]]
        self._recorder.record([exchange for exchange in found if exchange is not None], request)
        rejected = spans.count(None) + sum(map(len, list(traces.values())[_MOST_TRACES:]))
        if not rejected:
            return Response(200, {})
        message = f"spans without traceId and startTimeUnixNano, or of more than {_MOST_TRACES} traces, are not read"
        return Response(200, {"partialSuccess": {"rejectedSpans": str(rejected), "errorMessage": message}})

    def _exchange(self, spans: list[Span], now_ms: float) -> Exchange | None:
        read = read_trace(spans)
        asked_at = int(min(span.started for span in spans))
        if isinstance(read, Unrecorded) or not now_ms - OLDEST_EXCHANGE_MS <= asked_at <= now_ms + CLOCK_DIFFERENCE_MS:
            return None
        question, answer = read
        key = self._settings.visitor_key
        exchange = Exchange(
            id=trace_exchange_id(spans[0].trace_id, key, asked_at),
            site=self._settings.site,
            asked_at=asked_at,
            question=question.text,
            latency=Latency(max(span.ended for span in spans) - asked_at),
            session=session_name(key, question.session, asked_at),
            visitor=Visitor,
            tool_rounds=question.tool_rounds,
        )
        answer.give(exchange)
        return exchange
