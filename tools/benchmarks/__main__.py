"""`make bench`: measures everything in one run, prints a table and leaves `bench.json` and the raw samples."""

import argparse
import json
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks import cold_start, figures, goals, grouping, machine, pipeline, processor, streams
from benchmarks.edge import Edge
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.reporter import Reporter
from benchmarks.samples import Samples
from stack.paths import BUILD
from stack.programs import ProgramError
from stack.progress import Progress
from stack.stack import Variant, stack


def main() -> int:
    """Measure, or make the figures of an earlier run's samples again; return 0 unless that was impossible.

    A missed goal is printed and is no failure: whether a machine is fast enough is not for this program to say.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples, in under three minutes")
    parser.add_argument("--from-samples", action="store_true", help="measure nothing; use the samples that there are")
    parser.add_argument("--directory", type=Path, default=BUILD, help="where bench.json goes (default: build)")
    chosen = parser.parse_args()
    directory = chosen.directory.resolve()
    samples = Samples(directory / "bench")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if not chosen.from_samples:
            _measure(directory / "bench", samples, QUICK if chosen.quick else FULL, Progress())
        document = figures.figures(samples)
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"error: there are no samples: {error.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    (directory / "bench.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"\n{goals.table(document)}\n\n{_remarks(samples)}\n\n{directory / 'bench.json'}")
    return 0


def _measure(directory: Path, samples: Samples, plan: Plan, progress: Progress) -> None:
    samples.write("machine", machine.description(plan))
    reporter = Reporter(directory / "reporter", plan)
    with ExitStack() as resources:
        # Starting the stack is mostly waiting, and neither it nor what is prepared beside it is measured.
        with ThreadPoolExecutor(1) as beside:
            prepared = beside.submit(_prepare, directory, reporter, progress, resources)
            with stack(directory / "stack", progress, Variant(with_reporter=False)) as running:
                edge = prepared.result()
                samples.write("pipeline", pipeline.measure(running, plan, progress))
                samples.write("processor-requests", processor.count(running, plan, progress))
                samples.write("cold-start", cold_start.measure(running, plan, progress))
                samples.write("processor-race", processor.race(running, plan, progress))
                samples.write("baseline-units", processor.baseline_units(running, plan, progress))
        samples.write("edge", edge.measure(plan))
        samples.write("streams", streams.measure(directory, plan, progress))
    samples.write("reporter", reporter.measure(progress))
    samples.write("grouping", grouping.measure(directory / "reporter", progress))


def _prepare(directory: Path, reporter: Reporter, progress: Progress, resources: ExitStack) -> Edge:
    edge = Edge(directory, progress, resources)
    reporter.prepare(progress)
    return edge


def _remarks(samples: Samples) -> str:
    """Return what belongs beside the table."""
    start: dict[str, Any] = samples.read("cold-start")
    parts = figures.cold_start_parts(start["starts"])
    dominating = ", ".join(f"{name} {took:g} ms" for name, took in start["import_ms_by_package"].items())
    closed = "; ".join(
        f"{variant} at concurrency {concurrency}: {p95:.1f} ms"
        for (variant, concurrency), p95 in figures.closed_loop(samples.read("edge")).items()
    )
    measured = samples.read("machine")
    plan = measured["plan"]
    return "\n".join(
        (
            f"Closed loop, p95: {closed}.",
            f"Events sent by the Worker: {len(samples.read('edge')['events']):,}.",
            f"Cold start: import {parts['import_ms']:.0f} ms, first invocation {parts['invocation_ms']:.0f} ms, cores: "
            + (str(start["starts"][0]["cores"]) if start["starts"][0]["cores"] else "all of them"),
            f"What imports take, under `-X importtime`, which itself takes time: {dominating}.",
            f"The day that was rolled up, and the larger week, had {plan['day']:,} exchanges.",
            f"{machine.sentence(measured)}.",
        )
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
