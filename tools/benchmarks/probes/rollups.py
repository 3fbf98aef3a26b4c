"""Runs the reporter's own code on made-up exchanges, with a table in memory in the place of DynamoDB's.

A program of its own, run with the reporter's Python: nothing else here imports the reporter. Its commands:

- `day COUNT QUESTIONS`: rolls a day up, whose exchanges are made as they are read, and prints how long that took, the
  making left out, and the most memory that this process has had;
- `week COUNT QUESTIONS FILE`: rolls the seven days of a week up and writes the rollups to the file;
- `weekly REPEATS FILE FILE`: makes and renders the weekly report from the rollups of each file in turn, in a site's
  history of five weeks like that one, and prints how long each time took, with the loading of the sentence encoder, and
  the most memory.

QUESTIONS is a JSON file with a list of questions, those asked most first.
"""

import itertools
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from boto3.dynamodb.types import Binary

from reporter.daily import DailyRollups
from reporter.period import Week, day_bounds
from reporter.report.rendering import render
from reporter.snapshots import Snapshots
from reporter.table import Table
from reporter.topics.encoder import sentence_encoder
from reporter.topics.site_topics import SiteTopics
from reporter.topics.topic import Topic
from reporter.weekly import ReportInputs, WeeklyReports

SITE = "demo.example.com"
ZONE = ZoneInfo("Europe/London")
WEEK = Week.parse("2026-W46")
NOW = datetime(2026, 11, 16, 7, tzinfo=UTC)
_WEEKS = 5
_PAGE = 1_100
"""Items of about 950 bytes: DynamoDB's page of 1 MB."""
_KIBIBYTES_PER_MEBIBYTE = 1024
_ANSWERS = 2_000
_OWN_WORDS_SHARE = 0.1
_RATED_SHARE = 0.1


def main() -> None:
    """Take the command from the command line and print its result as JSON."""
    command, *arguments = sys.argv[1:]
    commands: dict[str, Callable[..., Any]] = {"day": roll_up_day, "week": roll_up_week, "weekly": report}
    print(json.dumps(commands[command](*arguments)))


def roll_up_day(count: str, questions: str) -> dict[str, float]:
    """Roll one day up."""
    table = MemoryTable(Visitors(int(count), _read(questions)))
    begun = time.perf_counter()
    rollup = _days(table).refresh(WEEK.sunday)
    seconds = time.perf_counter() - begun
    if rollup.exchanges != int(count):
        sys.exit(f"{rollup.exchanges} exchanges were counted")
    return {
        "exchanges": int(count),
        "seconds": seconds - table.making_seconds,
        "making_seconds": table.making_seconds,
        "peak_mib": _peak_mib(),
    }


