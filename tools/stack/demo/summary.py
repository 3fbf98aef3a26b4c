"""What became of everything that was sent."""

from dataclasses import dataclass
from typing import Any

from stack.demo.live import Today
from stack.stack import Stack
from stack.worker import SITE


@dataclass(frozen=True)
class Summary:
    """Counts of exchanges: questions with what became of them."""

    sent: int
    imported: int
    live: int
    """Asked through the proxy."""
    live_streams: dict[str, int]
    """How the streams ended, as the client saw it."""
    live_tokens: int
    stored: int
    ratings_sent: int
    ratings_stored: int
    dead_lettered: int
    duplicates: int
    lost: int
    queue_down_seconds: float
    waited_in_outbox: int
    """Events that the Worker kept while the queue was down."""
    total_seconds: float

    @property
    def is_good(self) -> bool:
        """Whether everything arrived, once."""
        arrived = self.sent == self.stored and self.ratings_sent == self.ratings_stored
        return arrived and not (self.dead_lettered or self.duplicates or self.lost)


@dataclass(frozen=True)
class Sent:
    """What was sent."""

    rows: list[dict[str, Any]]
    """Of the history."""
    today: Today
    down_seconds: float
    waited: int


def summarise(running: Stack, sent: Sent) -> Summary:
    """Compare what is stored with what was sent."""
    items = [item for item in running.items() if item["pk"]["S"].startswith(f"site#{SITE}#day#")]
    stored = [item["sk"]["S"] for item in items if "outcome" in item]
    rated = [item["sk"]["S"] for item in items if "rating" in item]
    exchanges = len(sent.rows) + len(sent.today.exchanges)
    return Summary(
        sent=exchanges,
        imported=len(sent.rows),
        live=len(sent.today.exchanges),
        live_streams=dict(sent.today.finishes),
        live_tokens=sent.today.tokens,
        stored=len(set(stored)),
        ratings_sent=sum("rating" in row for row in sent.rows) + len(sent.today.rated),
        ratings_stored=len(set(rated)),
        dead_lettered=running.dead_letter_queue.depth(),
        duplicates=len(stored) - len(set(stored)),
        lost=max(exchanges - len(set(stored)), 0),
        queue_down_seconds=round(sent.down_seconds, 1),
        waited_in_outbox=sent.waited,
        total_seconds=0,
    )
