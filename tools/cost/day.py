"""What became of a day of traffic, in words, in figures and in a drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cost.capacity import Change, most_stored, sustained
from cost.chart import Panel, svg
from cost.deployed import Mode
from cost.simulated_day import Run, Settings
from cost.traffic_profiles import Profile


@dataclass(frozen=True)
class Day:
    """One profile's traffic, and how each mode coped with it."""

    profile: Profile
    arrivals: Sequence[float]
    runs: Mapping[Mode, Run]
    changes: Mapping[Mode, Sequence[tuple[Change, Run]]]
    """What would have made the longest wait shorter, the most effective first; empty if that was not asked."""

    def text(self) -> str:
        """Return a table, and what to raise first."""
        profile, count = self.profile, len(self.arrivals)
        heads = (
            f"  {'':8}{'empty after':>14}{'oldest':>12}{'deepest':>11}{'stored':>11}"
            f"{'DLQ':>8}{'had to wait':>13}{'returned':>11}{'invocations':>13}"
        )
        lines = [f"{profile.name}: {profile.description}; {count:,} exchanges", heads]
        for mode, run in self.runs.items():
            lines.append(
                f"  {mode:8}{_duration(self._empty_after(run)):>14}{_duration(run.oldest_seconds):>12}"
                f"{max(run.depths):>11,}{run.stored:>11,}{run.dead_letters:>8,}{run.throttled:>13,}"
                f"{run.postponed:>11,}{run.invocations:>13,}"
            )
        return "\n".join([*lines, *(self._advice(mode) for mode in self.changes)])

    def document(self) -> dict[str, Any]:
        """Return the same for machines, times in seconds."""
        return {
            "profile": self.profile.name,
            "exchanges": len(self.arrivals),
            "modes": {mode: self._mode_document(mode, run) for mode, run in self.runs.items()},
        }

    def drawing(self) -> str:
        """Return an SVG of the rates, the queue and the waits."""
        longest = max(self.runs.values(), key=lambda run: len(run.arrivals))
        length, seconds = len(longest.arrivals), longest.bucket_seconds

        def padded(values: Sequence[float], last: float = 0.0) -> list[float]:
            return [*values, *[last] * (length - len(values))]

        def rates(counts: Sequence[int]) -> list[float]:
            return padded([count / seconds for count in counts])

        panels = [
            Panel(
                "exchanges a second",
                {
                    **{mode: rates(run.departures) for mode, run in self.runs.items()},
                    "arriving": rates(longest.arrivals),
                },
            ),
            Panel(
                "messages in the queue", {mode: padded(run.depths, run.depths[-1]) for mode, run in self.runs.items()}
            ),
            Panel(
                "seconds that the oldest of those stored had waited",
                {mode: padded(run.ages) for mode, run in self.runs.items()},
            ),
        ]
        return svg(f"{self.profile.name}: {self.profile.description}", panels, hours=length * seconds / 3600)

    def _advice(self, mode: Mode) -> str:
        if not self.changes[mode]:
            return f"  raise first in {mode}: nothing"
        change, after = self.changes[mode][0]
        return (
            f"  raise first in {mode}: {change.name} (oldest {_duration(after.oldest_seconds)}; "
            f"costs {change.consequence})"
        )

    def _empty_after(self, run: Run) -> float:
        return max(0.0, run.finished - self.arrivals[-1])

    def _mode_document(self, mode: Mode, run: Run) -> dict[str, Any]:
        return {
            "empty_after_seconds": round(self._empty_after(run), 1),
            "oldest_seconds": round(run.oldest_seconds, 1),
            "deepest": max(run.depths),
            "stored": run.stored,
            "dead_letters": run.dead_letters,
            "writes_that_had_to_wait": run.throttled,
            "given_back": run.postponed,
            "invocations": run.invocations,
            "raise": [
                {
                    "change": change.name,
                    "oldest_seconds": round(after.oldest_seconds, 1),
                    "costs": change.consequence,
                }
                for change, after in self.changes.get(mode, ())
            ],
        }


def settings_text(pipelines: Mapping[Mode, Settings]) -> str:
    """Return what sets the pace, and how much can be stored for ever."""
    lines = ["As this folder deploys it:"]
    for mode, settings in pipelines.items():
        pace = (
            f"{settings.concurrency} invocations at once"
            if settings.drain_seconds is None
            else f"a drain every {settings.drain_seconds:g} s"
        )
        lines.append(
            f"  {mode:8}{pace}, batches of {settings.batch_size}, timeout {settings.timeout_seconds:g} s, visibility "
            f"{settings.visibility_seconds:g} s, {settings.receive_limit} receives, {settings.write_units:g} write "
            "units and what of them was unused for five minutes; an invocation takes "
            f"{settings.invocation_seconds * 1000:.0f} ms and {settings.message_seconds * 1000:.0f} ms a message. "
            f"For ever: {sustained(settings):.1f} a second, "
            f"{most_stored(settings) / 1e6:.0f} million a month"
        )
    return "\n".join([*lines, "  Times are those counted, times Lambda's share of a processor: see docs/scaling.md."])


def _duration(seconds: float) -> str:
    if seconds < 100:  # noqa: PLR2004 - a status
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 10_000 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004 - a status
