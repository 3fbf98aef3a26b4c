"""`make demo`: a visitor's question goes in, a weekly report with that question in it comes out as an e-mail."""

import datetime
import json
import threading
import zoneinfo
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import urllib3

from local.programs import ProgramError
from local.progress import Progress
from local.replay import entries_of_events
from local.stack import TIME_ZONE, Stack, stack
from local.traffic import Visit, milliseconds, monday, visits
from local.worker import SITE

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
            mail = report(running, week=f"{now:%G-W%V}")
        summary = _summary(running, sent, waited)
    (directory / "mail.json").write_text(json.dumps(mail, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (directory / "report.html").write_text(mail["BodyHtml"], encoding="utf-8")
    (directory / "report.txt").write_text(mail["BodyText"], encoding="utf-8")
    summary = Summary(**{**asdict(summary), "total_seconds": round(progress.elapsed, 1)})
    (directory / "summary.json").write_text(json.dumps(asdict(summary), indent=2) + "\n", encoding="utf-8")
    return summary


@dataclass(frozen=True)
class Sent:
    """The ids of the exchanges that were sent, and of those that were rated."""

    exchanges: frozenset[str]
    rated: frozenset[str]

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.exchanges | other.exchanges, self.rated | other.rated)


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


def ask_all(worker_url: str, asked: list[Visit]) -> Sent:
    """Put all questions to the Worker, some at a time, and let those visitors rate the answers who do.

    Raises:
        ProgramError: it does not answer one.
    """
    pool = urllib3.PoolManager(maxsize=_CLIENTS)

    def post(visit: Visit, path: str, body: dict[str, str]) -> dict[str, Any]:
        response = pool.request("POST", worker_url + path, json=body, headers=visit.headers(), retries=False)
        if response.status not in {200, 202}:
            raise ProgramError(f"the Worker answered {response.status} to {body}: {response.data[:200]!r}")
        answer: dict[str, Any] = response.json()
        return answer

    def ask(visit: Visit) -> str:
        answer = post(visit, "/query", {"question": visit.question, "session": visit.session})
        identifier = str(answer["id"])
        if visit.rates:
            post(visit, "/feedback", {"id": identifier, "rating": visit.rating(answer["answer"])})
        return identifier

    with ThreadPoolExecutor(_CLIENTS) as clients:
        ids = list(clients.map(ask, asked))
    return Sent(
        frozenset(ids), frozenset(identifier for identifier, visit in zip(ids, asked, strict=True) if visit.rates)
    )


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


def report(running: Stack, *, week: str, site: str = SITE) -> dict[str, Any]:
    """Let the reporter make and send a weekly report, and return the mail that arrived.

    Args:
        running: the stack.
        week: an ISO week, such as 2026-W47.
        site: whose report.

    Raises:
        ProgramError: the reporter fails, or no mail arrives.
    """
    before = len(running.emulator.mails())
    payload = {"report": "weekly", "week": week, "site": site, "force": True}
    answer = running.emulator.client("lambda", read_timeout_seconds=180).invoke(
        FunctionName=f"{running.parameters['reporter-function-name']}:live", Payload=json.dumps(payload)
    )
    result = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise ProgramError(f"the reporter failed: {result}")
    mails = running.emulator.mails()[before:]
    if not mails:
        raise ProgramError(f"the reporter sent no mail; it answered {result}")
    return mails[-1]


def local(directory: Path, progress: Progress, *, port: int) -> None:
    """`make local`: keep the stack up and say where everything is, until Ctrl-C or SIGTERM."""
    with stack(directory / "stack", progress, worker_port=port) as running:
        parameters = running.parameters
        print(
            f"""
The stack is up. Ask the chatbot something:

  curl {running.worker_url}/query -H 'content-type: application/json' -d '{{"question": "What is a computer?"}}'

  Worker            {running.worker_url}   (a chat page in a browser)
  Queue             {parameters["queue-url"]}
  Dead letters      {parameters["dead-letter-queue-url"]}
  Table             {parameters["table-name"]}
  Mails             {running.emulator.url}/_ministack/ses/messages
  Logs              {running.directory / "logs"}

In another terminal, this lets the AWS command line and make dlq, redrive, report, export, forget work on it:

  export {" ".join(f"{name}={value}" for name, value in running.emulator.variables.items())}

Ctrl-C stops it.
""",
            flush=True,
        )
        with suppress(KeyboardInterrupt):  # how it is meant to end
            threading.Event().wait()