def roll_up_week(count: str, questions: str, file: str) -> dict[str, int]:
    """Roll seven days up, with the exchanges evenly spread over them."""
    table = MemoryTable(Visitors(int(count) // 7, _read(questions)))
    days = _days(table)
    exchanges = sum(days.refresh(day).exchanges for day in WEEK.days)
    stored = [item for key, item in table.rollups.items() if key.startswith("day#")]
    rollups = [item["rollup"].hex() for item in stored]
    week = {"exchanges": exchanges, "version": stored[0]["version"], "rollups": rollups}
    Path(file).write_text(json.dumps(week), encoding="utf-8")
    return {"exchanges": exchanges, "bytes": sum(map(len, rollups)) // 2}


def report(repeats: str, *files: str) -> list[dict[str, Any]]:
    """Make the report of each file's week in turn; the first turn warms up and does not count."""
    weeks = [json.loads(Path(file).read_text(encoding="utf-8")) for file in files]
    result: list[dict[str, Any]] = [{"exchanges": week["exchanges"], "seconds": []} for week in weeks]
    begun = time.perf_counter()
    if sentence_encoder() is None:
        sys.exit("the sentence encoder cannot be loaded")
    # Each week's run on Lambda is a cold start.
    loading = time.perf_counter() - begun
    stores = [MemoryTopics() for _ in weeks]
    for turn in range(int(repeats) + 1):
        for week, store, measured in zip(weeks, stores, result, strict=True):
            seconds = _report(week, store) + loading
            if turn:
                measured["seconds"].append(seconds)
            measured["peak_mib"] = _peak_mib()
    return result


def _report(week: dict[str, Any], topics: "MemoryTopics") -> float:
    table = MemoryTable()
    for ago, (day, rollup) in itertools.product(range(_WEEKS), zip(WEEK.days, week["rollups"], strict=True)):
        table.keep(day - timedelta(weeks=ago), bytes.fromhex(rollup), week["version"])
    reports = WeeklyReports(
        site=SITE,
        zone=ZONE,
        days=_days(table),
        snapshots=Snapshots(table, SITE),
        mailer=None,  # nothing is sent
        inputs=ReportInputs(lambda: 0, lambda _now: [], lambda _site: None),
        topics=lambda: SiteTopics(topics),
    )
    begun = time.perf_counter()
    made = reports.make(WEEK, NOW, refresh=False)
    render(made, again=False)
    seconds = time.perf_counter() - begun
    if made.this.exchanges != week["exchanges"] or table.read_exchanges:
        sys.exit("the report was not made from the rollups")
    if made.asked.followed is None or not made.asked.followed.by_meaning:
        sys.exit("the report was made without topics")
    topics.save(made.asked.followed.kept, made.asked.followed.gone)
    return seconds


def _days(table: "MemoryTable") -> DailyRollups:
    return DailyRollups(Table(table), SITE, ZONE, round(NOW.timestamp() * 1000))


def _read(questions: str) -> list[str]:
    found: list[str] = json.loads(Path(questions).read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Visitors:
    """Makes the items of a day: few questions are asked often, many once, and every tenth is in words of its own."""

    a_day: int
    questions: Sequence[str] = ()

    def pages(self, day: date) -> Iterator[list[dict[str, Any]]]:
        """Return the day's items in pages, as a query of DynamoDB does; only one page is held at a time."""
        made = self._items(day)
        return iter(lambda: list(itertools.islice(made, _PAGE)), [])

    def _items(self, day: date) -> Iterator[dict[str, Any]]:
        chance = random.Random(day.toordinal())
        weights = list(itertools.accumulate(1 / rank for rank in range(1, len(self.questions) + 1)))
        answers = [_answer(chance) for _ in range(_ANSWERS)]
        begin, end = day_bounds(day, ZONE)
        for number in range(self.a_day):
            asked_at = begin + (end - begin) * number // self.a_day
            [question] = chance.choices(self.questions, cum_weights=weights)
            if chance.random() < _OWN_WORDS_SHARE:
                question += f" {chance.randrange(10**6)} {chance.choice(self.questions)}"
            yield {
                **answers[chance.randrange(_ANSWERS)],
                "sk": _identifier(asked_at, number),
                "origins": {f"isolate{number % 97}/{number // 97 + 1}"},
                "asked_at": Decimal(asked_at),
                "question": question,
                "session": f"{number // 3:016x}",
                "visitor": f"{chance.randrange(max(1, self.a_day // 4)):016x}",
            }


def _answer(chance: random.Random) -> dict[str, Any]:
    """Return those attributes of an item that many exchanges may have in common."""
    outcome = chance.choices(("answered", "partial", "unanswered", "error"), (70, 15, 14, 1))[0]
    total = chance.lognormvariate(6, 0.7)
    answer = {
        "expires_at": Decimal(round(NOW.timestamp()) + 90 * 86_400),
        "exchange_order": f"{round(NOW.timestamp() * 1000):015d}#00000000",
        "answer": "The manual is on the shelf beside the door.",
        "outcome": outcome,
        "score": Decimal("0.75"),
        "latency_ms": {"total": Decimal(f"{total:.1f}"), "retrieval": Decimal(f"{total / 20:.1f}")},
        "country": chance.choice(("GB", "US", "DE", "FR", "ES")),
        "language": chance.choice(("en-GB", "de-DE", "fr-FR", "es-ES")),
        "referrer": chance.choice(("www.example.com", "search.example.org")),
        "device": chance.choice(("phone", "desktop", "tablet")),
        "sample_rate": Decimal(1),
    }
    if outcome in {"answered", "partial"}:
        answer["sources"] = [f"source-{chance.randrange(500)}"]
    if chance.random() < _RATED_SHARE:
        answer |= {"rating": chance.choice(("up", "down"))}
    return answer


@dataclass
class MemoryTable:
    """As much of boto3's `Table` as the reporter uses here."""

    visitors: Visitors = field(default_factory=lambda: Visitors(0))
    rollups: dict[str, dict[str, Any]] = field(default_factory=dict)
    making_seconds: float = 0
    """How long the making of exchanges has taken so far."""
    read_exchanges: int = 0
    _page: Iterator[list[dict[str, Any]]] = field(default_factory=lambda: iter(()))
    meta = SimpleNamespace(
        client=SimpleNamespace(exceptions=SimpleNamespace(ConditionalCheckFailedException=RuntimeError))
    )

    def query(self, **arguments: Any) -> dict[str, Any]:
        """Answer a query for a partition and a span of sort keys."""
        partition, span = arguments["KeyConditionExpression"].get_expression()["values"]
        name = partition.get_expression()["values"][1]
        _, first, last = span.get_expression()["values"]
        if name.endswith("#rollup"):
            return {"Items": [item for key, item in sorted(self.rollups.items()) if first <= key <= last]}
        day = name.partition("#day#")[2]
        if not day or day.endswith("#origins") or not self.visitors.a_day:
            return {"Items": []}
        if "ExclusiveStartKey" not in arguments:
            self._page = self.visitors.pages(date.fromisoformat(day))
        begun = time.perf_counter()
        items = next(self._page, [])
        self.making_seconds += time.perf_counter() - begun
        self.read_exchanges += len(items)
        wanted = [item for item in items if first <= item["sk"] <= last]
        return {"Items": wanted} | ({"LastEvaluatedKey": name} if items else {})

    def put_item(self, Item: dict[str, Any], **_: object) -> None:  # noqa: N803 - boto3's name
        """Keep a rollup."""
        self.rollups[Item["sk"]] = Item

    def keep(self, day: date, rollup: bytes, version: int) -> None:
        """Keep a rollup as if it had been made when late messages could no longer come."""
        made_at = round(NOW.timestamp() * 1000) + 86_400_000
        self.rollups[f"day#{day}"] = {
            "sk": f"day#{day}",
            "zone": ZONE.key,
            "version": version,
            "made_at": made_at,
            "rollup": Binary(rollup),
        }


@dataclass
class MemoryTopics:
    """The topics of one site, kept as the table keeps them."""

    kept: dict[int, Topic] = field(default_factory=dict)

    def load(self) -> list[Topic]:
        """Return all topics."""
        return list(self.kept.values())

    def save(self, kept: Sequence[Topic], gone: Sequence[int]) -> None:
        """Keep topics that have changed and forget those that are gone."""
        self.kept |= {topic.id: topic for topic in kept}
        for number in gone:
            self.kept.pop(number, None)


def _identifier(moment_ms: int, number: int) -> str:
    """Return a UUID version 7 (RFC 9562, section 5.7)."""
    moment = f"{moment_ms:012x}"
    return f"{moment[:8]}-{moment[8:]}-7000-8000-{number:012x}"


def _peak_mib() -> float:
    """Return the most memory this process has had resident, in MiB: Linux says it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _KIBIBYTES_PER_MEBIBYTE / (_KIBIBYTES_PER_MEBIBYTE if sys.platform == "darwin" else 1)


if __name__ == "__main__":
    main()
