from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from conftest import REGION
from reporter import handler
from stored import item


@pytest.fixture
def sent(table: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    for name, value in {
        "TABLE_NAME": table.name,
        "REPORT_SENDER": "report@example.com",
        "REPORT_RECIPIENTS": "owner@example.com",
        "REPORT_SITES": "demo.example.com",
        "REPORT_TIME_ZONE": "Europe/Madrid",
        "REPORT_CHANNELS": "email",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("sesv2").create_email_identity(EmailIdentity="report@example.com")
    handler._weekly_report.cache_clear()
    messages: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return messages


def test_a_week_of_the_table_leaves_as_an_email_with_both_parts(
    table: Any, sent: list[Any]
) -> None:
    for hour in range(3):
        table.put_item(Item=item(f"2026-11-17T0{hour}:30", latency_ms={"total": 120.0}))
    table.put_item(Item=item("2026-11-18T10:00", "Where is my parcel?", "unanswered"))
    table.put_item(Item=item("2026-11-10T10:00"))

    answer = handler.handler({"report": "weekly", "week": "2026-W47"}, None)

    assert answer["reports"][0]["exchanges"] == 4
    assert len(sent) == 1
    print(sent[0].body)
    assert "Where is my parcel?" in str(sent[0].body)
