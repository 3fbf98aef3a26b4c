"""The gaps of a site over six simulated weeks, with the table between the reports."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.gaps.decision import Decision, Decisions
from reporter.gaps.evidence import Evidence
from reporter.gaps.following import FollowedGaps, Period, follow_gaps
from reporter.gaps.life import Change, Gap
from reporter.gaps.store import GapStore

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE: Final = "demo.example.com"
ZONE: Final = ZoneInfo("Europe/Madrid")
MONDAY: Final = date(2026, 9, 28)
NORWAY, INVOICE, OTHER = "000000001", "000000002", "000000003"


def report_time(week: int) -> datetime:
    return datetime.combine(MONDAY + timedelta(weeks=week + 1), datetime.min.time(), ZONE) + timedelta(hours=7)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class SixWeeks:
    """A site whose reports and whose owner meet in the table only."""

    def __init__(self, table: Any) -> None:
        self.table = table
        self.dice = random.Random(3)
        self.by_day: dict[date, dict[str, Evidence]] = {}
        for topic in (NORWAY, INVOICE, OTHER):
            table.put_item(Item={"pk": f"site#{SITE}#topics", "sk": topic, "topic_name": topic})

    def pass_week(self, week: int, good: Mapping[str, float]) -> FollowedGaps:
        """Let a week pass in which each topic is answered that well; make its report."""
        for number in range(7):
            day = MONDAY + timedelta(weeks=week, days=number)
            self.by_day[day] = {topic: self._asked(rate) for topic, rate in good.items()}
        return self.report(week, [topic for topic, rate in good.items() if rate < 0.5])

    def report(self, week: int, failing: list[str]) -> FollowedGaps:
        store = GapStore(self.table, SITE)
        period = Period(MONDAY + timedelta(weeks=week), milliseconds(report_time(week)), ZONE)
        known = {day: counts for day, counts in self.by_day.items() if day >= period.monday - timedelta(weeks=4)}
        followed = follow_gaps(store.load(), Decisions(self.table, SITE).load(), failing, known, period)
        store.save(followed.changed)
        return followed

    def decide(self, week: int, topic: str, action: str, **more: str) -> None:
        """Press a button an hour after a week's report, as the processor stores it."""
        at = milliseconds(report_time(week)) + 3_600_000
        item = {"pk": f"site#{SITE}#decisions", "sk": f"{week}-{topic}-{action}", "topic": topic, "action": action}
        self.table.put_item(Item={**item, "decided_at": at, "week": "2026-W40", **more})

    def _asked(self, rate: float) -> Evidence:
        asked = self.dice.choice([4, 5, 6])
        return Evidence(asked, sum(self.dice.random() < rate for _ in range(asked)))


def topics(gaps: list[Gap]) -> list[str]:
    return [gap.topic for gap in gaps]


def test_the_life_of_three_gaps_in_six_weeks(table: Any) -> None:
    site = SixWeeks(table)
    bad = {NORWAY: 0.05, INVOICE: 0.1, OTHER: 0.1}

    first = site.pass_week(0, bad)
    assert all(first.is_listed(topic) for topic in bad)
    site.decide(0, NORWAY, "fixed")
    site.decide(0, INVOICE, "fixed")
    site.decide(0, OTHER, "not_ours")

    second = site.pass_week(1, bad | {NORWAY: 0.95})
    assert topics(second.confirmed) == [NORWAY]
    assert topics(second.back) == [INVOICE]
    assert (second.ignored, second.is_listed(OTHER), second.is_listed(INVOICE)) == (1, False, True)
    [norway] = second.confirmed
    assert norway.since.asked == sum(site.by_day[MONDAY + timedelta(days=day)][NORWAY].asked for day in range(8, 14))
    assert norway.before.asked == sum(site.by_day[MONDAY + timedelta(days=day)][NORWAY].asked for day in range(7))

    third = site.pass_week(2, bad | {NORWAY: 0.95})
    assert (third.confirmed, third.back, third.ignored) == ([], [], 1)
    site.decide(2, INVOICE, "same", same_as=NORWAY)

    fourth = site.pass_week(3, bad | {NORWAY: 0.95})
    assert fourth.gaps[INVOICE].state == "same"
    assert topics(fourth.back) == [NORWAY]  # what is the same as it still fails
    assert (fourth.is_listed(INVOICE), fourth.is_listed(NORWAY)) == (False, True)

    fifth = site.pass_week(4, bad)
    assert (fifth.back, fifth.is_listed(NORWAY)) == ([], True)
    site.decide(4, NORWAY, "fixed")

    sixth = site.pass_week(5, {NORWAY: 0.95, INVOICE: 0.95, OTHER: 0.1})
    assert topics(sixth.confirmed) == [NORWAY]
    assert [(change.state, change.by) for change in sixth.gaps[NORWAY].history] == [
        ("open", "data"), ("fixed", "owner"), ("confirmed", "data"), ("back", "data"),
        ("fixed", "owner"), ("confirmed", "data"),
    ]  # fmt: skip
    assert sixth.gaps[OTHER].state == "ignored"


