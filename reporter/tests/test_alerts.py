"""Alerts from the rollups of a site: none in 26 quiet weeks, one for a fault, and none twice."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import boto3
import pytest

from reporter.alerts.alert import Alert, alert_of
from reporter.application import Application, ReportsFailedError
from reporter.channels.webhook import Webhook
from reporter.item_reader import read_item
from reporter.request import Request
from reporter.rollups.rollup import Rollup
from reporter.rollups.rollup_builder import roll_up
from reporter.settings import Settings
from reporter.table import Table
from stored import item

if TYPE_CHECKING:
    from collections.abc import Callable

SITE: Final = "demo.example.com"
UTC_ZONE: Final = ZoneInfo("UTC")
MONDAY: Final = date(2026, 5, 4)
BUSY: Final = [1.0, 1.1, 1.0, 0.9, 1.0, 0.5, 0.4]
QUESTIONS: Final = [
    ("Where is my parcel?", 0.1), ("How do I return a shoe?", 0.2), ("Do you ship to Norway?", 0.6),
    ("Which sizes are in stock?", 0.1), ("Can I pay by invoice?", 0.3), ("When do you open?", 0.05),
]  # fmt: skip


def a_day(day: date, *, sessions: float = 40, fault: Callable[[str, dict[str, Any]], None] | None = None) -> Rollup:
    """A day of sessions of one to four questions, the same at every run."""
    dice = random.Random(f"{day}{sessions}")
    items = []
    for session in range(round(dice.gauss(sessions * BUSY[day.weekday()], 4))):
        luck = dice.uniform(0.5, 1.5)
        for _ in range(dice.choice([1, 1, 2, 2, 3, 4])):
            question, failing = dice.choice(QUESTIONS)
            is_failed = dice.random() < failing * luck
            outcome = "answered" if not is_failed else dice.choice(["unanswered", "unanswered", "error"])
            more: dict[str, Any] = {
                "outcome": outcome,
                "latency_ms": {"total": round(dice.lognormvariate(6.5, 0.5), 1)},
                "model": {"name": "small-1", "cost_usd": 0.001},
                "session": f"{day}-{session}",
            }
            if dice.random() < 0.3:
                more["rating"] = "down" if dice.random() < (0.6 if is_failed else 0.1) else "up"
            if fault:
                fault(question, more)
            minute = dice.randrange(1_440)
            items.append(item(f"{day}T{minute // 60:02}:{minute % 60:02}", question, **more))
    read = [read_item(each, 0) for each in items]
    return Rollup.decode(roll_up(sorted(read, key=lambda each: each.moment_ms), day, UTC_ZONE).encode())


@cache
def quiet(day: date) -> Rollup:
    return a_day(day)


def alert(day: date, rollup: Rollup) -> Alert | None:
    return alert_of(SITE, day, rollup, [quiet(day - timedelta(weeks=ago)) for ago in range(1, 5)])


@pytest.mark.no_cover
@pytest.mark.no_cover
def test_26_quiet_weeks_give_no_alert() -> None:
    days = [MONDAY + timedelta(days=number) for number in range(28, 30 * 7)]

    assert [each.sentences for day in days if (each := alert(day, quiet(day)))] == []


def no_index(question: str, made: dict[str, Any]) -> None:
    if question in {"Where is my parcel?", "When do you open?", "Which sizes are in stock?"}:
        made["outcome"] = "unanswered"


def failing(_question: str, made: dict[str, Any]) -> None:
    made["outcome"] = "error"


def slow(_question: str, made: dict[str, Any]) -> None:
    made["latency_ms"] = {"total": made["latency_ms"]["total"] * 4}


def dear(_question: str, made: dict[str, Any]) -> None:
    made["model"] = {"name": "large-1", "cost_usd": 0.1}


def disliked(_question: str, made: dict[str, Any]) -> None:
    made["rating"] = "down"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (no_index, "of questions got no good answer; usually"),
        (failing, "of questions ended in an error; usually"),
        (slow, "of sessions waited longer than"),
        (dear, "The models cost $"),
        (disliked, "of ratings were thumbs down; usually"),
    ],
)
@pytest.mark.parametrize("weekday", range(5))
def test_a_week_with_a_fault_gives_an_alert(
    fault: Callable[[str, dict[str, Any]], None], sentence: str, weekday: int
) -> None:
    day = MONDAY + timedelta(weeks=8, days=weekday)

    told = alert(day, a_day(day, fault=fault))

    assert told
    assert any(sentence in each for each in told.sentences)


def test_silence_gives_an_alert() -> None:
    day = MONDAY + timedelta(weeks=8)

    told = alert(day, Rollup())

    assert told
    assert told.sentences[0].startswith("Nobody asked anything; on this weekday there are usually ")


def test_the_topics_that_fail_more_than_usual_are_named() -> None:
    day = MONDAY + timedelta(weeks=8)

    told = alert(day, a_day(day, fault=no_index))

    assert told
    assert len(told.topics) == 3
    assert {topic.partition("”")[0].strip("“") for topic in told.topics} == {
        "Where is my parcel?", "When do you open?", "Which sizes are in stock?",
    }  # fmt: skip


def test_what_visitors_typed_is_harmless_in_a_mail() -> None:
    told = Alert(SITE, MONDAY, ("40 % of questions got no good answer; usually 10 %.",), ("<img src=x> & more",))

    message = told.message()

    assert "<img" not in message.html
    assert "img" not in message.subject


class Chat:
    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def post(self, _url: str, body: bytes, _seconds: float) -> tuple[int, str]:
        self.bodies.append(body)
        raise ConnectionRefusedError


@pytest.fixture
def site(table: Any, environment: dict[str, str]) -> tuple[Application, Chat, datetime]:
    """A site with four quiet Mondays, and a fifth on which nothing is answered."""
    application = Application.from_settings(Settings.from_environment())
    chat = Chat()
    application.__dict__["webhook"] = Webhook("https://chat.example.com/secret", chat.post, lambda _seconds: None)
    day = date(2026, 11, 16)
    zone = application.settings.zone.key
    for ago in range(1, 5):
        before = day - timedelta(weeks=ago)
        Table(table).put_rollup(SITE, before, zone, quiet(MONDAY + timedelta(weeks=ago)), 1_763_000_000_000)
    for number in range(40):
        table.put_item(Item=item(f"{day}T10:{number:02}", outcome="error", session=f"s{number}"))
    return application, chat, datetime(2026, 11, 17, 5, tzinfo=UTC)


def test_a_day_has_one_alert_by_mail_and_chat_though_the_chat_is_gone(
    site: tuple[Application, Chat, datetime], mails: list[Any]
) -> None:
    application, chat, now = site

    answers = [
        application.run(Request.parse({"report": "daily"}), now, f"run-{number}", 900_000) for number in range(3)
    ]

    assert [("alert" in answer["reports"][0]) for answer in answers] == [True, False, False]
    assert len(mails) == 1
    assert mails[0].subject.startswith(f"Alert, {SITE}: ")
    assert len(chat.bodies) == 3  # three attempts, of the first run


def test_the_weekly_report_goes_to_the_chat_after_the_mails_though_one_is_refused(
    site: tuple[Application, Chat, datetime], mails: list[Any]
) -> None:
    application, chat, now = site
    boto3.client("sesv2").delete_email_identity(EmailIdentity="report@example.com")

    with pytest.raises(ReportsFailedError):
        application.run(Request.parse({"report": "weekly"}), now, "run-1", 900_000)

    assert mails == []
    body = json.loads(chat.bodies[0])
    assert body["head"].startswith(f"{SITE}, week 46: ")
    assert body["lines"]


def test_a_run_for_an_earlier_day_alarms_nobody(site: tuple[Application, Chat, datetime], mails: list[Any]) -> None:
    application, chat, now = site

    application.run(Request.parse({"report": "daily", "day": "2026-11-16"}), now, "by hand", 900_000)

    assert (mails, chat.bodies) == ([], [])

    asked = {"report": "daily", "day": "2026-11-16", "alert": True}
    for number in range(2):
        application.run(Request.parse(asked), now + timedelta(days=9), f"by hand {number}", 900_000)

    assert len(mails) == 1


def test_an_alert_that_cannot_be_mailed_stops_no_rollup(site: tuple[Application, Chat, datetime]) -> None:
    application, _, now = site
    boto3.client("sesv2").delete_email_identity(EmailIdentity="report@example.com")

    answer = application.run(Request.parse({"report": "daily"}), now, "run-1", 900_000)

    assert answer["reports"][0]["days"]["2026-11-16"] == 40
