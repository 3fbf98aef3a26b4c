"""Memory while a day is rolled up does not grow with the day."""

from __future__ import annotations

import random
import tracemalloc
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reporter.exchange import OUTCOMES, Exchange, Origin
from reporter.period import day_bounds, parse_day
from reporter.rollups import clusters, distinct, ledger, questions, rephrasing, rollup_builder

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE = ZoneInfo("Europe/Madrid")
DAY = parse_day("2026-11-10")


def all_different(count: int) -> Iterator[Exchange]:
    """Exchanges of which no two have anything in common: the worst there can be."""
    begin, end = day_bounds(DAY, ZONE)
    chance = random.Random(count)
    for number in range(count):
        yield Exchange(
            id=str(number),
            moment_ms=begin + (end - begin) * number // count,
            outcome=OUTCOMES[number % 6],
            question=f"{chance.randrange(10**9):09d} {chance.randrange(10**9):09d}",
            sources=(f"source {number}",),
            latency_ms={"total": chance.lognormvariate(6, 1)},
            session=f"session {number}",
            visitor=f"visitor {number}",
            referrer=f"host{number}.example.com",
            rating="down",
            comment=f"comment {number}" * 10,
            origins=(Origin(f"iso{number}", 2),),
        )


def peak_bytes(count: int) -> int:
    tracemalloc.start()
    rollup_builder.roll_up(all_different(count), DAY, ZONE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.no_cover
def test_memory_stays_within_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    # The bounds of production at about a hundredth, so that they are reached soon. Without them
    # these exchanges take 9.5 MB, with them 2.7 MB.
    monkeypatch.setattr(questions, "_LIVE_GROUPS", 200)
    monkeypatch.setattr(rephrasing, "_LIVE_SESSIONS", 200)
    monkeypatch.setattr(ledger, "_LIVE_ISOLATES", 100)
    monkeypatch.setattr(distinct, "KEPT", 20)
    monkeypatch.setattr(rollup_builder, "_LIVE_NAMES", 20)
    monkeypatch.setattr(rollup_builder, "_LIVE_ASKERS", 500)
    monkeypatch.setattr(clusters, "_LIVE_SESSIONS", 200)

    assert peak_bytes(4_000) < 5_000_000
