"""What the owner should do next, most pressing first: the report's first lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from reporter.report.change import percent
from reporter.report.defang import defang
from reporter.report.figures import duration
from reporter.report.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reporter.report.weekly_report import Report
    from reporter.rollups.clusters import Moments

_MOST: Final = 5
_QUOTED: Final = 90
_NAMED: Final = 60

# Shares of all questions that are worth a look, if they are surely exceeded (one-sided, 97.5%).
_ERRORS: Final = 0.02
_ABANDONED: Final = 0.05
_Z: Final = 1.959964

# Losses below both are told further down, and nothing has to be done about them.
_LOST_SHARE: Final = 0.01
_LOST_EVENTS: Final = 5

# A free tier that is used up so far, or will be at the month's end, needs attention in time.
_TIER_NEARLY_USED: Final = 0.8

# So many fewer questions, if it is no chance, are looked into first.
_SILENCE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do, and why.

    Attributes:
        quote: a visitor's words, already made safe to show.
        topic: the id of the topic that it is about, for links to decide on it; empty where there is none.
        commands: what `why` tells to run, each between backticks there.

    """

    do: str
    why: str
    quote: str = ""
    topic: str = ""
    commands: tuple[str, ...] = ()


def advise(report: Report) -> list[Advice]:
    """Return at most five things to do, at most one of them about operations."""
    operations = islice((*_failed_messages(report), *_losses(report), *_meter(report)), 1)
    content = (*_failures(report), *_gaps(report), *_words(report), *_sources(report))
    return [*_silence(report), *operations, *content][:_MOST]


def _silence(report: Report) -> Iterator[Advice]:
    last = report.data.weeks[1].exchanges if len(report.data.weeks) > 1 else 0
    now = report.this.exchanges
    if not report.is_over or not last or now > last * _SILENCE or (now and "questions" not in report.real_changes):
        return
    yield Advice(
        "Check that the chatbot works and still sends its events",
        f"{counted(last, 'question')} last week, {now:,} now.",
    )


def _failed_messages(report: Report) -> Iterator[Advice]:
    waiting = report.data.dead_letters
    if waiting:
        yield Advice(
            f"Send failed messages again: {waiting:,} waiting (all sites)",
            "They could not be stored, and are kept for 14 days. `make dlq` shows why, `make redrive` sends them "
            "again; what they hold then counts in the week it belongs to.",
            commands=("make dlq", "make redrive"),
        )


def _losses(report: Report) -> Iterator[Advice]:
    delivery = report.delivery
    if delivery.is_upper_bound or delivery.lost < max(_LOST_EVENTS, _LOST_SHARE * delivery.made):
        return
    why = f"{delivery.given_up:,} of them were dropped by the Worker after all its attempts: see its log."
    if delivery.still_waiting:
        why += f" Not counted: {counted(delivery.still_waiting, 'event')} still waiting to be sent when last seen."
    yield Advice(f"Find out why events are missing: {delivery.lost:,} of {delivery.made:,}", why)


def _meter(report: Report) -> Iterator[Advice]:
    for reading in report.data.usage:
        if reading.share >= _TIER_NEARLY_USED:
            yield Advice(
                f"Watch the free tier of {reading.tier.name}: {percent(reading.share)} of its {reading.tier.unit}",
                "So much will be used by the month's end at this pace. Beyond the free tier it costs money.",
            )


def _failures(report: Report) -> Iterator[Advice]:
    clusters, total = report.this.clusters, report.this.exchanges
    errors, abandoned = report.this.outcomes["error"], report.this.outcomes["abandoned"]
    if errors > 1 and _at_least(clusters.of("error")) > _ERRORS:
        yield Advice(
            f"Look at the errors: {errors:,} of {counted(total, 'question')}",
            "Answering failed; the Worker's log has the reasons.",
        )
    if abandoned > 1 and _at_least(clusters.of("abandoned")) > _ABANDONED:
        waited = report.this.latencies["waited"].at(0.5)
        after = "" if waited is None else f" Half of them had waited {duration(waited)}."
        yield Advice(
            f"Answer sooner: {abandoned:,} of {counted(total, 'question')} were left before the answer came",
            f"Visitors closed the page or went elsewhere.{after}",
        )


def _gaps(report: Report) -> Iterator[Advice]:
    for gap in report.asked.gaps(3):
        near = f" The nearest source is {defang(gap.nearest_source, _NAMED)}." if gap.nearest_source else ""
        asked = f"Asked {gap.group.count:,}×"
        if gap.in_parts:
            asked += f" ({gap.in_parts})"
        if gap.group.sessions and gap.group.sessions != gap.group.count:
            asked += f" in {counted(gap.group.sessions, 'session')}"
        if gap.is_disliked:
            comment = f" “{defang(gap.comment, _QUOTED)}”" if gap.comment else ""
            why = f"{asked} and answered, but rated down {gap.group.down:,}× and up {gap.group.up:,}×.{comment}{near}"
            yield Advice("Correct the answer to", why, defang(gap.example, _QUOTED), gap.topic)
        elif gap.failed > 1:
            before = f" Asked {gap.before.count:,}× in the weeks before." if gap.before.count else ""
            why = f"{asked}, {gap.failed:,}× without a good answer.{near}{before}"
            yield Advice("Write an answer to", why, defang(gap.example, _QUOTED), gap.topic)


def _words(report: Report) -> Iterator[Advice]:
    for chain in report.chains:
        topic = report.asked.topic_of(chain.questions[0])
        if chain.worked and (not topic or report.asked.is_listed(topic)):
            yield Advice(
                "Add a visitor's words to an answer that exists",
                f"Asked again as “{defang(chain.questions[-1], _QUOTED)}”, it was answered.",
                defang(chain.questions[0], _QUOTED),
                topic,
            )
            return


def _sources(report: Report) -> Iterator[Advice]:
    for source in report.sources_disliked[:1]:
        yield Advice(
            f"Rework the source {defang(source.name, _NAMED)}",
            f"Its answers were rated down {source.down:,}× and up {source.up:,}×.",
        )


def _at_least(moments: Moments) -> float:
    """Return what a share surely exceeds, with sessions as the unit."""
    if not moments.whole:
        return 0.0
    rate = moments.part / moments.whole
    return rate - _Z * math.sqrt(moments.residual(rate)) / moments.whole
