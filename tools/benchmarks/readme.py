"""Writes the figures of a full run into README.md, and keeps them beside this file so that a test can compare."""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import goals, machine
from benchmarks.samples import Samples
from stack.paths import BUILD, ROOT

README = ROOT / "README.md"
RECORDED = Path(__file__).with_name("recorded.json")
_TABLE = re.compile(
    r"(?<=<!-- figures: `python -m benchmarks\.readme` writes them -->\n).*?(?=\n<!-- end of figures -->)", re.DOTALL
)


@dataclass(frozen=True)
class Row:
    """A line of the table: what it says, and the figures in it as `{}` in their order."""

    subject: str
    text: str
    names: tuple[str, ...]
    goal: str = ""
    """Whose goal is shown; that of the first figure if not given."""


ROWS = (
    Row(
        "an answer of 10 ms, p95: without and with analytics",
        "{:.1f} ms, {:.1f} ms",
        ("edge.p95_ms.none", "edge.p95_ms.fire_and_forget"),
    ),
    Row("the same if the visitor waited for a queue 100 ms away", "{:.1f} ms", ("edge.p95_ms.blocking",)),
    Row("of that wait, the share that is avoided", "{:.2%}", ("edge.reduction_share",)),
    Row("CPU time of the Worker for an event", "{:.2f} ms", ("edge.cpu_ms_per_event",)),
    Row(
        "CPU time of a recorded stream of 50, 300, 1,000 chunks over an unrecorded one",
        "{:.2f}, {:.2f}, {:.2f}",
        tuple(f"edge.stream_cpu_ratio.{chunks}" for chunks in (50, 300, 1_000)),
    ),
    Row("first byte of a stream, added", "{:.1f} ms", ("edge.stream_first_byte_ms_added",)),
    Row("events lost", "{:.0f}", ("edge.events_lost",)),
    Row("after an outage of the queue, lost and stored twice", "{:.0f}, {:.0f}", ("outbox.lost", "outbox.double")),
    Row("from question to item in the table, p95", "{:.0f} ms", ("pipeline.latency_ms.p95",)),
    Row(
        "DynamoDB for an exchange: calls, write units",
        "{:.2g}, {:.2g}",
        ("processor.calls_per_exchange", "processor.write_units_per_exchange"),
    ),
    Row(
        "exchanges a second with 25 write units, and in a design with an interim table",
        "{:.1f}, {:.1f}",
        ("processor.exchanges_per_second_at_25_units", "baseline.exchanges_per_second_at_25_units"),
    ),
    Row("cold start of the processor, on one core", "{:.0f} ms", ("processor.cold_start_ms",)),
    Row(
        "weekly report of 10,000 and of 1,000,000 exchanges",
        "{:.1f} s, {:.1f} s",
        ("reporter.weekly.seconds_10k", "reporter.weekly.seconds_1m"),
        "reporter.weekly.seconds_1m",
    ),
    Row(
        "rollup of a day of 1,000,000 exchanges",
        "{:.0f} s, {:.0f} MiB",
        ("reporter.rollup_1m.seconds", "reporter.rollup_1m.peak_mib"),
        "reporter.rollup_1m.peak_mib",
    ),
    Row("quiet weeks in which a mail names a change", "{:.1%}", ("reporter.false_alarm_share",)),
    Row(
        "topics: precision, recall, questions left alone",
        "{:.0%}, {:.0%}, {:.0%}",
        ("grouping.precision", "grouping.recall", "grouping.alone"),
    ),
)


def table(figures: goals.Document) -> str:
    """Return the rows whose figures were all measured, with what each should be."""
    measured = set(goals.names(figures))
    lines = ["| | measured | goal |", "|---|---|---|"]
    for row in ROWS:
        if measured.issuperset(row.names):
            goal = goals.GOALS.get(row.goal or row.names[0])
            verdict = "" if goal is None else _verdict(goal, figures)
            values = row.text.format(*(goals.value(figures, name) for name in row.names))
            lines.append(f"| {row.subject} | {values} | {verdict} |")
    return "\n".join(lines)


def _verdict(goal: goals.Goal, figures: goals.Document) -> str:
    text = "0" if goal.text == "≤ 0" else goal.text
    return text if goal.is_met(figures) else f"{text}, missed"


def section(recorded: dict[str, Any]) -> str:
    """Return what stands between the marks in README.md."""
    return f"{recorded['where']}\n\n{table(recorded['figures'])}"


def written(readme: str) -> str:
    """Return what stands there now. Raises ValueError where the marks are missing."""
    found = _TABLE.search(readme)
    if found is None:
        raise ValueError("README.md has no marks for the figures")
    return found[0]


def updated(readme: str, recorded: dict[str, Any]) -> str:
    """Return README.md with the recorded figures. Raises ValueError where the marks are missing."""
    written(readme)
    return _TABLE.sub(lambda _: section(recorded), readme)


def _measured(directory: Path) -> dict[str, Any]:
    figures = json.loads((directory / "bench.json").read_text(encoding="utf-8"))
    return {"where": f"{machine.sentence(Samples(directory / 'bench').read('machine'))}.", "figures": figures}


def main(arguments: Sequence[str] | None = None) -> int:
    """Record the figures in a folder's `bench.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readme", description=__doc__)
    parser.add_argument("--directory", type=Path, default=BUILD, help="where bench.json is (default: build)")
    parser.add_argument(
        "--recorded", action="store_true", help="measure nothing new: a goal or the wording has changed"
    )
    chosen = parser.parse_args(arguments)
    try:
        recorded = json.loads(RECORDED.read_text(encoding="utf-8")) if chosen.recorded else _measured(chosen.directory)
    except FileNotFoundError as error:
        print(f"error: {error.filename} is not there: run `make bench` first", file=sys.stderr)
        return 1
    RECORDED.write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")
    readme = README.read_text(encoding="utf-8")
    README.write_text(updated(readme, recorded), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
