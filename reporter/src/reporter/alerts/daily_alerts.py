"""Sends the alert of a day, once: by the channels of the report and by the webhook."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Attr

from reporter.alerts.alert import Alert, alert_of
from reporter.table import DAYS_REPORTS_LIVE
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from reporter.rollups.rollup import Rollup
    from reporter.table import Table

logger = logging.getLogger(__name__)

_WEEKS: Final = 4
_SECONDS_PER_DAY: Final = 86_400


class DailyAlerts:
    """Compares the days of one site and tells when one is worse."""

    def __init__(self, resource: Any, table: Table, site: str, zone: ZoneInfo, tell: Callable[[Alert], None]) -> None:
        self._resource = resource
        self._table = table
        self._site = site
        self._zone = zone
        self._tell = tell
        self._keys = key_names()

    def check(self, day: date, rollup: Rollup, now_ms: int) -> Alert | None:
        """Send the alert of a day, unless it has one. Never raises: rollups and reports go on.

        Args:
            day: the day, which is over.
            rollup: what happened on it.
            now_ms: Unix epoch milliseconds.

        Returns:
            What was sent; None where nothing is worse, or it was told before.

        """
        try:
            alert = alert_of(self._site, day, rollup, self._before(day))
            if alert is None or not self._claim(day, now_ms):
                return None
            self._tell(alert)
        except Exception:
            logger.exception("the alert of %s %s failed", self._site, day)
            return None
        return alert

    def _before(self, day: date) -> list[Rollup]:
        """Return the stored rollups of the same weekdays before it; a day without one is left out."""
        days = [day - timedelta(weeks=ago) for ago in range(1, _WEEKS + 1)]
        stored = (self._table.rollups(self._site, each, each, self._zone.key).get(each) for each in days)
        return [each.rollup for each in stored if each is not None and each.rollup is not None]

    def _claim(self, day: date, now_ms: int) -> bool:
        """Return whether this run is the first to tell: at most one alert a day and site."""
        item = {
            self._keys.partition_key: f"site#{self._site}#alerts",
            self._keys.sort_key: f"day#{day}",
            self._keys.time_to_live: now_ms // 1000 + DAYS_REPORTS_LIVE * _SECONDS_PER_DAY,
        }
        try:
            self._resource.put_item(Item=item, ConditionExpression=Attr(self._keys.sort_key).not_exists())
        except self._resource.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True
