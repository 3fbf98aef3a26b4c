"""A shop's chatbot from its history to the report of a whole week: what happens, in order."""

import datetime
import json
import time
import zoneinfo
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import urllib3

from stack.demo.chatbot import chatbot
from stack.demo.history import TROUBLED_DAY, WEEKS, history, write_rows
from stack.demo.live import Today, ask, questions
from stack.demo.make import make
from stack.demo.meters import by_day, give_metrics
from stack.demo.owner import PUBLIC_URL, alert, say_fixed
from stack.demo.summary import Sent, Summary, summarise
from stack.demo.topics import topics
from stack.programs import require_loopback, wait_until
from stack.progress import Progress
from stack.queue_faults import QueueFaults
from stack.sample_traffic.visits import monday
from stack.stack import TIME_ZONE, Stack, Variant, stack
from stack.worker import SITE

_SEED = 2026
_BEFORE_OUTAGE, _IN_OUTAGE = 60, 40
_PATIENCE_SECONDS = 180
_REPORTED_AT = datetime.timedelta(hours=8, minutes=40)


def demo(directory: Path, progress: Progress) -> Summary:
    """Run the demo and leave the report, the mails and the figures in `directory`.

    Args:
        directory: for `report.html`, `report.txt`, `mail.json`, `summary.json`, `history.jsonl` and the stack.
        progress: is told every step.

    Raises:
        ProgramError: a part of the stack fails, or something that was to happen does not.
    """
    require_loopback()
    now = datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE))
    faults = QueueFaults()
    with ExitStack() as resources:
        upstream = resources.enter_context(chatbot())
        variant = Variant(upstream=upstream, worker_url=PUBLIC_URL, queue_faults=faults, waits_for_functions=False)
        running = resources.enter_context(stack(directory / "stack", progress, variant))
        sent = _send(running, directory / "history.jsonl", now, faults, progress)
        mail = _report(running, sent.rows, now, progress)
        with progress.step("make report: the page of all weeks"):
            make(running, "report", {"SITE": SITE, "WEEK": _week(now, 1)})
        summary = summarise(running, sent)
    summary = replace(summary, total_seconds=round(progress.elapsed, 1))
    _write(directory, mail, summary)
    return summary


def _send(running: Stack, file: Path, now: datetime.datetime, faults: QueueFaults, progress: Progress) -> Sent:
    """Let visitors ask while the history comes in; wait until everything is stored."""
    rows = history(monday(now, weeks_before=WEEKS), seed=_SEED)
    write_rows(file, rows)
    with progress.step(f"Visitors: ask {_BEFORE_OUTAGE} questions with the openai package"):
        today = ask(running.worker_url, questions(_BEFORE_OUTAGE, seed=_SEED))
    down_seconds, waited = _outage(running, today, faults, progress)
    with progress.step(f"make import: {len(rows)} questions of the {WEEKS} weeks before"):
        collector = f"{running.worker_url}/edge-analytics/v1/events"
        variables = {"FILE": str(file), "COLLECTOR": collector, "SITE": SITE}
        printed = make(running, "import", variables, COLLECTOR_TOKEN=running.worker_variables["COLLECTOR_TOKEN"])
    progress.say(printed.strip().splitlines()[-1])
    with progress.step("Processor: wait until it is deployed"):
        running.wait_for(running.processor)
    with progress.step("Queue: wait until everything is stored"), running.explained():
        wanted = len(rows) + len(today.exchanges)
        wait_until(lambda: _stored(running) >= wanted, what="the table", seconds=_PATIENCE_SECONDS, every=1)
        running.queue.wait_until_empty(seconds=_PATIENCE_SECONDS)
    return Sent(rows, today, down_seconds, waited)


def _outage(running: Stack, today: Today, faults: QueueFaults, progress: Progress) -> tuple[float, int]:
    """Let the queue fail while visitors go on asking; return for how many seconds, and how many events waited."""
    begun = time.monotonic()
    faults.trouble = "down"
    with progress.step(f"The queue is down; visitors ask {_IN_OUTAGE} questions and are answered"):
        today.add(ask(running.worker_url, questions(_IN_OUTAGE, seed=_SEED + 1)))
        wait_until(lambda: _waiting(running) > 0, what="events in the outbox", seconds=_PATIENCE_SECONDS)
        time.sleep(1)
    waited = _waiting(running)
    faults.trouble = "none"
    progress.say(f"The queue is back; {waited} events wait in the Worker's outbox")
    return time.monotonic() - begun, waited


def _waiting(running: Stack) -> int:
    token = {"Authorization": f"Bearer {running.worker_variables['COLLECTOR_TOKEN']}"}
    answer = urllib3.request("GET", f"{running.worker_url}/edge-analytics/health", headers=token, retries=False)
    return int(answer.json().get("waiting") or 0)


def _stored(running: Stack) -> int:
    return sum("outcome" in item for item in running.items())


def _report(running: Stack, rows: list[dict[str, Any]], now: datetime.datetime, progress: Progress) -> dict[str, Any]:
    """Do what the schedules and the owner did in these weeks; return the mail with the report of the last one."""
    with progress.step("Reporter: wait until it is deployed"):
        running.wait_for(running.reporter)
    give_metrics(running, by_day([row["asked_at"] for row in rows]), now)
    mail: dict[str, Any] = {}
    for ago in range(WEEKS, 1, -1):
        with progress.step(f"Reporter: the report of {_week(now, ago)}"):
            mail = running.send_weekly_report(week=_week(now, ago))
    fixed = [topic for topic in topics() if topic.fate]
    last_monday = monday(now, weeks_before=1)
    with progress.step("Owner: calls gaps fixed, by the links in that mail"):
        count = say_fixed(running, mail, fixed, last_monday + _REPORTED_AT)
    progress.say(f"{count} gaps were called fixed")
    troubled = (last_monday + datetime.timedelta(days=TROUBLED_DAY)).date()
    with progress.step(f"Reporter: the daily run for {troubled}"):
        sentences = alert(running, troubled)
    progress.say(f"Alert: {' '.join(sentences) or 'none'}")
    with progress.step(f"Reporter: the report of {_week(now, 1)}"):
        return running.send_weekly_report(week=_week(now, 1))


def _week(now: datetime.datetime, ago: int) -> str:
    return f"{monday(now, weeks_before=ago):%G-W%V}"


def _write(directory: Path, mail: dict[str, Any], summary: Summary) -> None:
    (directory / "mail.json").write_text(json.dumps(mail, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (directory / "report.html").write_text(mail["BodyHtml"], encoding="utf-8")
    (directory / "report.txt").write_text(mail["BodyText"], encoding="utf-8")
    (directory / "summary.json").write_text(json.dumps(asdict(summary), indent=2) + "\n", encoding="utf-8")