def test_a_report_that_is_made_again_changes_nothing(table: Any) -> None:
    site = SixWeeks(table)
    site.pass_week(0, {NORWAY: 0.05})
    site.decide(0, NORWAY, "fixed")

    first = site.pass_week(1, {NORWAY: 0.95})
    again = site.report(1, [])

    assert again.gaps == first.gaps
    assert again.changed == []
    assert topics(again.confirmed) == [NORWAY]


def test_a_gap_of_a_topic_that_is_gone_is_not_stored(table: Any) -> None:
    GapStore(table, SITE).save([Gap("000000009", (Change("open", 1, "data"),))])

    assert table.scan()["Items"] == []


@pytest.mark.parametrize(
    "gap",
    [
        {}, {"history": [], "counts": [0, 0, 0, 0]}, {"history": [["open", 1, "data"]], "counts": [1, 2, 0, 0]},
        {"history": [["gone", 1, "data"]], "counts": [0, 0, 0, 0]}, {"history": "open", "counts": [0, 0, 0, 0]},
        {"history": [["open", "soon", "data"]], "counts": [0, 0, 0, 0]},
        {"history": [["open", 1, "data"]], "counts": 4},
    ],
)  # fmt: skip
def test_a_damaged_gap_is_skipped(table: Any, gap: dict[str, Any]) -> None:
    table.put_item(Item={"pk": f"site#{SITE}#topics", "sk": NORWAY, "gap": gap})

    assert GapStore(table, SITE).load() == []


@pytest.mark.parametrize(
    "decision",
    [
        {}, {"topic": NORWAY}, {"topic": NORWAY, "action": "fixed"},
        {"topic": NORWAY, "action": "same", "decided_at": 1}, {"topic": NORWAY, "action": "burn", "decided_at": 1},
        {"topic": NORWAY, "action": "fixed", "decided_at": "soon"},
        {"topic": NORWAY, "action": "fixed", "decided_at": 1, "same_as": OTHER},
    ],
)  # fmt: skip
def test_a_damaged_decision_is_skipped(table: Any, decision: dict[str, Any]) -> None:
    table.put_item(Item={"pk": f"site#{SITE}#decisions", "sk": "x"} | decision)

    assert Decisions(table, SITE).load() == []


@given(
    st.lists(
        st.builds(
            lambda topic, action, at, other: Decision(topic, action, at, other if action == "same" else ""),
            st.sampled_from([NORWAY, INVOICE]),
            st.sampled_from(["fixed", "not_ours", "same"]),
            st.integers(milliseconds(report_time(0)), milliseconds(report_time(4))),
            st.sampled_from([NORWAY, INVOICE, OTHER]),
        ),
        max_size=5,
    ),
    st.sets(st.sampled_from([NORWAY, INVOICE, OTHER])),
)
def test_following_twice_gives_the_same_and_hides_no_failing_topic_for_good(
    decisions: list[Decision], failing: set[str]
) -> None:
    by_day = {MONDAY + timedelta(days=day): {NORWAY: Evidence(5, 1), INVOICE: Evidence(4, 4)} for day in range(35)}
    period = Period(MONDAY + timedelta(weeks=4), milliseconds(report_time(4)), ZONE)

    once = follow_gaps([], decisions, failing, by_day, period)
    twice = follow_gaps(once.gaps.values(), decisions, failing, by_day, period)

    assert twice.gaps == once.gaps
    same = {topic for topic, gap in once.gaps.items() if gap.state == "same"}
    for topic in failing & same:
        other = once.gaps[topic].same_as
        assert once.is_listed(topic) or other in once.gaps


def test_a_decision_is_dated_in_the_owners_zone() -> None:
    late = datetime(2026, 10, 6, 23, 30, tzinfo=UTC)  # the 7th in Madrid
    by_day = {date(2026, 10, day): {NORWAY: Evidence(10, 0)} for day in range(1, 15)}
    fixed = Decision(NORWAY, "fixed", milliseconds(late))

    followed = follow_gaps([], [fixed], [NORWAY], by_day, Period(date(2026, 10, 5), milliseconds(late) + 1, ZONE))

    assert (followed.gaps[NORWAY].before.asked, followed.gaps[NORWAY].since.asked) == (60, 70)
