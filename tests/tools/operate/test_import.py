"""History is handed in at the collector once, whatever interrupts it."""

import csv
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operate.__main__ import main
from operate.history.mapping import MAPPINGS, time_of, with_id
from operate.history.rating import rating_of

NOW = datetime.now(UTC)
YESTERDAY = (NOW - timedelta(days=1)).isoformat()
TOKEN = "a-token-of-sixteen"


class FakeCollector:
    """Takes what it is given; answers with an error after `fail_after` batches."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.authorizations: set[str] = set()
        self.fail_after = 10**9
        self.batches = 0

    def take(self, body: bytes, authorization: str) -> tuple[int, Any]:
        self.batches += 1
        if self.batches > self.fail_after:
            return 403, {}
        self.authorizations.add(authorization)
        events = json.loads(body)["events"]
        assert len(events) <= 100
        assert len(body) <= 65_536
        self.events += events
        return 202, {"events": [{"status": "accepted", "id": event["id"]} for event in events]}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[FakeCollector, str]]:
    fake = FakeCollector()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(200, {"status": "ok", "site": "docs.example.com"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._reply(*fake.take(body, self.headers["authorization"]))

        def _reply(self, status: int, document: Any) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("COLLECTOR_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield fake, f"http://127.0.0.1:{server.server_port}/v1/events"
        finally:
            server.shutdown()
            thread.join()


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def run(file: Path, url: str, *more: str) -> int:
    return main(["import", "--file", str(file), "--collector", url, *more])


def rows_of(count: int) -> list[dict[str, Any]]:
    return [{"question": f"Question {number}?", "answer": "Yes.", "timestamp": YESTERDAY} for number in range(count)]


def test_rows_arrive_once_with_their_own_time(collector: tuple[FakeCollector, str], tmp_path: Path) -> None:
    fake, url = collector

    assert run(write(tmp_path / "a.jsonl", rows_of(250)), url) == 0

    assert [event["question"] for event in fake.events] == [f"Question {number}?" for number in range(250)]
    assert {event["asked_at"] for event in fake.events} == {time_of(YESTERDAY)}
    assert len({event["id"] for event in fake.events}) == 250
    assert fake.authorizations == {f"Bearer {TOKEN}"}


def test_an_import_continues_where_it_was_interrupted(
    collector: tuple[FakeCollector, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake, url = collector
    file = write(tmp_path / "a.jsonl", rows_of(450))
    fake.fail_after = 2

    assert run(file, url) == 1
    fake.fail_after = 10**9
    assert run(file, url) == 0
    handed_in = len(fake.events)
    assert run(file, url) == 0

    assert "continuing after row 200" in capsys.readouterr().out
    assert handed_in == len(fake.events) == len({event["id"] for event in fake.events}) == 450


def test_a_dry_run_shows_ten_rows_and_hands_nothing_in(
    collector: tuple[FakeCollector, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake, url = collector

    assert run(write(tmp_path / "a.jsonl", rows_of(50)), url, "--dry-run") == 0

    *shown, summary = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["question"] for line in shown] == [f"Question {number}?" for number in range(10)]
    assert summary.startswith("dry run")
    assert fake.events == []


def test_what_is_left_out_is_counted_by_its_reason(
    collector: tuple[FakeCollector, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake, url = collector
    old, future = ((NOW + timedelta(days=days)).isoformat() for days in (-100, 1))
    rows = [{"question": "Old?", "asked_at": old}, {"question": "New?", "asked_at": future}, {"asked_at": YESTERDAY}]
    file = write(tmp_path / "a.jsonl", [*rows, {"question": "When?"}, *rows_of(1)])
    file.write_text(file.read_text("utf-8") + "no JSON\n", "utf-8")

    assert run(file, url) == 0

    said = capsys.readouterr().out
    assert "6 rows read, 1 handed in" in said
    for reason in ("older than 89 days", "in the future", "no question", "no time", "cannot be read"):
        assert reason in said
    assert len(fake.events) == 1


def test_a_table_with_other_names_is_understood(collector: tuple[FakeCollector, str], tmp_path: Path) -> None:
    fake, url = collector
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.writer(file)
        table.writerow(
            ["created_at", "prompt", "completion", "conversation_id", "model", "prompt_tokens", "duration_ms"]
        )
        table.writerow([YESTERDAY, "Where,\nplease?", "Here.", "c1", "gpt-4o", "12", "412.5"])

    assert run(tmp_path / "a.csv", url) == 0

    (event,) = fake.events
    assert (event["question"], event["answer"], event["session"]) == ("Where,\nplease?", "Here.", "c1")
    assert (event["model"], event["latency_ms"]) == ({"name": "gpt-4o", "input_tokens": 12}, {"total": 412.5})


MESSAGES = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": [{"type": "text", "text": "Where?"}]},
]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        (
            "langfuse",
            {
                "timestamp": YESTERDAY,
                "input": MESSAGES,
                "output": {"role": "assistant", "content": "Here."},
                "sessionId": "s1",
                "latency": 0.5,
                "model": "m",
                "usage": {"input": 9, "output": 5},
                "totalCost": 0.01,
            },
        ),
        (
            "helicone",
            {
                "request_created_at": YESTERDAY,
                "request_body": {"messages": MESSAGES},
                "response_body": {"choices": [{"message": {"content": "Here."}}]},
                "properties": {"Helicone-Session-Id": "s1"},
                "delay_ms": 500,
                "response_status": 200,
                "model": "m",
                "prompt_tokens": 9,
                "completion_tokens": 5,
                "cost": 0.01,
            },
        ),
    ],
)
def test_exports_of_other_systems_are_understood(
    collector: tuple[FakeCollector, str], tmp_path: Path, name: str, row: Any
) -> None:
    fake, url = collector
    (tmp_path / "a.json").write_text(json.dumps([row]), "utf-8")

    assert run(tmp_path / "a.json", url, "--format", name) == 0

    (event,) = fake.events
    assert (event["question"], event["answer"], event["session"]) == ("Where?", "Here.", "s1")
    assert event["latency_ms"] == {"total": 500}
    assert event["model"] == {"name": "m", "input_tokens": 9, "output_tokens": 5, "cost_usd": 0.01}


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (["--site", "other.example.com"], "the collector is of the site docs.example.com"),
        (["--file", "nothing.jsonl"], "there is no file nothing.jsonl"),
        (["--collector", "ftp://a.example"], "is no https:// address"),
        (["--collector", "http://a.example"], "is no https:// address"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    collector: tuple[FakeCollector, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    problem: str,
) -> None:
    assert run(write(tmp_path / "a.jsonl", rows_of(1)), collector[1], *more) == 1

    assert problem in capsys.readouterr().err


def test_without_a_token_nothing_is_handed_in(
    collector: tuple[FakeCollector, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("COLLECTOR_TOKEN")

    assert run(write(tmp_path / "a.jsonl", rows_of(1)), collector[1]) == 1
    assert "COLLECTOR_TOKEN" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("jsonl", {"rating": "up", "comment": "Thanks"}, {"rating": "up", "comment": "Thanks"}),
        ("jsonl", {"feedback": -1}, {"rating": "down"}),
        (
            "jsonl",
            {"thumbs": "👎", "rated_at": NOW.isoformat()},
            {"rating": "down", "sent_at": time_of(NOW.isoformat())},
        ),
        ("jsonl", {"rating": 5}, None),
        (
            "langfuse",
            {"scores": [{"name": "faithfulness", "value": 0}, {"name": "user-feedback", "value": 1, "comment": "Yes"}]},
            {"rating": "up", "comment": "Yes"},
        ),
        ("helicone", {"feedback_rating": False}, {"rating": "down"}),
    ],
)
def test_the_ratings_of_an_export_follow_their_exchanges(
    collector: tuple[FakeCollector, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    row: Any,
    expected: Any,
) -> None:
    fake, url = collector
    row = {"timestamp": YESTERDAY, "time": YESTERDAY, "input": "Where?", "request": "Where?", **row}

    assert run(write(tmp_path / "a.jsonl", [row]), url, "--format", name) == 0

    exchange, *ratings = fake.events
    assert exchange["question"] == "Where?"
    whole = {"type": "feedback", "id": exchange["id"], "sent_at": time_of(YESTERDAY)} | (expected or {})
    assert ratings == ([whole] if expected else [])
    assert ("with 1 rating" in capsys.readouterr().out) == bool(expected)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "content", "messages"]), inner)
    ),
    max_leaves=10,
)
fields = st.sampled_from(
    ["input", "output", "timestamp", "request_body", "model", "latency", "usage", "properties", "scores", "rating"]
)


@pytest.mark.parametrize("name", MAPPINGS)
@settings(max_examples=40, deadline=None)
@given(st.dictionaries(fields, anything))
def test_no_row_makes_the_mapping_fail(name: str, row: dict[str, Any]) -> None:
    event = MAPPINGS[name](row)
    rating_of(event)

    assert with_id(event, int(time.time() * 1000))["id"][14] == "7"
