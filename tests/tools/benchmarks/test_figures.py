"""The figures follow from the raw samples."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cold_start import by_package
from benchmarks.figures import figures, percentile
from benchmarks.goals import GOALS, names, table, value
from benchmarks.plan import FULL, QUICK
from benchmarks.samples import Samples
from stack.paths import TOOLS

KEYS = [
    "edge.p95_ms.none",
    "edge.p95_ms.fire_and_forget",
    "edge.p95_ms.blocking",
    "edge.ratio_p95",
    "edge.reduction_percent",
    "edge.reduction_share",
    "edge.events_lost",
    "edge.cpu_ms_per_event",
    "edge.stream_cpu_ratio.50",
    "edge.stream_cpu_ratio.300",
    "edge.stream_cpu_ratio.1000",
    "edge.stream_first_byte_ms_added",
    "outbox.lost",
    "outbox.double",
    "processor.write_units_per_exchange",
    "processor.calls_per_exchange",
    "processor.events_per_second",
    "processor.speedup",
    "processor.exchanges_per_second_at_25_units",
    "processor.cold_start_ms",
    "baseline.events_per_second",
    "baseline.exchanges_per_second_at_25_units",
    "sqs.requests_per_exchange.stream",
    "sqs.requests_per_exchange.drain",
    "reporter.rollup_1m.seconds",
    "reporter.rollup_1m.peak_mib",
    "reporter.weekly.seconds_10k",
    "reporter.weekly.seconds_1m",
    "reporter.weekly.peak_mib",
    "reporter.false_alarm_share",
    "grouping.precision",
    "grouping.recall",
    "grouping.alone",
    "grouping.seconds",
    "grouping.wordings.precision",
    "grouping.wordings.recall",
    "grouping.wordings.alone",
    "pipeline.latency_ms.p50",
    "pipeline.latency_ms.p95",
]


def turns(variant: str, milliseconds: list[float], cpu_seconds: float) -> list[dict[str, Any]]:
    """Two turns, over which the latencies are spread."""
    halves = (milliseconds[::2], milliseconds[1::2])
    return [{"variant": variant, "milliseconds": half, "cpu_seconds": cpu_seconds / 2} for half in halves]


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    """Samples whose figures can be worked out in one's head."""
    made = Samples(tmp_path / "bench")
    to_100 = [float(number) for number in range(101)]
    edge = {
        "open": turns("none", to_100, 0.101)
        + turns("fire_and_forget", [latency * 1.02 for latency in to_100], 0.303)
        + turns("blocking", [latency + 855 for latency in to_100], 0.4),
        "closed": [{"variant": "none", "concurrency": 1, "milliseconds": to_100}],
        "events": [{"id": "a", "received": 1}, {"id": "b", "received": 0}, {"id": "c", "received": 2}],
    }
    made.write("edge", edge)
    streams = [
        {"kind": kind, "chunks": chunks, "cpu_ms": cpu, "first_byte_ms": [first, first + 2]}
        for kind, chunks, cpu, first in (
            ("unrecorded", 50, 4.0, 1.0),
            ("unrecorded", 300, 10.0, 1.0),
            ("unrecorded", 1_000, 40.0, 1.0),
            ("recorded", 50, 6.0, 2.5),
            ("recorded", 300, 13.0, 2.5),
            ("recorded", 1_000, 50.0, 2.5),
        )
    ]
    made.write("streams", {"streams": streams, "outbox": {"asked": 20, "lost": 1, "double": 2}})
    mode = {"exchanges": 10, "write_units": [1.0] * 9 + [2.0]}
    stream = {"sqs.SendMessageBatch": 10, "sqs.ReceiveMessage": 10, "sqs.DeleteMessageBatch": 9}
    drain = {"sqs.SendMessageBatch": 10, "sqs.ReceiveMessage": 2, "sqs.DeleteMessageBatch": 1}
    requests = {
        "stream": {**mode, "requests": {**stream, "dynamodb.UpdateItem": 10}},
        "drain": {**mode, "requests": {**drain, "dynamodb.UpdateItem": 11}},
    }
    made.write("processor-requests", requests)
    race = {
        "messages_per_exchange": {"processor": 1, "baseline": 2},
        "turns": [
            # From 90 left at second 1 to none at second 2: 90 a second.
            {"of": "processor", "messages": 100, "left": [[0.5, 100], [1.0, 90], [1.4, 40], [2.0, 0]]},
            {"of": "baseline", "messages": 100, "left": [[1.0, 80], [3.0, 0]]},
            {"of": "baseline", "messages": 100, "left": [[2.0, 100], [3.0, 40], [4.0, 0]]},
        ],
    }
    made.write("processor-race", race)
    starts = [{"import_ms": 200.0, "invocation_ms": each, "cores": 1} for each in (50.0, 100.0, 900.0)]
    made.write("cold-start", {"starts": starts, "import_ms_by_package": {"botocore": 100}})
    weekly = [
        {"exchanges": 10_000, "seconds": [1.0, 1.2, 5.0], "peak_mib": 200.0},
        {"exchanges": 1_000_000, "seconds": [1.3], "peak_mib": 250.0},
    ]
    day = {"exchanges": 1_000_000, "seconds": 60.0, "peak_mib": 99.5}
    made.write("reporter", {"day": day, "weekly": weekly, "quiet": {"mails": 200, "alarmed": 7}})
    made.write("baseline-units", {"exchanges": 10, "write_units": [1.0, 2.0, 1.0] * 10})
    topics = {"precision": 0.95, "recall": 0.5, "alone": 0.25}
    wordings = {"precision": 1.0, "recall": 0.0, "alone": 1.0}
    made.write("grouping", {"topics": topics, "wordings": wordings, "seconds": 1.5, "questions": 360, "languages": 15})
    made.write("pipeline", {"milliseconds": to_100})
    return made


