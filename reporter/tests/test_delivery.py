"""Whom a report reaches: all who can be reached, nobody twice, and all sites in one mail on request."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from made import full_report, report_of
from reporter.application import Application, ReportsFailedError
from reporter.report.combined import render_combined
from reporter.report.rendering import LARGEST_MESSAGE_BYTES, encoded_bytes
from reporter.settings import Settings
from stored import item
from test_weekly import MONDAY, SITE, run, status


class RefusingSes:
    """Refuses some addresses, as SES does with those it has suppressed."""

    def __init__(self, refused: set[str], failures: int = 1_000) -> None:
        self.real = boto3.client("sesv2")
        self.refused = refused
        self.failures = failures

    def send_email(self, **arguments: Any) -> Any:
        (address,) = arguments["Destination"]["ToAddresses"]
        if address in self.refused and self.failures:
            self.failures -= 1
            raise RuntimeError("address is suppressed")
        return self.real.send_email(**arguments)


def application(ses: RefusingSes) -> Application:
    settings = Settings.from_environment()
    table = boto3.resource("dynamodb").Table(settings.table_name)
    return Application(settings, lambda name: ses if name == "sesv2" else boto3.client(name), table)


def reached(mails: list[Any]) -> list[str]:
    return [mail.destinations["ToAddresses"][0] for mail in mails]


def test_a_refused_address_keeps_the_report_from_nobody_else(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_RECIPIENTS", "a@example.com,gone@example.com,b@example.com")
    table.put_item(Item=item("2026-11-10T10:00"))
    app = application(RefusingSes({"gone@example.com"}))

    for attempt in range(3):
        with pytest.raises(ReportsFailedError, match=r"gone@example\.com"):
            run({"report": "weekly"}, by=f"run-{attempt}", app=app)

    assert reached(mails) == ["a@example.com", "b@example.com"]


def test_a_forced_send_that_fails_midway_reaches_nobody_twice(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_RECIPIENTS", "a@example.com,b@example.com")
    table.put_item(Item=item("2026-11-10T10:00"))
    run({"report": "weekly"})
    mails.clear()
    app = application(RefusingSes({"b@example.com"}, failures=2))
    forced = {"report": "weekly", "force": True}

    for _ in range(2):
        with pytest.raises(ReportsFailedError):
            run(forced, by="same", app=app)
    answer = run(forced, by="same", app=app)

    assert status(answer) == "resumed"
    assert reached(mails) == ["a@example.com", "b@example.com"]


def test_a_mail_that_is_sent_later_has_its_attachment_too(
    table: Any, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_RECIPIENTS", "a@example.com,b@example.com")
    table.put_item(Item=item("2026-11-10T10:00"))
    ses = RefusingSes({"b@example.com"}, failures=1)
    sent: list[Any] = []
    monkeypatch.setattr(ses, "real", SimpleNamespace(send_email=lambda **sending: _taken(sent, sending)))
    app = application(ses)

    with pytest.raises(ReportsFailedError):
        run({"report": "weekly", "csv": True}, app=app)
    assert status(run({"report": "weekly"}, app=app)) == "resumed"

    first, second = (sending["Content"]["Simple"] for sending in sent)
    assert second == first
    assert second["Attachments"][0]["FileName"] == "demo.example.com-2026-W46.csv"


def _taken(sent: list[Any], sending: Any) -> dict[str, str]:
    sent.append(sending)
    return {"MessageId": str(len(sent))}


def test_all_sites_come_in_one_mail_with_an_overview_first(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_SITES", f"{SITE},other.example.com")
    table.put_item(Item=item("2026-11-10T10:00", "Where is my parcel?"))
    table.put_item(Item=item("2026-11-10T10:00", "Is it blue?", "error", site="other.example.com"))

    answer = run({"report": "weekly", "combined": True}, MONDAY)

    assert len(mails) == 1
    assert mails[0].subject == "2 sites, week 46: 2 questions, 1 of 2 without a good answer"
    overview = mails[0].body.index("1 question, all answered")
    assert overview < mails[0].body.index("1 question, 1 without a good answer")
    assert overview < mails[0].body.index("Where is my parcel?") < mails[0].body.index("Is it blue?")
    assert answer["reports"][0]["sites"] == [SITE, "other.example.com"]


@pytest.mark.parametrize("sites", [2, 9])
@pytest.mark.no_cover
def test_a_mail_of_many_sites_is_shown_whole(sites: int) -> None:
    message = render_combined([full_report()] * sites, failed=["broken.example.com"])

    assert encoded_bytes(message) <= LARGEST_MESSAGE_BYTES
    assert "broken.example.com" in message.text
    assert message.html.count("330 questions") >= sites


def test_sites_without_questions_have_a_mail_too() -> None:
    assert render_combined([report_of([])] * 2).subject == "2 sites, week 46: no questions"
