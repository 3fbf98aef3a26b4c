from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from reporter import handler
from reporter.period import InvalidPeriodError
from reporter.request import InvalidRequestError
from stored import item

CONTEXT = SimpleNamespace(aws_request_id="run-1", get_remaining_time_in_millis=lambda: 900_000)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    handler._application.cache_clear()


@pytest.mark.usefixtures("mails")
def test_a_week_of_the_table_leaves_as_one_email(table: Any, mails: list[Any]) -> None:
    table.put_item(Item=item("2026-11-10T10:00", "Where is my parcel?", "unanswered"))

    answer = handler.handler({"report": "weekly", "week": "2026-W46"}, CONTEXT)

    (report,) = answer["reports"]
    assert (report["status"], report["exchanges"], report["unanswered"]) == ("sent", 1, 1)
    assert report["messages"] == [mails[0].id]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("payload", [{}, {"report": "monthly"}, {"report": "daily", "wek": "x"}])
def test_a_payload_that_asks_for_nothing_there_is_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        handler.handler(payload, CONTEXT)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("week", ["2026-W54", "2025-W53", "W46", "46", "2026-W00"])
def test_a_week_that_does_not_exist_is_refused(week: str) -> None:
    with pytest.raises(InvalidPeriodError, match="is not an ISO week"):
        handler.handler({"report": "weekly", "week": week}, CONTEXT)
