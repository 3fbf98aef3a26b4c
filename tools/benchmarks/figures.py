"""Makes the figures of `bench.json` from a run's raw samples, and from nothing else."""

from collections.abc import Mapping, Sequence
from statistics import fmean, median, quantiles
from typing import Any

from benchmarks.samples import Samples
from benchmarks.worker import VARIANTS

Document = dict[str, Any]


_WRITE_UNITS = 25
"""DynamoDB's always-free write capacity, units a second."""


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile, interpolated linearly between the sorted values (as NumPy does by default)."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def figures(samples: Samples) -> Document:
    """Return the content of `bench.json`.

    Raises:
        FileNotFoundError: a measurement is missing.
    """
    counted = samples.read("processor-requests")
    speeds = _speeds(samples.read("processor-race"))
    units = samples.read("baseline-units")
    reporter = samples.read("reporter")
    latencies = samples.read("pipeline")["milliseconds"]
    return {
        "edge": _edge(samples.read("edge")) | _streams(samples.read("streams")["streams"]),
        "outbox": {name: samples.read("streams")["outbox"][name] for name in ("lost", "double")},
        "processor": {
            "write_units_per_exchange": _rounded(_write_units(counted)),
            "calls_per_exchange": _rounded(_calls(counted)),
            "events_per_second": _rounded(speeds["processor"]),
            "speedup": _rounded(speeds["processor"] / speeds["baseline"]),
            "exchanges_per_second_at_25_units": _rounded(_WRITE_UNITS / _write_units(counted)),
            "cold_start_ms": _rounded(_cold_start(samples.read("cold-start")["starts"])),
        },
        "baseline": {
            "events_per_second": _rounded(speeds["baseline"]),
            "exchanges_per_second_at_25_units": _rounded(_WRITE_UNITS * units["exchanges"] / sum(units["write_units"])),
        },
        "sqs": {"requests_per_exchange": {mode: _rounded(_requests(counted[mode], "sqs")) for mode in counted}},
        "reporter": {
            "rollup_1m": {
                "seconds": _rounded(reporter["day"]["seconds"]),
                "peak_mib": _rounded(reporter["day"]["peak_mib"]),
            },
            "weekly": {
                "seconds_10k": _rounded(median(reporter["weekly"][0]["seconds"])),
                "seconds_1m": _rounded(median(reporter["weekly"][1]["seconds"])),
                "peak_mib": _rounded(reporter["weekly"][1]["peak_mib"]),
            },
            "false_alarm_share": _rounded(reporter["quiet"]["alarmed"] / reporter["quiet"]["mails"]),
        },
        "grouping": _grouping(samples.read("grouping")),
        "pipeline": {
            "latency_ms": {"p50": _rounded(percentile(latencies, 50)), "p95": _rounded(percentile(latencies, 95))}
        },
    }


def _grouping(measured: Mapping[str, Any]) -> Document:
    scores = {
        level: {name: _rounded(each) for name, each in measured[level].items()} for level in ("topics", "wordings")
    }
    return scores["topics"] | {"seconds": _rounded(measured["seconds"]), "wordings": scores["wordings"]}


def closed_loop(edge: Mapping[str, Any]) -> dict[tuple[str, int], float]:
    """Return the 95th percentile in ms of each variant and concurrency in the closed loops."""
    return {(loop["variant"], loop["concurrency"]): percentile(loop["milliseconds"], 95) for loop in edge["closed"]}


def _edge(edge: Mapping[str, Any]) -> Document:
    turns = {variant: [turn for turn in edge["open"] if turn["variant"] == variant] for variant in VARIANTS}
    latencies = {variant: [value for turn in turns[variant] for value in turn["milliseconds"]] for variant in VARIANTS}
    p95 = {variant: percentile(latencies[variant], 95) for variant in VARIANTS}
    cpu = {
        variant: sum(turn["cpu_seconds"] for turn in turns[variant]) * 1000 / len(latencies[variant])
        for variant in VARIANTS
    }
    return {
        "p95_ms": {variant: _rounded(value) for variant, value in p95.items()},
        "ratio_p95": _rounded(p95["fire_and_forget"] / p95["none"]),
        "reduction_percent": _rounded((1 - p95["fire_and_forget"] / p95["blocking"]) * 100),
        "reduction_share": _rounded((p95["blocking"] - p95["fire_and_forget"]) / (p95["blocking"] - p95["none"])),
        "events_lost": sum(1 for event in edge["events"] if event["received"] == 0),
        "cpu_ms_per_event": _rounded(cpu["fire_and_forget"] - cpu["none"]),
    }


def _streams(samples: Sequence[Mapping[str, Any]]) -> Document:
    """Compare recorded streams with unrecorded ones: processor time by number of chunks, and time to the first byte."""

    def cpu(kind: str, chunks: int) -> float:
        return float(median(each["cpu_ms"] for each in samples if (each["kind"], each["chunks"]) == (kind, chunks)))

    first = {
        kind: median(took for each in samples if each["kind"] == kind for took in each["first_byte_ms"])
        for kind in ("recorded", "unrecorded")
    }
    return {
        "stream_cpu_ratio": {
            str(chunks): _rounded(cpu("recorded", chunks) / cpu("unrecorded", chunks))
            for chunks in sorted({each["chunks"] for each in samples})
        },
        "stream_first_byte_ms_added": _rounded(first["recorded"] - first["unrecorded"]),
    }


def _write_units(counted: Mapping[str, Any]) -> float:
    units = [unit for mode in counted.values() for unit in mode["write_units"]]
    exchanges: int = sum(mode["exchanges"] for mode in counted.values())
    return float(sum(units) / exchanges)


def _calls(counted: Mapping[str, Any]) -> float:
    """Return the calls of DynamoDB for each exchange."""
    exchanges: int = sum(mode["exchanges"] for mode in counted.values())
    return float(sum(_requests(mode, "dynamodb") * mode["exchanges"] for mode in counted.values()) / exchanges)


def _requests(mode: Mapping[str, Any], service: str) -> float:
    requests = sum(times for name, times in mode["requests"].items() if name.startswith(f"{service}."))
    return float(requests / mode["exchanges"])


def _speeds(race: Mapping[str, Any]) -> dict[str, float]:
    """Return exchanges a second, over all turns of each.

    A turn is timed from when the first batch was seen to be gone, so that it is not charged for the emulator's waking
    up, until all were.
    """
    speeds = {}
    for of, messages_per_exchange in race["messages_per_exchange"].items():
        messages, seconds = 0, 0.0
        for turn in race["turns"]:
            if turn["of"] == of:
                begun, left = next((at, left) for at, left in turn["left"] if left < turn["messages"])
                messages += left
                seconds += turn["left"][-1][0] - begun
        speeds[of] = messages / seconds / messages_per_exchange
    return speeds


def _cold_start(starts: Sequence[Mapping[str, float]]) -> float:
    return median(start["import_ms"] + start["invocation_ms"] for start in starts)


def _rounded(value: float) -> float:
    return round(float(value), 4)


def cold_start_parts(starts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each part of a cold start, in ms."""
    return {part: fmean(start[part] for start in starts) for part in ("import_ms", "invocation_ms")}
