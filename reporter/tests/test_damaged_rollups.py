"""A damaged rollup is made again from its items; where they have expired, the mail says so."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from boto3.dynamodb.types import Binary
from hypothesis import given, settings
from hypothesis import strategies as st

from made import full_report
from reporter.daily import DailyRollups
from reporter.period import milliseconds, parse_day
from reporter.report.data import ReportData
from reporter.report.rendering import render
from reporter.report.weekly_report import Report
from reporter.rollups.checked import DamagedRollupError
from reporter.rollups.rollup import Rollup
from reporter.table import Table
from stored import item
from test_weekly import MONDAY, SITE, run, status

if TYPE_CHECKING:
    from collections.abc import Iterator

MADRID = ZoneInfo("Europe/Madrid")
DAY = parse_day("2026-11-10")


def paths(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is a value in a rollup, a few of each list."""
    yield path
    if isinstance(data, dict):
        for name in list(data)[:4] if len(path) > 1 else data:
            yield from paths(data[name], (*path, name))
    elif isinstance(data, list):
        for number in range(min(len(data), 3)):
            yield from paths(data[number], (*path, number))


def stored() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(zlib.decompress(full_report().this.encode()))
    return data


PATHS = [path for path in paths(stored()) if path]


@settings(max_examples=150)
@given(
    st.sampled_from(PATHS),
    st.sampled_from([None, True, -1, 1.5, 10**30, "", "x", [], [[]], {}, {"x": "y"}, {"x": -1}, float("nan")]),
)
def test_whatever_is_in_a_rollup_it_is_read_or_refused_and_never_stops_a_report(
    path: tuple[Any, ...], value: Any
) -> None:
    data = stored()
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value

    try:
        rollup = Rollup.decode(zlib.compress(json.dumps(data).encode()))
    except DamagedRollupError:
        return

    before = full_report().data
    report = Report(ReportData(before.site, before.week, before.zone, before.now, [rollup, *before.weeks[1:]]))
    assert render(report).html


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"x",
        zlib.compress(b"{}"),
        zlib.compress(b"[" * 9_999),
        zlib.compress(b'{"a":' * 65 + b"1" + b"}" * 65),
        zlib.compress(b" " * 20_000_000),
        zlib.compress(b"{}")[:-1],
        zlib.compress(b"\xff"),
    ],
    ids=["empty", "text", "object", "open", "deep", "bomb", "cut", "not-utf-8"],
)
def test_bytes_that_are_no_rollup_are_refused(encoded: bytes) -> None:
    with pytest.raises(DamagedRollupError):
        Rollup.decode(encoded)


@pytest.mark.parametrize(
    "damage",
    [{"rollup": Binary(b"rubbish")}, {"rollup": "text"}, {"version": "two"}, {"version": 99}, {"made_at": "never"},
     {"exchanges": 7}, {"rollup": None}, {"zone": 5}],
)  # fmt: skip
def test_a_damaged_rollup_is_made_again(table: Any, damage: dict[str, Any]) -> None:
    table.put_item(Item=item("2026-11-10T12:00"))
    days = DailyRollups(Table(table), SITE, MADRID, milliseconds(MONDAY))
    days.refresh(DAY)
    keys = {"pk": f"site#{SITE}#rollup", "sk": f"day#{DAY}"}
    table.put_item(Item=table.get_item(Key=keys)["Item"] | damage)

    assert [rollup.exchanges for rollup in days.of([DAY])] == [1]
    assert [rollup.exchanges for rollup in days.of([DAY])] == [1]


def test_a_damaged_rollup_whose_items_have_expired_is_said_in_the_mail(table: Any, mails: list[Any]) -> None:
    keys = {"pk": f"site#{SITE}#rollup", "sk": "day#2026-07-07"}
    table.put_item(Item=keys | {"version": 2, "made_at": 1, "zone": "Europe/Madrid", "rollup": b"rubbish"})

    run({"report": "weekly", "week": "2026-W28"})

    assert "1 day of this week is missing" in mails[0].body


def test_a_rollup_of_the_first_version_is_used_where_nothing_else_is_known(table: Any) -> None:
    data = stored()
    for name in ("clusters", "damaged", "without_question"):
        del data[name]
    data["tallies"].pop("other_outcomes")
    data["questions"]["groups"] = [
        [stems, example, outcomes[:6], counts[:3], sources]
        for stems, example, outcomes, counts, sources, *_ in data["questions"]["groups"]
    ]
    encoded = zlib.compress(json.dumps(data).encode())
    keys = {"pk": f"site#{SITE}#rollup", "sk": "day#2026-07-07"}
    table.put_item(Item=keys | {"version": 1, "made_at": 1, "zone": "Europe/Madrid", "rollup": encoded})

    (rollup,) = DailyRollups(Table(table), SITE, MADRID, milliseconds(MONDAY)).of([parse_day("2026-07-07")])

    assert rollup.exchanges == full_report().this.exchanges
    assert rollup.clusters.of("questions").whole_squared == rollup.represented


@pytest.mark.parametrize(
    "damage",
    [{"html": "x"}, {"text": Binary(b"x")}, {"subject": 7}, {"reported": "many"}, {"reported": {"2026-W45": "x"}},
     {"delivered": None}, {"claimed_until": "later"}, {"reported_ratings": {"2026-W45": 7}}, {"figures": [1]}],
)  # fmt: skip
def test_a_damaged_snapshot_stops_neither_its_own_report_nor_the_next(
    table: Any, mails: list[Any], damage: dict[str, Any]
) -> None:
    table.put_item(Item=item("2026-11-10T12:00"))
    run({"report": "weekly"})
    keys = {"pk": f"site#{SITE}#report", "sk": "week#2026-W46"}
    damaged = table.get_item(Key=keys)["Item"] | damage

    table.put_item(Item=damaged)
    assert status(run({"report": "weekly", "week": "2026-W47"}, MONDAY.replace(day=23), by="next")) == "sent"
    table.put_item(Item=damaged | {"sent": False, "claimed_until": damage.get("claimed_until", 0)})
    assert status(run({"report": "weekly"}, MONDAY, by="other")) in {"sent", "sent again", "resumed"}
