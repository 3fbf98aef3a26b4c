"""A gap's life as its owner sees it: mails over weeks, links that work, decisions that count."""

from __future__ import annotations

import html
import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from reporter.application import Application
from reporter.period import Week
from reporter.request import Request
from reporter.settings import Settings
from stored import item

SITE: Final = "demo.example.com"
FIRST: Final = Week.parse("2026-W41")
GOOD: Final = [
    "Where is my parcel?", "Which sizes are in stock?", "When do you open on Sundays?", "Do you sell gift cards?",
]  # fmt: skip
NORWAY, INVOICE = "Do you deliver to Norway?", "Can I pay by invoice?"


class Owner:
    """A site through some weeks, and an owner who presses buttons."""

    def __init__(self, table: Any, mails: list[Any]) -> None:
        self.table = table
        self.mails = mails

    def pass_week(self, number: int, failing: set[str]) -> str:
        """Let a week pass and return the text of its mail."""
        week = FIRST.before(-number)
        for day in range(7):
            for who in range(3):
                for question in [*GOOD, NORWAY, INVOICE]:
                    asked = f"{week.monday + timedelta(days=day)}T1{who}:0{day}"
                    name = f"{question}-{day}-{who}"
                    outcome = "unanswered" if question in failing else "answered"
                    visitor = f"{zlib.crc32(name.encode()):016x}"
                    self.table.put_item(Item=item(asked, question, outcome, session=name, visitor=visitor))
        now = datetime.combine(week.sunday + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=7)
        application = Application.from_settings(Settings.from_environment())
        application.run(Request.parse({"report": "weekly"}), now, f"run-{number}", 900_000)
        self.html = html.unescape(self.mails[-1].body)
        return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", self.html))

    def links(self, action: str) -> list[dict[str, str]]:
        """Return what the mail's links of an action ask for, in the order of the gaps."""
        found = re.findall(r'href="(https://worker\.example\.com/edge-analytics/act\?[^"]+)"', self.html)
        asked = [{name: value[0] for name, value in parse_qs(urlsplit(link).query).items()} for link in found]
        return [link for link in asked if link["action"] == action]

    def decide(self, number: int, link: dict[str, str]) -> None:
        """Press a link's button on the Tuesday after the report, as Worker and processor store it."""
        tuesday = FIRST.before(-number).sunday + timedelta(days=2)
        at = int(datetime.combine(tuesday, datetime.min.time(), UTC).timestamp() * 1000) + 36_000_000
        stored = {name: link[name] for name in ("topic", "action", "week")}
        same = {"same_as": link["other"]} if "other" in link else {}
        self.table.put_item(
            Item={"pk": f"site#{SITE}#decisions", "sk": link["signature"], "decided_at": at, **stored, **same}
        )


@pytest.fixture
def owner(table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> Owner:
    monkeypatch.setenv("PARAMETER_PREFIX", "/edge-analytics/dev")
    monkeypatch.setenv("REPORT_TIME_ZONE", "UTC")
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name="/edge-analytics/dev/act-key", Value="k" * 72, Type="SecureString")
    ssm.put_parameter(Name="/edge-analytics/dev/worker-url", Value="https://worker.example.com", Type="String")
    return Owner(table, mails)


def test_a_gap_from_the_first_mail_to_its_confirmation_and_back(owner: Owner) -> None:
    first = owner.pass_week(0, {NORWAY, INVOICE})
    assert "Confirmed" not in first
    fixed, not_ours = owner.links("fixed"), owner.links("not_ours")
    # Of each gap and of each advice on it.
    fixed, not_ours = ([*{link["topic"]: link for link in links}.values()] for links in (fixed, not_ours))
    assert len(fixed) == len(not_ours) == 2
    invoice, norway = (link["topic"] for link in fixed)  # as often and as badly, so by their words
    owner.decide(0, fixed[1])
    owner.decide(0, not_ours[0])
    assert [link["topic"] for link in not_ours] == [invoice, norway]

    second = owner.pass_week(1, {INVOICE})
    assert "✓ Confirmed:" in second
    assert "fixed on Tuesday 13 October: 15 of 15 answered since, before 3 of 24." in second
    assert "1 gap that you called not yours is left out." in second
    assert owner.links("fixed") == []

    third = owner.pass_week(2, {INVOICE})
    assert "Confirmed:" not in third
    assert "1 gap that you called not yours is left out." in third

    fourth = owner.pass_week(3, {NORWAY, INVOICE})
    assert "Back:" in fourth
    assert "fixed on Tuesday 13 October, fails as before:" in fourth
    assert {link["topic"] for link in owner.links("fixed")} == {norway}
    assert owner.links("fixed")[0]["signature"] != fixed[1]["signature"]


def test_a_fix_that_did_not_help_comes_back_in_the_next_mail(owner: Owner) -> None:
    owner.pass_week(0, {NORWAY})
    owner.decide(0, owner.links("fixed")[0])

    second = owner.pass_week(1, {NORWAY})

    assert "Back:" in second or "Waiting:" in second
    third = owner.pass_week(2, {NORWAY})
    assert "Back:" in second + third


def test_a_mail_without_a_worker_has_no_links(table: Any, mails: list[Any]) -> None:
    owner = Owner(table, mails)

    text = owner.pass_week(0, {NORWAY})

    assert NORWAY in text
    assert "edge-analytics/act" not in owner.html