def test_every_figure_is_there_and_nothing_else(samples: Samples) -> None:
    document = figures(samples)

    assert list(names(document)) == KEYS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("edge.p95_ms.none", 95),
        ("edge.p95_ms.fire_and_forget", 96.9),
        ("edge.p95_ms.blocking", 950),
        ("edge.ratio_p95", 1.02),
        ("edge.reduction_percent", 89.8),
        ("edge.reduction_share", 0.9978),
        ("edge.events_lost", 1),
        ("edge.cpu_ms_per_event", 2),
        ("edge.stream_cpu_ratio.50", 1.5),
        ("edge.stream_cpu_ratio.300", 1.3),
        ("edge.stream_cpu_ratio.1000", 1.25),
        ("edge.stream_first_byte_ms_added", 1.5),
        ("outbox.lost", 1),
        ("outbox.double", 2),
        ("processor.write_units_per_exchange", 1.1),
        ("processor.calls_per_exchange", 1.05),
        ("processor.events_per_second", 90),
        # 80 + 40 messages in 2 + 1 seconds, and two messages make an exchange.
        ("baseline.events_per_second", 20),
        ("processor.speedup", 4.5),
        ("processor.exchanges_per_second_at_25_units", 22.727),
        ("baseline.exchanges_per_second_at_25_units", 6.25),
        ("processor.cold_start_ms", 300),
        ("sqs.requests_per_exchange.stream", 2.9),
        ("sqs.requests_per_exchange.drain", 1.3),
        ("reporter.rollup_1m.seconds", 60),
        ("reporter.rollup_1m.peak_mib", 99.5),
        ("reporter.weekly.seconds_10k", 1.2),
        ("reporter.weekly.seconds_1m", 1.3),
        ("reporter.weekly.peak_mib", 250),
        ("reporter.false_alarm_share", 0.035),
        ("grouping.recall", 0.5),
        ("grouping.wordings.alone", 1),
        ("pipeline.latency_ms.p50", 50),
        ("pipeline.latency_ms.p95", 95),
    ],
)
def test_a_figure_follows_from_its_samples(samples: Samples, name: str, expected: float) -> None:
    assert value(figures(samples), name) == pytest.approx(expected, abs=0.001)


def test_a_percentile_is_interpolated_between_the_sorted_values() -> None:
    assert percentile([30.0, 10.0, 20.0], 50) == 20
    assert percentile([0.0, 10.0], 95) == pytest.approx(9.5)


def test_the_command_makes_the_same_figures_from_the_samples_alone(samples: Samples, tmp_path: Path) -> None:
    samples.write(
        "machine",
        {
            "begun": "2026-01-01T00:00:00+00:00",
            "processor": "a processor",
            "cores": 2,
            "memory_gib": 4,
            "python": "3.11",
            "load_average": [0.1],
            "plan": {"day": 1_000_000},
        },
    )

    command = [sys.executable, "-m", "benchmarks", "--from-samples", "--directory", str(tmp_path)]
    printed = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True, check=True).stdout

    assert json.loads((tmp_path / "bench.json").read_text(encoding="utf-8")) == figures(samples)
    assert all(name in printed for name in KEYS)


def test_the_table_says_which_goals_are_met(samples: Samples) -> None:
    lines = {line.split()[0]: line for line in table(figures(samples)).splitlines()[1:]}

    assert lines["edge.ratio_p95"].endswith("met")
    assert lines["edge.events_lost"].endswith("MISSED")
    assert lines["reporter.weekly.seconds_1m"].endswith("met")
    assert lines["processor.exchanges_per_second_at_25_units"].endswith("MISSED")
    assert set(GOALS) <= set(KEYS)


def test_imports_are_counted_by_the_package_that_takes_the_time() -> None:
    printed = [
        "import time: self [us] | cumulative | imported package",
        "import time:      1500 |       1500 |     botocore.model",
        "import time:       500 |       2000 |   botocore",
        "import time:       700 |        700 |     json.decoder",
        "not a line of it",
    ]

    assert by_package(printed) == {"botocore": 2.0, "the standard library": 0.7}


def test_the_full_run_has_as_many_samples_as_promised() -> None:
    assert FULL.requests >= 3_000
    assert FULL.events >= 20_000
    assert FULL.day >= 1_000_000
    assert all(quick <= full for quick, full in zip(vars(QUICK).values(), vars(FULL).values(), strict=True))
