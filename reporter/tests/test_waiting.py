"""What the mail says of events that wait in the Worker's outbox, and of figures that count several topics."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from made import ZONE, full_report, report_of
from reporter.item_reader import read_item
from reporter.report.advice import advise
from reporter.report.rendering import render
from reporter.rollups.rollup import Rollup
from reporter.rollups.rollup_builder import roll_up
from stored import item
from weeks import SITE

if TYPE_CHECKING:
    from reporter.report.weekly_report import Report

MISSING = 20


def week(*told: tuple[str, int], given_up: int = 0) -> list[dict[str, Any]]:
    """100 stored events with 20 missing before the 51st, and exchanges that tell at a moment how many wait."""
    items = [item("2026-11-10T10:00", site=SITE) for _ in range(100)]
    for number, each in enumerate(items):
        after = number >= 50
        lost = f"/{given_up}" if given_up and number == 50 else ""
        each["origins"] = {f"isolate0/{number + 1 + MISSING * after}{lost}"}
    news = [item(asked, site=SITE, waiting=events, origins={"isolate1/1"}) for asked, events in told]
    for number, each in enumerate(news):
        each["origins"] = {f"isolate1/{number + 1}"}
    return items + news


def parts(report: Report) -> tuple[str, str]:
    message = render(report)
    return message.html, " ".join(message.text.split())


def advice_of(report: Report) -> str:
    return " ".join(f"{each.do}. {each.why}" for each in advise(report))


def test_the_mail_tells_how_many_waited_when_last_seen() -> None:
    report = report_of(week(("2026-11-11T09:00", 70), ("2026-11-15T13:20", 20)))

    for part in parts(report):
        assert "20 missing; 20 still waiting to be sent when last seen on Sunday at 14:20;" in part
    assert "missing" not in advice_of(report)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([], id="no news"),
        pytest.param([("2026-11-11T09:00", 0)], id="none"),
        pytest.param([("2026-11-11T09:00", 20), ("2026-11-12T09:00", 0)], id="none any more"),
        pytest.param([("2026-11-07T09:00", 20)], id="the week before"),
    ],
)
def test_where_none_waited_when_last_seen_all_that_is_missing_is_lost(told: list[tuple[str, int]]) -> None:
    report = report_of(week(*told))

    for part in parts(report):
        assert "waiting" not in part
        assert "20 missing" in part
    assert "Find out why events are missing: 20 of" in advice_of(report)


def test_where_nothing_is_missing_the_mail_does_not_tell_of_what_waited() -> None:
    items = [item("2026-11-10T10:00", site=SITE, waiting=7, origins={f"isolate0/{number}"}) for number in (1, 2)]

    for part in parts(report_of(items)):
        assert "waiting" not in part
        assert "all 2 events are stored" in part


@pytest.mark.parametrize(
    ("waiting", "given_up", "lost", "why"),
    [
        (12, 0, 8, "0 of them were dropped by the Worker after all its attempts: see its log. Not counted: 12"),
        (50, 6, 6, "6 of them were dropped by the Worker after all its attempts: see its log. Not counted: 14"),
    ],
)
def test_the_advice_does_not_call_lost_what_waits_and_says_so(waiting: int, given_up: int, lost: int, why: str) -> None:
    report = report_of(week(("2026-11-12T09:00", waiting), given_up=given_up))

    told = advice_of(report)

    assert (
        f"Find out why events are missing: {lost} of 121. {why} events still waiting to be sent when last seen." in told
    )


def test_news_of_the_days_after_the_week_is_newer_and_told_with_its_date() -> None:
    asked = read_item(item("2026-11-16T02:10", site=SITE, waiting=1_234, bot="crawler"), 0)
    later = Rollup.decode(roll_up([asked], date(2026, 11, 16), ZONE).encode())

    report = report_of(week(("2026-11-12T09:00", 20)), later=later)

    for part in parts(report):
        assert "1,234 still waiting to be sent when last seen on Monday, 16 November at 03:10" in part


def test_commands_of_an_advice_are_code_in_html_and_words_of_visitors_keep_their_backticks() -> None:
    report = report_of(
        [item("2026-11-10T10:00", "`make dlq` fails", "error", site=SITE) for _ in range(9)], dead_letters=3
    )

    html, text = parts(report)

    assert "<code>make dlq</code> shows why, <code>make redrive</code> sends" in html
    assert html.count("<code>") == 2
    assert "`make dlq` fails" in html
    assert "`make dlq` shows why" in text


def test_what_counts_several_topics_says_how_often_each_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    # Finer topics than a mail's, so that what fails in the same place are two of them.
    monkeypatch.setattr("reporter.topics.sizes._LEAST_MIXED", ((24, 0.30), (100, 0.36)))
    report = full_report.__wrapped__()
    (gap,) = (each for each in report.asked.gaps(3) if each.related)
    (listed,) = (each for each in report.asked.most_asked(99) if each.topic == gap.topic)

    assert gap.group.count == listed.group.count + gap.as_related > listed.group.count
    for part in parts(report):
        assert part.count(f"{listed.group.count}× as this topic, {gap.as_related}× as a related one") == 2
