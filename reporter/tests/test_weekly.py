from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from reporter.application import Application, ReportsFailedError
from reporter.daily import DailyRollups
from reporter.period import milliseconds
from reporter.request import Request
from reporter.rollups.rollup import Rollup
from reporter.settings import Settings
from reporter.table import Table
from stored import item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reporter.exchange import DamagedItem, Exchange

SITE = "demo.example.com"
MONDAY = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)  # after week 46
QUARTER_HOUR_MS = 900_000


def run(
    payload: dict[str, Any],
    now: datetime = MONDAY,
    by: str = "run-1",
    app: Application | None = None,
) -> dict[str, Any]:
    application = app or Application.from_settings(Settings.from_environment())
    return application.run(Request.parse(payload), now, by, QUARTER_HOUR_MS)


def late_item(table: Any, asked: str, changes: int = 1, **more: Any) -> dict[str, Any]:
    """Store what arrives after its day was rolled up, and the mark, as the processor does."""
    late = item(asked, **more)
    table.put_item(Item=late)
    mark = {"expires_at": 1_999_999_999, "changed_at": milliseconds(MONDAY), "changes": changes}
    table.put_item(Item={"pk": f"site#{SITE}#changed", "sk": f"day#{asked[:10]}"} | mark)
    return late


def status(answer: dict[str, Any]) -> str:
    return str(answer["reports"][0]["status"])


class BreakingSes:
    """Accepts some messages and then fails, as a crash between two sends."""

    def __init__(self, real: Any, accepted: int) -> None:
        self.real = real
        self.accepted = accepted

    def send_email(self, **arguments: Any) -> Any:
        if not self.accepted:
            raise RuntimeError("SES is down")
        self.accepted -= 1
        return self.real.send_email(**arguments)


def application_with_ses_that_breaks(accepted: int) -> Application:
    breaking = BreakingSes(boto3.client("sesv2"), accepted)
    return Application(
        Settings.from_environment(),
        lambda name: breaking if name == "sesv2" else boto3.client(name),
        boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"]),
    )


def test_the_schedule_reports_the_last_complete_week_once(table: Any, mails: list[Any]) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))

    answers = [run({"report": "weekly"}), run({"report": "weekly"}, MONDAY + timedelta(hours=1))]

    assert [status(answer) for answer in answers] == ["sent", "already sent"]
    assert answers[0]["reports"][0]["week"] == "2026-W46"
    assert answers[0]["reports"][0]["messages"] == answers[1]["reports"][0]["messages"]
    assert len(mails) == 1


def test_a_preview_renders_the_report_and_neither_sends_nor_stores_it(table: Any, mails: list[Any]) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))

    answer = run({"report": "weekly", "preview": True})

    assert status(answer) == "previewed"
    assert answer["reports"][0]["bytes"] > 1000
    assert mails == []
    assert status(run({"report": "weekly"})) == "sent"


def test_force_sends_again_with_new_numbers_and_says_so(table: Any, mails: list[Any]) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))
    run({"report": "weekly"})
    table.put_item(Item=item("2026-11-11T10:00"))

    answer = run({"report": "weekly", "force": True}, MONDAY + timedelta(hours=1))

    assert status(answer) == "sent again"
    assert "2 questions" in mails[1].subject
    assert "(sent again)" in mails[1].subject
    assert "sent again because somebody asked" in mails[1].body


def test_a_run_that_failed_between_two_addresses_is_finished_by_the_next(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_RECIPIENTS", "a@example.com, b@example.com")
    table.put_item(Item=item("2026-11-10T10:00"))
    broken = application_with_ses_that_breaks(accepted=1)
    with pytest.raises(ReportsFailedError):
        run({"report": "weekly"}, app=broken)
    table.put_item(Item=item("2026-11-11T10:00"))

    answer = run({"report": "weekly"}, MONDAY + timedelta(minutes=1), by="run-2")

    assert status(answer) == "resumed"
    assert [mail.destinations["ToAddresses"] for mail in mails] == [
        ["a@example.com"],
        ["b@example.com"],
    ]
    assert mails[0].subject == mails[1].subject


def test_a_killed_run_is_not_disturbed_while_it_may_live_and_taken_over_later(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))
    broken = application_with_ses_that_breaks(accepted=0)
    monkeypatch.setattr("reporter.snapshots.Snapshots.release_claim", lambda *_: None)
    with pytest.raises(ReportsFailedError):
        run({"report": "weekly"}, app=broken, by="killed")

    with pytest.raises(ReportsFailedError):
        run({"report": "weekly"}, MONDAY + timedelta(minutes=14), by="other")
    assert not mails
    daily = run({"report": "daily"}, MONDAY + timedelta(days=1), by="other")

    assert daily["reports"][0]["resumed"]["status"] == "resumed"
    assert len(mails) == 1


