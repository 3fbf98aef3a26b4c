"""What arrives after its day was rolled up is in the next mail, at a cost that follows the changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from reporter.daily import DailyRollups
from reporter.period import milliseconds
from reporter.table import Table
from stored import item
from test_weekly import MONDAY, SITE, late_item, run

if TYPE_CHECKING:
    from collections.abc import Iterator

MADRID = ZoneInfo("Europe/Madrid")


def marks(table: Any) -> list[str]:
    return [changed.day.isoformat() for changed in Table(table).changed_days(SITE)]


def every_day_rolled_up(table: Any, now: datetime = MONDAY) -> None:
    for ago in range(2, 36):  # each when all that marks no day had come
        made = milliseconds(now - timedelta(days=ago - 2))
        DailyRollups(Table(table), SITE, MADRID, made).refresh(now.date() - timedelta(days=ago))


@pytest.mark.parametrize("ago", [3, 9, 20, 33])
def test_what_was_redriven_before_the_mail_is_in_the_mail(table: Any, mails: list[Any], ago: int) -> None:
    day = MONDAY.date() - timedelta(days=ago)
    table.put_item(Item=item(f"{day}T10:00"))
    every_day_rolled_up(table)
    late_item(table, f"{day}T11:00")

    report = run({"report": "weekly"})["reports"][0]

    assert report["exchanges"] == (2 if ago < 8 else 0)
    assert marks(table) == []
    if ago < 8:
        assert "2 questions" in mails[0].subject


def test_ratings_that_came_late_are_counted_and_corrected(table: Any, mails: list[Any]) -> None:
    rated = item("2026-11-10T10:00")
    table.put_item(Item=rated)
    run({"report": "weekly"})
    table.put_item(Item=rated | {"rating": "down", "rated_at": 1, "feedback_order": "1"})
    late_item(table, "2026-11-17T10:00")
    late_item(table, "2026-11-10T12:00", bot="crawler")

    run({"report": "weekly"}, MONDAY + timedelta(weeks=1))

    assert "Correction to week 46" in mails[1].body
    assert "rated 0 up and 1 down (the report said 0 and 0)" in mails[1].body


def test_only_days_that_changed_are_read_again(table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    every_day_rolled_up(table)
    late_item(table, "2026-11-03T10:00")
    read: list[date] = []
    exchanges = Table.exchanges

    def note(self: Table, site: str, begin_ms: int, end_ms: int, now_ms: int) -> Iterator[Any]:
        read.append(datetime.fromtimestamp(begin_ms / 1000, MADRID).date())
        return exchanges(self, site, begin_ms, end_ms, now_ms)

    monkeypatch.setattr(Table, "exchanges", note)

    run({"report": "weekly"})

    assert read == [date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 15), date(2026, 11, 16)]


def test_a_mark_stays_where_the_day_changes_while_it_is_rolled_up(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    late_item(table, "2026-11-10T10:00")
    refresh = DailyRollups.refresh

    def refresh_and_change(self: DailyRollups, day: date) -> Any:
        rollup = refresh(self, day)
        if day == date(2026, 11, 10):
            late_item(table, "2026-11-10T11:00", changes=2)
        return rollup

    monkeypatch.setattr(DailyRollups, "refresh", refresh_and_change)
    run({"report": "daily"})
    assert marks(table) == ["2026-11-10"]
    monkeypatch.setattr(DailyRollups, "refresh", refresh)

    run({"report": "daily"})

    assert marks(table) == []


def test_marks_that_no_time_is_left_for_come_next_time(table: Any) -> None:
    late_item(table, "2026-11-10T10:00")
    days = DailyRollups(Table(table), SITE, MADRID, milliseconds(MONDAY))

    assert days.refresh_changed(0) == []
    assert marks(table) == ["2026-11-10"]
    assert days.refresh_changed(60) == [date(2026, 11, 10), date(2026, 11, 11)]
    assert marks(table) == []


def test_a_mark_of_a_day_whose_exchanges_have_expired_is_deleted(table: Any) -> None:
    late_item(table, "2026-11-10T10:00")
    later = milliseconds(MONDAY + timedelta(days=100))

    assert DailyRollups(Table(table), SITE, MADRID, later).refresh_changed(60) == []
    assert marks(table) == []


@pytest.mark.parametrize("mark", [{}, {"changed_at": "x", "changes": None}, {"changes": 3}])
def test_a_damaged_mark_works_and_goes(table: Any, mark: dict[str, Any]) -> None:
    table.put_item(Item={"pk": f"site#{SITE}#changed", "sk": "day#2026-11-10"} | mark)
    table.put_item(Item={"pk": f"site#{SITE}#changed", "sk": "day#never"})
    now_ms = milliseconds(datetime(2026, 11, 16, tzinfo=UTC))

    assert date(2026, 11, 10) in DailyRollups(Table(table), SITE, MADRID, now_ms).refresh_changed(60)
    assert marks(table) == []


def test_origins_in_pages_are_entered_in_the_ledger(table: Any) -> None:
    rated = item("2026-11-10T10:00") | {"origins": {"isolate0/1", "isolate0/3"}}
    table.put_item(Item=rated)
    table.put_item(
        Item={
            "pk": f"{rated['pk']}#origins",
            "sk": f"{rated['sk']}#0123456789abcdef",
            "expires_at": rated["expires_at"],
            "origins": {"isolate0/2", "isolate0/3"},
        }
    )

    rollup = DailyRollups(Table(table), SITE, MADRID, milliseconds(MONDAY)).refresh(date(2026, 11, 10))

    delivery = rollup.ledger.delivery(type(rollup.ledger)())
    assert (delivery.made, delivery.stored) == (3, 3)
