"""How the pipeline did, in a few lines, from what was measured."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from reporter.report.change import Share, percent
from reporter.report.cold_starts import MOST_STREAMS
from reporter.report.deployments import DAYS
from reporter.report.figures import duration, samples_needed
from reporter.report.sentences import counted

if TYPE_CHECKING:
    from reporter.report.weekly_report import Report

_SLOW: Final = 0.95
_SECOND_MS: Final = 1000
_TIER_WORTH_A_LINE: Final = 0.5


def pipeline_lines(report: Report) -> list[tuple[str, str]]:
    """Return a title and a sentence for each of four figures."""
    return [
        ("Recorded", _recorded(report)),
        ("Answered without an error", f"{_uptime(report)}; {_speed(report)}."),
        ("Starts and deployments", f"{_starts(report)}; {_deployments(report)}."),
        ("Free tier", _free_tier(report)),
    ]


def meters_worth_a_line(report: Report) -> list[str]:
    """Return a sentence for each further free tier of which more than half is used, or will be."""
    ranked = sorted(report.data.usage, key=lambda reading: -reading.share)
    return [
        f"{reading.tier.name} {reading.tier.unit}: {percent(reading.share)} of the free tier by the month's end"
        for reading in ranked[1:]
        if reading.share > _TIER_WORTH_A_LINE
    ]


def _recorded(report: Report) -> str:
    delivery, failed = report.delivery, report.data.dead_letters
    if not delivery.made:
        stored = "no event of this week has arrived"
    elif not delivery.missing:
        stored = f"all {counted(delivery.made, 'event')} are stored"
    else:
        at_most = "at most " if delivery.is_upper_bound else ""
        stored = (
            f"{percent(delivery.stored / delivery.made)} of {counted(delivery.made, 'event')} stored, "
            f"{at_most}{delivery.missing:,} missing"
        )
        if delivery.given_up:
            stored += f", {delivery.given_up:,} of them dropped by the Worker after all its attempts"
        stored += _still_waiting(report)
    if failed is None:
        return f"{stored}; the queue of failed messages could not be read."
    if failed:
        return f"{stored}; {counted(failed, 'failed message')} of all sites can still be sent again."
    return f"{stored}; no failed messages to send again."


def _still_waiting(report: Report) -> str:
    """Tell what waited in the Worker's outbox, on the owner's clock; a day outside the week with its date."""
    waiting = report.delivery.waiting
    if waiting is None or not waiting.events:
        return ""
    seen = datetime.fromtimestamp(waiting.moment_ms / 1000, report.data.zone)
    day = f"{seen:%A}" if seen.date() in report.week.days else f"{seen:%A}, {seen.day} {seen:%B}"
    return f"; {waiting.events:,} still waiting to be sent when last seen on {day} at {seen:%H:%M}"


def _uptime(report: Report) -> str:
    total, errors = report.this.exchanges, report.this.outcomes["error"]
    if not total:
        return "nobody asked"
    return f"{Share(total - errors, total)} ({counted(errors, 'error')} seen by visitors)"


def _speed(report: Report) -> str:
    slow = report.this.latencies["total"]
    if slow.count < samples_needed(_SLOW):
        return "too few answers to tell their speed"
    return f"19 of 20 answers within {duration(slow.at(_SLOW))}"


def _starts(report: Report) -> str:
    worker, functions = report.this.ledger.isolates, report.data.cold_starts
    others = "those of the functions not known"
    if functions is not None:
        others = f"{'at least ' if functions >= MOST_STREAMS else ''}{functions:,} of the functions"
    return f"{counted(worker, 'cold start')} of the Worker, {others}"


def _deployments(report: Report) -> str:
    """Tell of the functions' deployments: the Worker's are Cloudflare's, and not seen here."""
    deployments = report.data.deployments
    if deployments is None:
        return "deployments not known"
    if deployments.median_seconds is None:
        return f"no deployment in {DAYS} days"
    ended, succeeded = len(deployments.ended), deployments.succeeded
    took = duration(deployments.median_seconds * _SECOND_MS)
    made = f"{counted(ended, 'deployment')} in {DAYS} days"
    if ended == 1:
        return f"{made}, which {'succeeded in' if succeeded else 'failed after'} {took}"
    how_many = {ended: "all", 0: "none"}.get(succeeded, f"{succeeded:,}")
    return f"{made}, of which {how_many} succeeded; the median took {took}"


def _free_tier(report: Report) -> str:
    known = [reading for reading in report.data.usage if reading.used is not None]
    if not known:
        return "not measured; AWS has no figures yet, or may not be asked."
    most = max(known, key=lambda reading: reading.share)
    line = f"at most {percent(most.share)} used by the month's end ({most.tier.name} {most.tier.unit})"
    unknown = len(report.data.usage) - len(known)
    return f"{line}; {counted(unknown, 'figure')} not available." if unknown else f"{line}."
