"""The Lambda function: environment, clients, one call."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from reporter.application import Application
from reporter.request import Request
from reporter.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger("reporter")


@cache
def _application() -> Application:
    logger.setLevel(logging.INFO)
    return Application.from_settings(Settings.from_environment())


def handler(payload: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Make the report that the schedule or a person asks for, and return what was done."""
    request = Request.parse(payload)
    result = _application().run(
        request,
        now=datetime.now(UTC),
        by=context.aws_request_id,
        remaining_ms=context.get_remaining_time_in_millis(),
    )
    logger.info(json.dumps(result))
    return result
