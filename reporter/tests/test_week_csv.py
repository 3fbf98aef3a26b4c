"""The week as a table: complete, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import full_report, report_of
from reporter.__main__ import main
from reporter.channels.week_csv import harmless, week_csv
from stored import item


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_counts_are_those_of_the_report() -> None:
    report = full_report()

    table = rows(week_csv(report))

    assert sum(int(row["asked"]) for row in table) + report.asked.rest == report.this.exchanges
    for row in table:
        outcomes = ("answered", "partial", "unanswered", "refused", "error", "abandoned", "other")
        assert sum(int(row[name]) for name in outcomes) == int(row["asked"])
    assert [int(row["asked"]) for row in table] == sorted((int(row["asked"]) for row in table), reverse=True)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\n=1",
        "'=1",
        '"=1"',
        "＝1+1",
        "\u200b=1",
        "\u202e\u2066\u00ad\u180e=1",
        "\U000e0001\u034f=1",
        "\u207c1",
        "\ufeff=1",
        "|cmd",
        "%0a=1",
    ],
)
def test_what_a_spreadsheet_would_calculate_is_defused(text: str) -> None:
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["How do I pay?", "a = b", "100 % cotton?", "¿Cómo devuelvo?", ""])
def test_other_questions_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_no_cell_is_a_formula_and_no_question_makes_a_row(questions: list[str]) -> None:
    items = [
        item("2026-11-10T10:00", question[:160], site="shop.example.com", session=f"s{number}")
        for number, question in enumerate(questions)
        if question.strip()
    ]

    content = week_csv(report_of(items))

    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        assert len(row) == 13
        assert not row[0].lstrip().startswith(("=", "+", "-", "@"))


class Sent:
    def __init__(self) -> None:
        self.contents: list[Any] = []

    def send_email(self, **arguments: Any) -> Any:
        self.contents.append(arguments["Content"]["Simple"])
        return {"MessageId": str(len(self.contents))}


@pytest.mark.usefixtures("environment")
def test_a_mail_has_it_on_request_only(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table.put_item(Item=item("2026-11-10T10:00", "=1+1 how do I pay?"))
    sent, real = Sent(), boto3.client
    monkeypatch.setattr("boto3.client", lambda name, **more: sent if name == "sesv2" else real(name, **more))

    for more in ([], ["--force", "--csv"]):
        assert main(["send", "--week", "2026-W46", *more]) == 0

    assert "Attachments" not in sent.contents[0]
    [file] = sent.contents[1]["Attachments"]
    assert file["FileName"] == "demo.example.com-2026-W46.csv"
    assert rows(file["RawContent"])[0]["question"] == "'=1+1 how do I pay?"


def test_the_request_is_one_that_ses_takes() -> None:
    shape = boto3.client("sesv2").meta.service_model.shape_for("Attachment")

    assert {"FileName", "RawContent", "ContentType"} <= set(shape.members)


def test_a_cell_that_begins_behind_a_semicolon_is_harmless_too() -> None:
    assert harmless("why;=1; ＝2;b") == "why;'=1;' ＝2;b"
