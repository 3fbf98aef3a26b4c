"""Lists the newest conversations of a mail's topics, for the Worker's page that shows them.

Only ids are listed (`contract/conversation-list`): the page reads the conversations themselves when it is asked for,
as the table has them then. Nothing is listed where no such page is wanted.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from reporter.conversations.stored import conversations
from reporter.period import milliseconds
from reporter.report.act_links import LIFETIME
from reporter.report.advice import advise
from reporter.table_keys import key_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reporter.report.weekly_report import Report

logger = logging.getLogger(__name__)

MOST: Final = 20
_GAPS: Final = 10
# The week, the day of the mail, and a day for the time zone.
_DAYS: Final = 9
# Of a busy site the newest are enough, and reading takes capacity.
_MOST_READ: Final = 20_000
_DAY_SECONDS: Final = 86_400


def list_conversations(resource: Any, report: Report) -> int:
    """Store a list for each topic that the report has a link about; return how many. Never raises.

    Args:
        resource: a boto3 `Table`.
        report: a report that was sent.

    """
    try:
        found = _newest(resource, report)
        for topic, ids in found.items():
            resource.put_item(Item=_item(report, topic, ids))
    except Exception:
        logger.exception("the conversations of %s were not listed", report.site)
        return 0
    return len(found)


def _newest(resource: Any, report: Report) -> Mapping[str, Sequence[str]]:
    topics = *(gap.topic for gap in report.asked.gaps(_GAPS)), *(advice.topic for advice in advise(report))
    linked = frozenset(filter(None, topics))
    now, found = report.data.now, defaultdict[str, list[str]](list)
    newest = conversations(resource, report.site, now.date(), _DAYS, milliseconds(now))
    for each in islice(newest, _MOST_READ):
        topic = report.asked.topic_of(each.question) if each.question else ""
        if topic in linked and len(found[topic]) < MOST:
            found[topic].append(each.id)
            if len(found) == len(linked) and all(len(ids) == MOST for ids in found.values()):
                break
    return found


def _item(report: Report, topic: str, ids: Sequence[str]) -> dict[str, Any]:
    keys = key_names()
    expires = int((report.data.now + LIFETIME).timestamp()) + _DAY_SECONDS
    return {
        keys.partition_key: f"site#{report.site}#conversations",
        keys.sort_key: topic,
        keys.time_to_live: expires,
        "ids": list(ids),
    }