def test_force_does_not_disturb_a_run_either(table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))
    broken = application_with_ses_that_breaks(accepted=0)
    monkeypatch.setattr("reporter.snapshots.Snapshots.release_claim", lambda *_: None)
    with pytest.raises(ReportsFailedError):
        run({"report": "weekly"}, app=broken, by="killed")
    forced = {"report": "weekly", "force": True}

    with pytest.raises(ReportsFailedError):
        run(forced, MONDAY + timedelta(minutes=14), by="other")
    answer = run(forced, MONDAY + timedelta(minutes=16), by="other")

    assert status(answer) == "sent"
    assert ["sent again" in mail.subject for mail in mails] == [False]


def test_a_retry_of_the_killed_run_goes_on_at_once(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))
    broken = application_with_ses_that_breaks(accepted=0)
    monkeypatch.setattr("reporter.snapshots.Snapshots.release_claim", lambda *_: None)
    with pytest.raises(ReportsFailedError):
        run({"report": "weekly"}, app=broken, by="same")

    answer = run({"report": "weekly"}, MONDAY + timedelta(minutes=1), by="same")

    assert status(answer) == "resumed"
    assert len(mails) == 1


def test_a_week_that_is_not_over_is_labelled_and_does_not_replace_its_report(table: Any, mails: list[Any]) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))
    friday = datetime(2026, 11, 13, 9, 0, tzinfo=UTC)

    early = run({"report": "weekly", "week": "2026-W46"}, friday)
    final = run({"report": "weekly"})

    assert [status(early), status(final)] == ["sent so far", "sent"]
    assert "week 46 so far" in mails[0].subject
    assert "so far" not in mails[1].subject


def test_what_arrives_after_its_report_is_a_correction_next_week(table: Any, mails: list[Any]) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))
    run({"report": "weekly"})
    late_item(table, "2026-11-11T10:00")
    table.put_item(Item=item("2026-11-17T10:00"))

    run({"report": "weekly"}, MONDAY + timedelta(weeks=1))
    run({"report": "weekly"}, MONDAY + timedelta(weeks=2))

    assert "2 questions (the report said 1)" in mails[1].body
    assert "Correction" not in mails[2].body


def test_the_daily_run_refreshes_days_that_late_messages_reach(table: Any, mails: list[Any]) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))
    run({"report": "weekly"})
    late_item(table, "2026-11-10T11:00")

    answer = run({"report": "daily"}, datetime(2026, 11, 18, 5, 0, tzinfo=UTC))

    assert answer["reports"][0]["days"] == {
        "2026-11-17": 0,
        "2026-11-16": 0,
    }
    assert answer["reports"][0]["changed"] == ["2026-11-10", "2026-11-11"]


def test_the_scheduled_report_reads_no_exchange_of_a_day_that_is_rolled_up(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))
    days = DailyRollups(Table(table), SITE, ZoneInfo("Europe/Madrid"), milliseconds(MONDAY))
    for ago in range(1, 36):
        days.refresh(MONDAY.date() - timedelta(days=ago))
    read: list[date] = []

    def note(_exchanges: object, day: date, *_: object) -> Rollup:
        read.append(day)
        return Rollup()

    monkeypatch.setattr("reporter.daily.roll_up", note)

    run({"report": "weekly"})

    assert "1 question" in mails[0].subject
    sunday = MONDAY.date() - timedelta(days=1)
    assert read == [sunday, MONDAY.date()]  # what may still change without a mark


def test_one_failing_site_does_not_keep_the_others_from_their_report(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_SITES", f"broken.example.com,{SITE}")
    read_exchanges = Table.exchanges

    def fail_for_one(self: Table, site: str, *span: int) -> Iterator[Exchange | DamagedItem]:
        if site == "broken.example.com":
            raise RuntimeError("throttled")
        return read_exchanges(self, site, *span)

    monkeypatch.setattr(Table, "exchanges", fail_for_one)

    with pytest.raises(ReportsFailedError, match=r"broken\.example\.com$"):
        run({"report": "weekly"})

    assert [SITE in mail.subject for mail in mails] == [True]


def test_a_topic_gets_the_text_where_sns_is_a_channel(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = boto3.client("sns").create_topic(Name="report")["TopicArn"]
    queue = boto3.client("sqs").create_queue(QueueName="reader")["QueueUrl"]
    boto3.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint="arn:aws:sqs:eu-west-2:123456789012:reader",
        Attributes={"RawMessageDelivery": "true"},
    )
    monkeypatch.setenv("REPORT_CHANNELS", "email,sns")
    monkeypatch.setenv("REPORT_TOPIC_ARN", topic)
    table.put_item(Item=item("2026-11-10T10:00", "Where is my parcel?"))

    answer = run({"report": "weekly"})

    (received,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert "Where is my parcel?" in received["Body"]
    assert "<" not in received["Body"]
    assert len(answer["reports"][0]["messages"]) == 2


def test_what_waits_in_the_dead_letter_queue_is_the_first_thing_to_do(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = boto3.client("sqs").create_queue(QueueName="dead-letter")["QueueUrl"]
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody="x")
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", queue)
    table.put_item(Item=item("2026-11-10T10:00"))

    run({"report": "weekly"})

    assert "1. Send failed messages again: 1 waiting (all sites)" in mails[0].body
