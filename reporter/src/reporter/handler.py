"""The Lambda function: environment, clients, one call."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3

from reporter.delivery import Mailer
from reporter.settings import Settings
from reporter.table import Table
from reporter.weekly import WeeklyReport

logger = logging.getLogger("reporter")


@cache
def _weekly_report() -> WeeklyReport:
    logger.setLevel(logging.INFO)
    settings = Settings.from_environment(os.environ)
    table = Table(boto3.resource("dynamodb").Table(settings.table_name))
    mailer = Mailer(settings, boto3.client("sesv2"), boto3.client("sns"))
    return WeeklyReport(settings, table, mailer)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Make the report that the schedule or a person asks for."""
    result = _weekly_report().run(event, datetime.now(UTC))
    logger.info("report", extra={"result": result})
    print(result)
    return result
