"""Exported files hold what the table holds, in every format, and an interrupted export continues."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operate.environment import OperationError
from operate.export import Export, export
from operate.export_rows import COLUMNS, WRITERS, row_of, source, write_csv, write_jsonl, write_parquet
from operate.query import query
from operate.stored_items import StoredItems
from stack.paths import PROCESSOR
from tests.tools.operate.account import SITE, Account, item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
EXAMPLES = sorted((PROCESSOR / "contract" / "stored-item" / "examples" / "valid").glob("*.json"))


def wanted(directory: Path, **changes: Any) -> Export:
    defaults: dict[str, Any] = {
        "sites": [SITE], "first_day": "2026-11-20", "last_day": "2026-11-21", "format": "jsonl", "directory": directory,
        "known_sites": [SITE],
    }  # fmt: skip
    return Export(**defaults | changes)


def run(chosen: Export, stored: StoredItems, now: datetime = NOW) -> list[str]:
    return list(export(chosen, stored, lambda: now))


def rows_of(chosen: Export) -> list[dict[str, Any]]:
    with duckdb.connect() as database:
        answer = database.execute(f"{source(chosen.format, chosen.directory)} ORDER BY id")
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@pytest.mark.parametrize("format_", WRITERS)
def test_a_full_exchange_comes_out_as_it_was_stored(
    account: Account, stored: StoredItems, tmp_path: Path, format_: str
) -> None:
    account.put(
        item(
            DAY,
            question="Wie geht’s, “Straße”?\nzweite Zeile",
            answer="So, 'geht' es.",
            score=0.87,
            sources=["a/b", "c,d"],
            latency_ms={"total": 412.5, "model": 361},
            model={"name": "small-1", "input_tokens": 812},
            rating="up",
            rated_at=int(DAY.timestamp() * 1000) + 5000,
            country="AT",
        )
    )
    chosen = wanted(tmp_path, format=format_)

    run(chosen, stored)

    [row] = rows_of(chosen)
    assert row["question"] == "Wie geht’s, “Straße”?\nzweite Zeile"
    assert (row["site"], f"{row['day']}", row["asked_at"]) == (SITE, "2026-11-20", DAY.replace(tzinfo=None))
    assert (row["sources"], row["score"], row["total_ms"], row["retrieval_ms"]) == (["a/b", "c,d"], 0.87, 412.5, None)
    assert (row["model"], row["input_tokens"], row["output_tokens"]) == ("small-1", 812, None)
    assert (row["rating"], row["rated_at"] - row["asked_at"]) == ("up", timedelta(seconds=5))


@pytest.mark.parametrize("format_", WRITERS)
def test_only_the_sites_and_days_that_were_asked_for_come_out(
    account: Account, stored: StoredItems, tmp_path: Path, format_: str
) -> None:
    account.put(
        item(DAY - timedelta(days=1), 1),
        item(DAY, 2),
        item(DAY + timedelta(days=1), 3),
        item(DAY + timedelta(days=2), 4),
        item(DAY, 5, site="other.example.com"),
    )
    chosen = wanted(tmp_path, format=format_)

    run(chosen, stored)

    assert [int(row["id"][-1]) for row in rows_of(chosen)] == [2, 3]


@pytest.mark.parametrize("answer", [False, True])
@pytest.mark.parametrize("format_", WRITERS)
def test_a_file_is_not_replaced_by_one_with_fewer_rows_unless_somebody_says_so(
    account: Account, stored: StoredItems, tmp_path: Path, format_: str, answer: bool
) -> None:
    account.put(item(DAY, 1), item(DAY, 2))
    chosen = wanted(tmp_path, format=format_, again=True)
    run(chosen, stored)
    account.clear()
    account.put(item(DAY, 2))

    lines = list(export(chosen, stored, lambda: NOW, lambda _question: answer))

    assert len(rows_of(chosen)) == (1 if answer else 2)
    assert any("kept with its 2 rows, since the table has only 1" in line for line in lines) is not answer
    assert not list(tmp_path.rglob("*.partial*"))


@pytest.mark.parametrize(
    "site", ["../../../evil", "/etc", "a/b", "..", ".", "", "A.example", "a b", "a#b", "x" * 65, "a\x00b"]
)
def test_a_site_that_leads_elsewhere_is_refused(
    account: Account, stored: StoredItems, tmp_path: Path, site: str
) -> None:
    inside = tmp_path / "a" / "b" / "c"

    with pytest.raises(OperationError, match="cannot be a site"):
        run(wanted(inside, sites=[site]), stored)

    assert list(tmp_path.rglob("*")) == []


def test_a_site_that_nobody_knows_is_said_and_writes_nothing(
    account: Account, stored: StoredItems, tmp_path: Path
) -> None:
    with pytest.raises(OperationError, match=f"SITE=dcos.example.com has no exchange .* reported sites: {SITE}"):
        run(wanted(tmp_path, sites=["dcos.example.com"]), stored)

    assert not list(tmp_path.rglob("*.jsonl"))
    assert not (tmp_path / "dcos.example.com").exists()


def test_a_site_that_is_not_reported_but_has_exchanges_is_exported(
    account: Account, stored: StoredItems, tmp_path: Path
) -> None:
    account.put(item(DAY, 1, site="new.example.com"))

    run(wanted(tmp_path, sites=["new.example.com"]), stored)

    assert [file.name for file in (tmp_path / "new.example.com").iterdir()] == ["2026-11-20.jsonl"]


def test_what_has_expired_stays_out(account: Account, stored: StoredItems, tmp_path: Path) -> None:
    account.put(item(DAY, 1, expires_at=1), item(DAY, 2))
    chosen = wanted(tmp_path)

    run(chosen, stored)

    assert [int(row["id"][-1]) for row in rows_of(chosen)] == [2]


def test_an_export_that_was_interrupted_goes_on_where_it_was(
    account: Account, stored: StoredItems, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.put(item(DAY, 1), item(DAY + timedelta(days=1), 2))
    chosen = wanted(tmp_path)
    next(export(chosen, stored, lambda: NOW))
    asked: list[str] = []
    of_day = stored.of_day
    monkeypatch.setattr(stored, "of_day", lambda site, day: asked.append(day) or of_day(site, day))  # type: ignore[func-returns-value]

    run(chosen, stored)

    assert asked == ["2026-11-21"]
    assert len(rows_of(chosen)) == 2


def test_a_file_is_there_whole_or_not_at_all(account: Account, stored: StoredItems, tmp_path: Path) -> None:
    account.put(item(DAY, 1), item(DAY, 2, latency_ms="broken"))

    with pytest.raises(AttributeError):
        run(wanted(tmp_path), stored)

    assert list(tmp_path.rglob("*.jsonl")) == []


@pytest.mark.parametrize(
    ("made_hours_after_its_end", "run_hours_later", "is_made_again"),
    [(-1, 1, True), (1, 2, False), (1, 48, True), (16 * 24, 48, False)],
    ids=["not-over", "just-made", "ratings-may-have-come", "settled"],
)
def test_a_day_is_made_again_only_while_it_may_have_changed(
    account: Account,
    stored: StoredItems,
    tmp_path: Path,
    made_hours_after_its_end: int,
    run_hours_later: int,
    is_made_again: bool,
) -> None:
    made = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(hours=made_hours_after_its_end)
    chosen = wanted(tmp_path, last_day="2026-11-20")
    run(chosen, stored, made)
    account.put(item(DAY))

    run(chosen, stored, made + timedelta(hours=run_hours_later))

    assert len(rows_of(chosen)) == is_made_again


def test_it_can_be_told_to_make_everything_again(account: Account, stored: StoredItems, tmp_path: Path) -> None:
    run(wanted(tmp_path), stored)
    account.put(item(DAY))

    run(wanted(tmp_path, again=True), stored)

    assert len(rows_of(wanted(tmp_path))) == 1


def test_a_page_at_a_time_is_read_and_paced_by_the_capacity_it_took() -> None:
    pauses: list[float] = []

    class Pages:
        def describe_table(self, **_arguments: Any) -> dict[str, Any]:
            return {"Table": {"ProvisionedThroughput": {"ReadCapacityUnits": 10}}}

        def query(self, **arguments: Any) -> dict[str, Any]:
            items = [{"sk": {"S": "x"}}] * 3
            last = {} if "ExclusiveStartKey" in arguments else {"LastEvaluatedKey": {"sk": {"S": "x"}}}
            return {"Items": items, "ConsumedCapacity": {"CapacityUnits": 20.0}, **last}

    items = list(StoredItems(Pages(), "table", sleep=pauses.append).of_day(SITE, "2026-11-20"))

    assert len(items) == 6
    assert pauses == [20 / 5]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_of_the_contract_makes_a_row(example: Path) -> None:
    stored_item = json.loads(example.read_text(encoding="utf-8"))

    row = row_of(stored_item, stored_item["pk"], stored_item["sk"])

    assert list(row) == list(COLUMNS)
    assert row["id"] == stored_item["sk"]
    assert row["question"] == stored_item.get("question")


def test_every_attribute_of_the_contract_comes_out_but_the_pipelines_own() -> None:
    schema = json.loads((PROCESSOR / "contract" / "stored-item" / "v1.schema.json").read_text(encoding="utf-8"))
    own = {"pk", "sk", "expires_at", "origins", "exchange_order", "feedback_order", "decision_order"}
    of_decisions = {"topic", "action", "same_as", "week", "decided_at"}

    assert schema["properties"].keys() - own - of_decisions <= COLUMNS.keys() | {"latency_ms"}


def row(**values: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {"site": SITE, "day": "2026-11-20", "id": "x"} | values


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=200))
@settings(max_examples=10)
def test_any_text_survives_every_exact_format(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    directory = tmp_path_factory.mktemp("any")
    (directory / SITE).mkdir()
    rows = [row(id=f"{number:06}", question=text, sources=[text]) for number, text in enumerate(texts)]
    write_jsonl(rows, directory / SITE / "2026-11-20.jsonl")
    write_parquet(rows, directory / SITE / "2026-11-20.parquet")

    found = [rows_of(wanted(directory, format=format_)) for format_ in ("jsonl", "parquet")]

    assert [[one["question"] for one in rows] for rows in found] == [texts, texts]
    assert [[one["sources"] for one in rows] for rows in found] == [[[text] for text in texts]] * 2


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
        ("\u200b =1", "'\u200b =1"),
        ("\u202e\u00ad\u2060\U000e0001=1", "'\u202e\u00ad\u2060\U000e0001=1"),
        ('"=1', "'\"=1"),
        ("why;=1; -2;b", "why;'=1;' -2;b"),
        ("why\t=1\n=2", "why\t'=1\n'=2"),
        ("a-b = c, d@e", "a-b = c, d@e"),
    ],
)
def test_a_spreadsheet_calculates_nothing_that_a_visitor_typed(tmp_path: Path, text: str, cell: str) -> None:
    file = tmp_path / "a.csv"

    write_csv([row(question=text)], file)

    with file.open(encoding="utf-8", newline="") as lines:
        assert [cells["question"] for cells in csv.DictReader(lines)] == [cell]


@pytest.mark.parametrize("format_", WRITERS)
def test_every_ready_question_has_an_answer(
    account: Account, stored: StoredItems, tmp_path: Path, format_: str
) -> None:
    account.put(
        item(DAY, 1, question="How?", rating="down", comment="no", rated_at=1, sources=["a"], latency_ms={"total": 3}),
        item(DAY, 2, question="how", outcome="unanswered"),
    )
    run(wanted(tmp_path, format=format_), stored)

    answers = list(query(tmp_path, None))

    assert len(answers) == 5
    assert all("0 rows" not in answer for answer in answers)
    assert "how" in answers[0]


def test_questions_of_ones_own_are_answered_without_control_characters(
    account: Account, stored: StoredItems, tmp_path: Path
) -> None:
    account.put(item(DAY, question="\x1b[2Jclear"))
    run(wanted(tmp_path), stored)

    [answer] = query(tmp_path, "SELECT question FROM exchanges")

    assert "clear" in answer
    assert "\x1b" not in answer


def test_a_wrong_question_is_refused_in_a_line(account: Account, stored: StoredItems, tmp_path: Path) -> None:
    run(wanted(tmp_path), stored)

    with pytest.raises(OperationError, match="DuckDB says"):
        list(query(tmp_path, "SELECT nothing FROM nowhere"))


def test_questions_before_an_export_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="make export"):
        list(query(tmp_path, None))
