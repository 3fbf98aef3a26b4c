"""What the owner should do next, most pressing first: the report's first lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reporter.report.change import Share
from reporter.report.defang import defang
from reporter.report.figures import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reporter.report.weekly_report import Report

_MOST: Final = 4
_QUOTED: Final = 90
_NAMED: Final = 60

# Shares of all questions that are worth a look, if they are surely exceeded (Wilson interval).
_ERRORS: Final = 0.02
_ABANDONED: Final = 0.05

# A free tier that is used up so far, or will be at the month's end, needs attention in time.
_OFFER_NEARLY_USED: Final = 0.8


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do, and why; `quote` is a visitor's words, already made safe to show."""

    do: str
    why: str
    quote: str = ""


def advise(report: Report) -> list[Advice]:
    """Return at most four things to do: what threatens the numbers first, then what pays most."""
    every = [*_delivery(report), *_meter(report), *_failures(report), *_content(report)]
    return every[:_MOST]


def _delivery(report: Report) -> Iterator[Advice]:
    waiting = report.data.dead_letters
    if waiting:
        yield Advice(
            f"Look into the dead-letter queue: {waiting:,} waiting",
            "They failed to be stored. The runbook tells how to read and redrive them; "
            "what is redriven shows as a correction next week.",
        )
    missing = report.delivery.missing - (waiting or 0)
    if missing > 0:
        yield Advice(
            f"Find out why events were lost: {missing:,} of {report.delivery.made:,}",
            f"{report.delivery.given_up:,} of them were given up at the edge; see its log.",
        )


def _meter(report: Report) -> Iterator[Advice]:
    for reading in report.data.usage:
        if reading.share >= _OFFER_NEARLY_USED:
            yield Advice(
                f"Mind the free tier of {reading.tier.name}: {reading.tier.unit}",
                f"At this pace the month ends at {reading.share:.0%} of it.".replace("%", " %"),
            )


def _failures(report: Report) -> Iterator[Advice]:
    total, outcomes = report.this.exchanges, report.this.outcomes
    errors = Share(outcomes["error"], total)
    if errors.part > 1 and errors.interval[0] > _ERRORS:
        yield Advice(
            f"Look at the errors: {errors.part:,} of {total:,} questions",
            "Answering failed; the Worker's log has the reasons.",
        )
    abandoned = Share(outcomes["abandoned"], total)
    waited = report.this.latencies["waited"].at(0.5)
    if abandoned.part > 1 and abandoned.interval[0] > _ABANDONED:
        after = f" after {duration(waited)} (median)" if waited is not None else ""
        yield Advice(
            f"Answer faster: {abandoned.part:,} of {total:,} visitors left without an answer",
            f"They left{after}.",
        )


def _content(report: Report) -> Iterator[Advice]:
    for gap in report.asked.gaps(2):
        if gap.failed < 2:  # noqa: PLR2004 - once may be chance
            continue
        near = f" The nearest source is {defang(gap.nearest_source, _NAMED)}." if gap.nearest_source else ""
        again = f" Asked {gap.before.count:,}× in the weeks before." if gap.before.count else ""
        yield Advice(
            "Write an answer to",
            f"Asked {gap.group.count:,}×, {gap.failed:,}× without a good answer.{near}{again}",
            defang(gap.example, _QUOTED),
        )
    for chain in report.this.rephrasing.chains:
        if chain.worked:
            yield Advice(
                "Teach it these words",
                f"Asked again as “{defang(chain.questions[-1], _QUOTED)}”, it was answered.",
                defang(chain.questions[0], _QUOTED),
            )
            break
    for source in report.sources_disliked[:1]:
        yield Advice(
            f"Rework the source {defang(source.name, _NAMED)}",
            f"Its answers were rated down {source.down:,}× and up {source.up:,}×.",
        )
