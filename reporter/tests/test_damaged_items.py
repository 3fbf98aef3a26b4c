"""What does not follow the contract is skipped, counted and said; everything else is reported."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import report_of
from reporter.application import Application
from reporter.exchange import DamagedItem, Exchange
from reporter.item_reader import read_item
from reporter.report.rendering import render
from reporter.request import Request
from reporter.settings import Settings
from stored import item
from test_weekly import MONDAY, QUARTER_HOUR_MS
from weeks import SITE

FULL: dict[str, Any] = {
    "session": "s", "visitor": "v", "country": "GB", "language": "en", "referrer": "r", "device": "phone",
    "cache": "hit", "sources": ["a"], "latency_ms": {"total": 1.5, "model": 1}, "rating": "down", "comment": "no",
    "model": {"name": "m", "input_tokens": 1, "output_tokens": 1, "cost_usd": 0.1}, "sample_rate": 0.5,
    "waiting": 12,
}  # fmt: skip
VALUES = [None, True, 7, Decimal(-1), Decimal(0), Decimal("1e120"), "", "text", b"\x00",
          [], [None], [7], {}, {"total": "x"},
          {"total": Decimal(-1)}, {"name": 7}, {7}, {"a"}]  # fmt: skip


def full_item(asked: str = "2026-11-10T10:00") -> dict[str, Any]:
    return item(asked, "How do I pay?", site=SITE, **copy.deepcopy(FULL))


@pytest.mark.parametrize(
    ("name", "value"),
    [("origins", {"nowhere"}), ("origins", None), ("origins", "abcd/1"), ("expires_at", "soon"), ("expires_at", None),
     ("expires_at", Decimal(-5)), ("latency_ms", {"total": Decimal("1e120")}),
     ("latency_ms", {"total": "fast"}), ("latency_ms", {"total": Decimal(-1)}), ("latency_ms", [1]), ("sources", None),
     ("sources", "a"), ("sources", [1]), ("question", 42), ("sample_rate", Decimal(0)), ("sample_rate", Decimal(-1)),
     ("sample_rate", Decimal("1e-120")), ("model", {"name": "m", "input_tokens": Decimal("1e120")}),
     ("model", {"name": "m", "cost_usd": Decimal("1e120")}),
     ("waiting", -1), ("waiting", Decimal("0.5")), ("waiting", "12"), ("waiting", True), ("waiting", None),
     ("waiting", Decimal("1e120")), ("waiting", [12]),
     ("sample_rate", "half"), ("asked_at", "now"), ("model", "m"), ("model", {"input_tokens": 3}),
     ("model", {"name": 1}),
     ("outcome", None), ("session", 5), ("sk", "not-an-id"), ("comment", ["x"]), ("bot", True)],
)  # fmt: skip
def test_a_damaged_item_is_counted_and_the_others_are_reported(name: str, value: Any) -> None:
    damaged = full_item() | {name: value}

    report = report_of([damaged, full_item("2026-11-11T10:00")])

    assert isinstance(read_item(damaged, 0), DamagedItem)
    assert report.this.exchanges == 1
    if name != "sk":
        assert report.this.damaged == 1
        assert "1 stored item of this week could not be read" in render(report).text


@settings(max_examples=80)
@given(st.sampled_from(sorted(full_item())), st.sampled_from(VALUES) | st.text(max_size=9) | st.integers())
def test_no_value_of_any_attribute_stops_a_report(name: str, value: Any) -> None:
    read = read_item(full_item() | {name: value}, 0)

    assert isinstance(read, (Exchange, DamagedItem))
    render(report_of([full_item() | {name: value} | {"sk": full_item()["sk"]}]))


def test_an_attribute_that_is_missing_stops_no_report() -> None:
    for name in full_item():
        without = {key: value for key, value in full_item().items() if key != name}

        assert isinstance(read_item(without, 0), (Exchange, DamagedItem))


def test_what_arrived_damaged_is_not_called_lost() -> None:
    whole = [full_item(), full_item(), full_item()]
    for number, each in enumerate(whole):
        each["origins"] = {f"isolate0/{number + 1}"}
    whole[1]["question"] = 42

    assert report_of(whole).delivery.missing == 0


def test_the_moment_of_a_damaged_item_is_that_of_its_id_or_else_of_its_partition() -> None:
    assert read_item(full_item() | {"question": 1}, 7).moment_ms == 1794304800000
    assert read_item(full_item() | {"asked_at": "now"}, 7).moment_ms == 1794304800000
    assert read_item({"sk": 7}, 7) == DamagedItem(7)


def test_damaged_items_in_the_table_are_said_in_the_mail(table: Any, mails: list[Any]) -> None:
    good = item("2026-11-10T10:00")
    table.put_item(Item=good)
    table.put_item(Item=item("2026-11-10T11:00", 42))  # type: ignore[arg-type]
    table.put_item(Item={name: value for name, value in item("2026-11-10T12:00").items() if name != "expires_at"})

    Application.from_settings(Settings.from_environment()).run(
        Request.parse({"report": "weekly"}), MONDAY, "run", QUARTER_HOUR_MS
    )

    assert "2 stored items of this week could not be read" in mails[0].body
    assert "1 question" in mails[0].subject
