"""The commands that show conversations and open gaps, from the table to a page and to JSON lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import CONTRACT
from reporter.application import Application
from reporter.conversations.__main__ import main as show
from reporter.conversations.page import page
from reporter.conversations.stored import Conversation
from reporter.gaps.__main__ import _json_line
from reporter.gaps.__main__ import main as gaps
from reporter.period import Week
from reporter.request import Request
from reporter.settings import Settings
from stored import item

if TYPE_CHECKING:
    from pathlib import Path

SITE: Final = "demo.example.com"
GOOD: Final = ["Where is my parcel?", "Which sizes are in stock?", "When do you open on Sundays?"]
NORWAY: Final = "Do you deliver to Norway?"


# A Thursday: early on a Monday, nothing of the week's was asked yet.
NOW: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Clock(datetime):
    """Stands still."""

    @classmethod
    def now(cls, _zone: Any = None) -> Any:
        return NOW


@pytest.fixture
def recent(table: Any, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site that was asked things yesterday and today."""
    for command in ("gaps", "conversations"):
        monkeypatch.setattr(f"reporter.{command}.__main__.datetime", Clock)
    for ago in range(2):
        day = (NOW - timedelta(days=ago)).strftime("%Y-%m-%d")
        for number in range(12):
            for question in GOOD:
                table.put_item(Item=item(f"{day}T00:{number:02}", question, answer="Yes.", session=f"s{number}"))
            failed = {"answer": f"Sorry {number}", "session": f"n{number}", "outcome": "unanswered"}
            table.put_item(Item=item(f"{day}T00:{number:02}", NORWAY, **failed))
    return table


@pytest.mark.usefixtures("recent")
def test_the_open_gaps_are_json_lines_with_wordings_and_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert gaps(["--format", "jsonl"]) == 0

    [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert row["question"] == NORWAY
    assert NORWAY in row["wordings"]
    assert len(row["answers"]) == 5
    assert all(answer.startswith("Sorry ") for answer in row["answers"])
    assert (row["state"], row["answered"]) == ("open", 0)


@pytest.mark.usefixtures("recent")
def test_the_conversations_of_a_topic_are_the_newest_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gaps(["--format", "jsonl"]) == 0
    topic = json.loads(capsys.readouterr().out)["topic"]

    assert show(["--topic", topic.lstrip("0"), "--out", str(tmp_path)]) == 0

    [file] = tmp_path.iterdir()
    text = file.read_text("utf-8")
    assert str(file) == capsys.readouterr().out.strip()
    assert text.count("<article>") == 24
    assert "parcel" not in text
    assert text.index("Sorry 11") < text.index("Sorry 0<")


@pytest.mark.usefixtures("recent")
def test_the_conversations_of_a_session_are_its_own(tmp_path: Path) -> None:
    assert show(["--session", "s3", "--out", str(tmp_path)]) == 0

    [file] = tmp_path.iterdir()
    assert file.read_text("utf-8").count("<article>") == 6


@pytest.mark.usefixtures("recent")
@pytest.mark.parametrize("name", ["../../escaped", "a/b", "x" * 500, "\n", "'; rm -rf /"])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    assert show(["--session", name, "--out", str(tmp_path / "out")]) == 0

    assert [path.parent for path in tmp_path.rglob("*.html")] == [tmp_path / "out"]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (show, ["--topic", "1", "--week", "2099-W01"]),
        (show, ["--session", "a", "--site", "No Site"]),
        (gaps, ["--week", "soon"]),
        (gaps, ["--environment", "prod"]),
    ],
)
def test_a_usage_error_is_one_line(command: Any, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(arguments) == 2

    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.strip().splitlines()[-1].startswith(("conversations: ", "gaps: "))


@given(st.text(), st.text(), st.text())
def test_what_visitors_typed_is_text_on_the_page(question: str, answer: str, comment: str) -> None:
    shown = Conversation("x", 0, "s", question, answer, "answered", "down", comment)

    text = page("title", [shown], ZoneInfo("UTC"))

    for part in (question, answer, comment):
        assert "<script" not in part or "<script" not in text
    assert text.count("<article>") == 1


@given(st.text())
def test_a_gap_is_one_line_for_every_reader(question: str) -> None:
    line = _json_line({"question": question})

    assert len(line.splitlines()) == 1
    assert json.loads(line)["question"] == question.encode("utf-8", "replace").decode()


LISTED: Final = json.loads((CONTRACT / "conversation-list" / "v1.vectors.json").read_text("utf-8"))


@pytest.fixture
def weekly(recent: Any, monkeypatch: pytest.MonkeyPatch) -> Application:
    """A deployed reporter whose mails have links."""
    monkeypatch.setenv("PARAMETER_PREFIX", "/edge-analytics/dev")
    ssm = boto3.client("ssm")
    for name, value in (("act-key", "k" * 72), ("worker-url", "https://worker.example.com")):
        ssm.put_parameter(Name=f"/edge-analytics/dev/{name}", Value=value, Type="String")
    return Application.from_settings(Settings.from_environment())


def lists(table: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.query(
        KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": f"site#{SITE}#conversations"}
    )["Items"]
    return found


def send_report(application: Application) -> None:
    """Send the report of the week that yesterday is in, a week later."""
    now = NOW
    week = Week.of((now - timedelta(days=1)).date())
    request = Request(report="weekly", site=SITE, week=week, force=True)
    application.run(request, now + timedelta(days=7), "run", 900_000)


def test_a_report_lists_the_newest_conversations_of_its_gaps_where_their_page_is_wanted(
    recent: Any, weekly: Application, mails: list[Any]
) -> None:
    name = "/edge-analytics/dev/conversations-user-name"
    boto3.client("ssm").put_parameter(Name=name, Value="edge-analytics-dev-conversations", Type="String")

    send_report(weekly)

    [listed] = lists(recent)
    assert listed.keys() == LISTED["item"].keys()
    assert f"topic={listed['sk']}" in mails[-1].body
    assert 12 <= len(listed["ids"]) <= LISTED["most"]
    assert listed["ids"] == sorted(listed["ids"], reverse=True)
    asked = {each["sk"]: each["question"] for each in recent.scan()["Items"] if "question" in each}
    assert {asked[each] for each in listed["ids"]} == {NORWAY}
    days_left = (int(listed["expires_at"]) - NOW.timestamp()) / 86_400
    assert 37 < days_left < 39


def test_nothing_is_listed_where_the_page_is_not_wanted(recent: Any, weekly: Application, mails: list[Any]) -> None:
    send_report(weekly)

    assert len(mails) == 1
    assert lists(recent) == []
