"""What a simulated day is set up by, and what happened on it."""

from dataclasses import dataclass, field
from itertools import accumulate


@dataclass(frozen=True)
class Settings:
    """What sets the pace."""

    concurrency: int
    batch_size: int
    timeout_seconds: float
    visibility_seconds: float
    receive_limit: int
    write_units: float
    """Writes a second that the table takes, exchanges being at most 1 KB."""
    invocation_seconds: float
    """What an invocation takes besides its messages."""
    message_seconds: float
    drain_seconds: float | None = None
    """Between two scheduled drains; None where Lambda polls the queue."""


@dataclass(frozen=True)
class Trouble:
    """What goes wrong on purpose."""

    invalid_every: int = 0
    """Every nth message can never be stored; 0 for none."""
    outage_begin: float = 0
    outage_seconds: float = 0
    """For how long the table takes nothing."""

    @property
    def expected(self) -> bool:
        """Whether anything goes wrong at all."""
        return bool(self.invalid_every or self.outage_seconds)

    @property
    def outage_end(self) -> float:
        """When the table takes writes again."""
        return self.outage_begin + self.outage_seconds


NO_TROUBLE = Trouble()


@dataclass
class Run:
    """What happened."""

    bucket_seconds: float
    stored: int = 0
    dead_letters: int = 0
    throttled: int = 0
    """Writes that the table did not take at once."""
    postponed: int = 0
    """Times that a message was returned to the queue because the table took nothing in time."""
    invocations: int = 0
    oldest_seconds: float = 0
    """The longest that a message waited to be stored."""
    finished: float = 0
    """When the last message was stored or dead-lettered, in seconds from the beginning."""
    arrivals: list[int] = field(default_factory=list)
    departures: list[int] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    """By bucket of time: how many came, how many were stored or dead-lettered, and the longest that one had waited."""

    @property
    def depths(self) -> list[int]:
        """How many messages were in the queue at the end of each bucket."""
        return [came - went for came, went in zip(accumulate(self.arrivals), accumulate(self.departures), strict=True)]

    def arrive(self, time: float) -> None:
        """Note a message's arrival."""
        self.arrivals[self._bucket(time)] += 1

    def depart(self, time: float, arrived: float, *, dead: bool = False) -> None:
        """Note that a message was stored or dead-lettered."""
        bucket, age = self._bucket(time), time - arrived
        self.departures[bucket] += 1
        self.finished = max(self.finished, time)
        if dead:
            self.dead_letters += 1
            return
        self.stored += 1
        self.ages[bucket] = max(self.ages[bucket], age)
        self.oldest_seconds = max(self.oldest_seconds, age)

    def _bucket(self, time: float) -> int:
        bucket = int(time / self.bucket_seconds)
        missing = bucket + 1 - len(self.arrivals)
        if missing > 0:
            self.arrivals += [0] * missing
            self.departures += [0] * missing
            self.ages += [0.0] * missing
        return bucket
