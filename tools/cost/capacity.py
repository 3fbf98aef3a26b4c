"""What paces the deployed pipeline, and what could be raised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cost.calls import Measurement
from cost.deployed import Deployed
from cost.design import LARGEST_BATCH, MONTH_DAYS, aws_seconds
from cost.item_size import EVENTUALLY_CONSISTENT, READ_UNIT_BYTES
from cost.processing import LIMITS
from cost.simulated_day import Run, Settings
from cost.simulation import BURST_SECONDS, simulate

SECONDS_A_DAY = 86_400
_SOON_SECONDS = 60.0
"""Nobody waits for a report's figures: a minute is as good as at once."""
_WORTH_RAISING = 0.9
"""A change that leaves more than this share of the longest wait is none."""


@dataclass(frozen=True)
class Change:
    """Something that could be raised."""

    name: str
    settings: Settings
    consequence: str


def settings_of(pipeline: Deployed, counted: Measurement) -> Settings:
    """Return what sets the pace of a deployed pipeline, with functions as slow as Lambda may be."""
    message = counted.full_batch.seconds / LARGEST_BATCH
    invocation = max(0.0, counted.stream.seconds - message)
    return Settings(
        concurrency=pipeline.maximum_concurrency,
        batch_size=pipeline.batch_size,
        timeout_seconds=pipeline.processor.timeout_seconds,
        visibility_seconds=pipeline.visibility_seconds,
        receive_limit=pipeline.receive_limit,
        write_units=pipeline.write_units,
        invocation_seconds=aws_seconds(invocation, pipeline.processor),
        message_seconds=aws_seconds(message, pipeline.processor),
        drain_seconds=pipeline.drain_seconds,
    )


def sustained(settings: Settings) -> float:
    """Return how many exchanges a second can be stored for ever."""
    batch = settings.batch_size * settings.message_seconds
    if settings.drain_seconds is None:
        processor = settings.concurrency * settings.batch_size / (settings.invocation_seconds + batch)
    else:
        usable = (
            settings.timeout_seconds
            - LIMITS.deadline_margin_seconds
            - LIMITS.min_seconds_to_receive
            - settings.invocation_seconds
        )
        processor = usable / settings.message_seconds / settings.drain_seconds
    return min(processor, settings.write_units)


def most_stored(settings: Settings) -> int:
    """Return how many exchanges a month can be stored, evenly spread."""
    return int(sustained(settings) * SECONDS_A_DAY * MONTH_DAYS)


def most_reported(pipeline: Deployed, counted: Measurement) -> int:
    """Return how many exchanges a month the daily report can read within its time and the table's capacity."""
    timeout = pipeline.reporter.timeout_seconds
    units = counted.reading.read_bytes / READ_UNIT_BYTES * EVENTUALLY_CONSISTENT
    most_a_day = [pipeline.read_units * (timeout + BURST_SECONDS) / units]
    if counted.reading.seconds:  # so little that a count may find nothing
        most_a_day.append(timeout / aws_seconds(counted.reading.seconds, pipeline.reporter))
    return int(min(most_a_day) * MONTH_DAYS)


def changes_of(settings: Settings) -> Iterator[Change]:
    """Yield what can be raised, each by itself and twice as far."""
    yield Change(
        f"the table's write capacity to {settings.write_units * 2:g} units",
        replace(settings, write_units=settings.write_units * 2),
        "charged by the hour beyond 25 units",
    )
    yield Change(
        "the processor's MemorySize to twice as much",
        replace(
            settings,
            invocation_seconds=settings.invocation_seconds / 2,
            message_seconds=settings.message_seconds / 2,
        ),
        "as many GB-seconds: twice the memory for half the time",
    )
    if settings.drain_seconds is None:
        yield Change(
            f"MaximumConcurrency to {settings.concurrency * 2}",
            replace(settings, concurrency=settings.concurrency * 2),
            "nothing, unless Lambda polls more for it",
        )
    else:
        yield Change(
            f"the drain to one every {settings.drain_seconds / 2:g} seconds",
            replace(settings, drain_seconds=settings.drain_seconds / 2),
            "one empty receive more for each run",
        )


def raised(arrivals: Sequence[float], settings: Settings, run: Run) -> list[tuple[Change, Run]]:
    """Return what makes the longest wait shorter, the most effective first; nothing if it is short as it is."""
    short = _SOON_SECONDS if settings.drain_seconds is None else settings.drain_seconds + settings.timeout_seconds
    if run.oldest_seconds <= short:
        return []
    tried = [(change, simulate(arrivals, change.settings)) for change in changes_of(settings)]
    worth = [(change, after) for change, after in tried if after.oldest_seconds < run.oldest_seconds * _WORTH_RAISING]
    return sorted(worth, key=lambda pair: pair[1].oldest_seconds)
