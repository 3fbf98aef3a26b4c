"""`make demo`: a visitor's question goes in, a weekly report with that question in it comes out as an e-mail."""

import datetime
import json
import zoneinfo
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.progress import Progress
from stack.sample_traffic.ask import Sent, ask_all
from stack.sample_traffic.replay import entries_of_events
from stack.sample_traffic.visits import milliseconds, monday, visits
from stack.stack import TIME_ZONE, Stack, stack

LIVE_EXCHANGES = 600
REPLAYED_EXCHANGES = 2400
REPLAYED_WEEKS = 4
_CLIENTS = 4
_SEED = 2026


@dataclass(frozen=True)
class Summary:
    """What became of everything that was sent."""

    sent: int
    """Exchanges: questions with what became of them."""
    stored: int
    ratings_sent: int
    ratings_stored: int
    dead_lettered: int
    duplicates: int
    lost: int
    queue_empty_seconds: float
    total_seconds: float

    @property
    def is_good(self) -> bool:
        """Whether everything arrived, once."""
        arrived = self.sent == self.stored and self.ratings_sent == self.ratings_stored
        return arrived and not (self.dead_lettered or self.duplicates or self.lost)


def demo(directory: Path, progress: Progress) -> Summary:
    """Run the demo and leave `report.html`, `report.txt`, `mail.json` and `summary.json` in `directory`.

    Raises:
        ProgramError: a part of the stack fails, or no mail arrives.
    """
    with stack(directory / "stack", progress) as running:
        now = datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE))
        sent = _send_live(running, now, progress) + _replay(running, now, progress)
        begun = progress.elapsed
        with progress.step("Queue: wait until it is empty"):
            running.queue.wait_until_empty(seconds=180)
        waited = progress.elapsed - begun
        with progress.step("Reporter: make and send this week's report"):
            mail = running.send_weekly_report(week=f"{now:%G-W%V}")
        summary = _summary(running, sent, waited)
    (directory / "mail.json").write_text(json.dumps(mail, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (directory / "report.html").write_text(mail["BodyHtml"], encoding="utf-8")
    (directory / "report.txt").write_text(mail["BodyText"], encoding="utf-8")
    summary = Summary(**{**asdict(summary), "total_seconds": round(progress.elapsed, 1)})
    (directory / "summary.json").write_text(json.dumps(asdict(summary), indent=2) + "\n", encoding="utf-8")
    return summary


def _summary(running: Stack, sent: Sent, waited: float) -> Summary:
    items = [item for item in running.items() if "#day#" in item["pk"]["S"]]
    stored = [item["sk"]["S"] for item in items if "outcome" in item]
    rated = {item["sk"]["S"] for item in items if "rating" in item}
    return Summary(
        sent=len(sent.exchanges),
        stored=len(sent.exchanges & set(stored)),
        ratings_sent=len(sent.rated),
        ratings_stored=len(sent.rated & rated),
        dead_lettered=running.dead_letter_queue.depth(),
        duplicates=len(stored) - len(set(stored)),
        lost=len(sent.exchanges - set(stored)),
        queue_empty_seconds=round(waited, 1),
        total_seconds=0,
    )


def _send_live(running: Stack, now: datetime.datetime, progress: Progress) -> Sent:
    """Ask the Worker, as visitors would."""
    moment = milliseconds(now)
    asked = visits(LIVE_EXCHANGES, begin=moment, end=moment + 60_000, seed=_SEED)
    with progress.step(f"Visitors: ask the Worker {len(asked)} questions"):
        return ask_all(running.worker_url, asked)


def _replay(running: Stack, now: datetime.datetime, progress: Progress) -> Sent:
    """Put the four weeks before on the queue, in the Worker's own words."""
    begin, end = monday(now, weeks_before=REPLAYED_WEEKS), monday(now)
    asked = visits(REPLAYED_EXCHANGES, begin=milliseconds(begin), end=milliseconds(end), seed=_SEED + 1)
    with progress.step(f"Replay: {len(asked)} questions over the {REPLAYED_WEEKS} weeks before, straight to the queue"):
        events = entries_of_events(asked, knowledge=running.knowledge)
        running.queue.send([event.entry for event in events])
    return Sent(
        frozenset(event.id for event in events if event.type == "exchange"),
        frozenset(event.id for event in events if event.type == "feedback"),
    )
