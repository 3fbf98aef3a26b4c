"""How much is measured, in the full run and in the quick one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The sizes of one run."""

    open_rounds: int
    """Rounds of the open loop. In each, every variant of the Worker has its turn, in random order."""
    open_requests: int
    """Requests of each variant in a round."""
    stream_rounds: int
    """Rounds of streams that are measured; in each, every kind has its turn, in random order."""
    closed_requests: int
    """Requests of each variant in a closed loop."""
    events: int
    """Events that the Worker sends in all, of which none may be lost."""
    counted_exchanges: int
    """Exchanges whose calls, write units and requests are counted."""
    rounds: int
    """Rounds of the processors; in each, both have their turn."""
    round_messages: int
    """Messages in the queue when a processor begins its turn."""
    cold_starts: int
    day: int
    """Exchanges of the day that is rolled up, and of the larger week."""
    reports: int
    """How often the weekly report of each week is made."""
    quiet_weeks: int
    """Weeks in which nothing changes, of each kind of site; each is put beside three others."""
    latencies: int
    """Questions whose way into the table is timed."""

    @property
    def requests(self) -> int:
        """Requests of each variant in the open loop."""
        return self.open_rounds * self.open_requests


FULL = Plan(
    open_rounds=30,
    open_requests=100,
    stream_rounds=20,
    closed_requests=200,
    events=20_000,
    counted_exchanges=1_000,
    rounds=6,
    round_messages=500,
    cold_starts=15,
    day=1_000_000,
    reports=8,
    quiet_weeks=138,
    latencies=200,
)

QUICK = Plan(
    open_rounds=5,
    open_requests=40,
    stream_rounds=3,
    closed_requests=60,
    events=2_000,
    counted_exchanges=200,
    rounds=3,
    round_messages=200,
    cold_starts=5,
    day=50_000,
    reports=3,
    quiet_weeks=46,
    latencies=60,
)
