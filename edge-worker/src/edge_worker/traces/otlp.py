"""Reads spans in OTLP/JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_ERROR = (2, "2", "STATUS_CODE_ERROR")
_MOST_NANOSECONDS = 10**19


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something that happened in a span."""

    name: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A span, times in Unix epoch milliseconds. The attributes of its resource are among its own."""

    trace_id: str
    span_id: str
    parent_id: str
    started: float
    ended: float
    is_error: bool
    attributes: Mapping[str, Any]
    events: tuple[SpanEvent, ...] = field(default=())


def read_spans(document: Any) -> Iterator[Span | None]:
    """Yield the spans of an export request; None for one that cannot be read."""
    for resource_spans in _objects(document, "resourceSpans"):
        resource = resource_spans.get("resource")
        common = _attributes(resource.get("attributes")) if isinstance(resource, dict) else {}
        for scope_spans in _objects(resource_spans, "scopeSpans"):
            spans = scope_spans.get("spans")
            for span in spans if isinstance(spans, list) else []:
                yield _span(span, common) if isinstance(span, dict) else None


def _span(span: Mapping[str, Any], common: Mapping[str, Any]) -> Span | None:
    trace_id, started, ended = span.get("traceId"), _time(span, "startTimeUnixNano"), _time(span, "endTimeUnixNano")
    if not isinstance(trace_id, str) or not trace_id or started is None:
        return None
    status = span.get("status")
    return Span(
        trace_id=trace_id.lower(),
        span_id=str(span.get("spanId") or ""),
        parent_id=str(span.get("parentSpanId") or ""),
        started=started,
        ended=max(started, ended or started),
        is_error=isinstance(status, dict) and status.get("code") in _ERROR,
        attributes={**common, **_attributes(span.get("attributes"))},
        events=tuple(
            SpanEvent(str(event.get("name") or ""), _attributes(event.get("attributes")))
            for event in _objects(span, "events")
        ),
    )


def _objects(document: Any, name: str) -> list[dict[str, Any]]:
    elements = document.get(name) if isinstance(document, dict) else None
    return [each for each in elements if isinstance(each, dict)] if isinstance(elements, list) else []


def _attributes(pairs: Any) -> dict[str, Any]:
    found = [pair for pair in pairs if isinstance(pair, dict)] if isinstance(pairs, list) else []
    return {str(pair.get("key")): _value(pair.get("value")) for pair in found}


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return None
    for name in ("stringValue", "boolValue", "doubleValue"):
        if name in value:
            return value[name]
    if "intValue" in value:
        return _whole(value["intValue"])
    if isinstance(array := value.get("arrayValue"), dict):
        values = array.get("values")
        return [_value(each) for each in values] if isinstance(values, list) else []
    if isinstance(pairs := value.get("kvlistValue"), dict):
        return _attributes(pairs.get("values"))
    return None


def _time(span: Mapping[str, Any], name: str) -> float | None:
    nanoseconds = _whole(span.get(name))
    return nanoseconds / 1_000_000 if nanoseconds is not None and 0 < nanoseconds < _MOST_NANOSECONDS else None


def _whole(value: Any) -> int | None:
    """Read a 64-bit integer: JSON has it as a text, some exporters as a number."""
    if isinstance(value, str) and len(value) <= 20 and value.lstrip("-").isdecimal():  # noqa: PLR2004 - digits of 64 bits
        return int(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None
