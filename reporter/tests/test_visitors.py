"""How many visitors are counted twice at most, since their names change at midnight UTC within an owner's day."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from made import report_of
from reporter.item_reader import read_item
from reporter.report.sentences import Sentences
from reporter.rollups.rollup import Rollup
from reporter.rollups.rollup_builder import roll_up
from stored import item

NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 11, 10)

# A person, the UTC hour of asking in the local day of New York (05:00 to 05:00), and the session, which may go on.
ASKING = st.lists(st.tuples(st.integers(0, 6), st.integers(5, 28), st.integers(0, 1)), max_size=40)


def rolled_up(asking: list[tuple[int, int, int]]) -> Rollup:
    items = [
        item(
            f"2026-11-{10 + hour // 24}T{hour % 24:02d}:{minute:02d}",
            visitor=f"{person:08x}{hour // 24:08x}",
            session=f"{person}-{session}",
        )
        for minute, (person, hour, session) in enumerate(asking)
    ]
    read = sorted((read_item(each, 0) for each in items), key=lambda each: each.moment_ms)
    return Rollup.decode(roll_up(read, DAY, NEW_YORK).encode())


@given(ASKING)
def test_the_count_of_visitors_is_off_by_no_more_than_is_said(asking: list[tuple[int, int, int]]) -> None:
    people = len({person for person, _, _ in asking})

    rollup = rolled_up(asking)

    assert people <= rollup.visitors.count <= people + rollup.visitors_twice


def test_nobody_is_counted_twice_where_nobody_came_on_both_sides() -> None:
    assert rolled_up([(1, 9, 0), (2, 10, 0), (1, 22, 1)]).visitors_twice == 0
    assert rolled_up([(1, 9, 0), (1, 23, 1), (1, 24, 1)]).visitors_twice == 0
    assert rolled_up([(1, 9, 0), (1, 26, 1)]).visitors_twice == 1


def test_the_mail_says_so() -> None:
    # The reports of these tests are of Madrid, where the day begins at 23:00 UTC.
    asked = (("2026-11-09T23:30", "a" * 16), ("2026-11-10T09:30", "b" * 16))
    report = report_of([item(moment, visitor=visitor, site="shop.example.com") for moment, visitor in asked])

    assert Sentences(report).who == (
        "0 sessions of 2 visitors, each counted once a day (at most 1 of them twice, before and after midnight UTC)"
    )
