"""What each figure should be, and the table that says whether it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """What a figure should be."""

    text: str
    is_met: Callable[[Document], bool]


def _most(name: str, limit: float) -> tuple[str, Goal]:
    return name, Goal(f"≤ {limit:g}", lambda document: value(document, name) <= limit)


def _least(name: str, limit: float) -> tuple[str, Goal]:
    return name, Goal(f"≥ {limit:g}", lambda document: value(document, name) >= limit)


_TIMES_THE_BASELINE = 4
_ONE_UNIT = 1.005
"""A long question with a long answer may take a second unit; up to one in two hundred is still one unit each."""


def _is_faster(document: Document) -> bool:
    name = "exchanges_per_second_at_25_units"
    return value(document, f"processor.{name}") >= _TIMES_THE_BASELINE * value(document, f"baseline.{name}")


GOALS: dict[str, Goal] = dict(
    [
        _most("edge.ratio_p95", 1.05),
        _least("edge.reduction_share", 0.99),
        _most("edge.events_lost", 0),
        _most("edge.cpu_ms_per_event", 1.5),
        *(_most(f"edge.stream_cpu_ratio.{chunks}", 1.3) for chunks in (50, 300, 1_000)),
        _most("edge.stream_first_byte_ms_added", 3),
        _most("outbox.lost", 0),
        _most("outbox.double", 0),
        (
            "processor.write_units_per_exchange",
            Goal("1", lambda document: value(document, "processor.write_units_per_exchange") <= _ONE_UNIT),
        ),
        _most("processor.calls_per_exchange", 1),
        _most("sqs.requests_per_exchange.stream", 3),
        _most("sqs.requests_per_exchange.drain", 1.3),
        (
            "processor.exchanges_per_second_at_25_units",
            Goal(f"≥ {_TIMES_THE_BASELINE} times the baseline's", _is_faster),
        ),
        _most("processor.cold_start_ms", 500),
        _most("reporter.rollup_1m.peak_mib", 256),
        _most("reporter.weekly.seconds_1m", 10),
        _most("reporter.weekly.peak_mib", 512),
        _most("reporter.false_alarm_share", 0.05),
        _least("grouping.precision", 0.9),
        _least("grouping.recall", 0.4),
        _least("grouping.wordings.precision", 0.9),
        _most("pipeline.latency_ms.p95", 1000),
    ]
)


def value(document: Document, name: str) -> float:
    """Return a figure by its dotted name."""
    found: Any = document
    for part in name.split("."):
        found = found[part]
    return float(found)


def names(document: Document, prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of all figures, in their order."""
    for name, content in document.items():
        if isinstance(content, Mapping):
            yield from names(content, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def table(document: Document) -> str:
    """Return the figures beside their goals, a line for each."""
    lines = [f"{'':42}{'measured':>12}  goal"]
    for name in names(document):
        goal = GOALS.get(name)
        verdict = "" if goal is None else f"{goal.text}  {'met' if goal.is_met(document) else 'MISSED'}"
        lines.append(f"{name:42}{value(document, name):>12,.10g}  {verdict}".rstrip())
    return "\n".join(lines)
