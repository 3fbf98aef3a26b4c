"""Cold starts of the functions, counted without a metric: each execution environment has a log stream of its own.

That is how Lambda logs (AWS Lambda operator guide, "How CloudWatch structures logs"), and both functions log every
invocation. `DescribeLogStreams` costs nothing.
"""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

logger = logging.getLogger(__name__)

# 50 to a page: a function that starts more often in a week has other cares, and is "more than" that.
MOST_STREAMS: Final = 2_000

# CloudWatch updates the time of a stream's last event within an hour or so, and promises nothing.
_LAG_MS: Final = 86_400_000


def count_cold_starts(client: Callable[[], Any], functions: Sequence[str], begin_ms: int, end_ms: int) -> int | None:
    """Return how many execution environments the functions started in a span of time; None where it is not known.

    Args:
        client: gives the client of CloudWatch Logs.
        functions: their names; their log groups are Lambda's own for them.
        begin_ms: Unix epoch milliseconds.
        end_ms: the same, not included.

    """
    if not functions:
        return None
    try:
        return sum(
            begin_ms <= created_ms < end_ms
            for name in functions
            for created_ms in _created(client(), f"/aws/lambda/{name}", begin_ms)
        )
    except (ClientError, BotoCoreError) as error:
        logger.warning("the cold starts were not counted: %s", error)
        return None


def _created(client: Any, log_group: str, begin_ms: int) -> Iterator[int]:
    """Yield when the streams were made that anything was logged to since then."""
    pages = client.get_paginator("describe_log_streams").paginate(
        logGroupName=log_group, orderBy="LastEventTime", descending=True
    )
    streams = (stream for page in pages for stream in page["logStreams"])
    for stream in islice(streams, MOST_STREAMS):
        if stream.get("lastEventTimestamp", begin_ms) < begin_ms - _LAG_MS:
            return
        yield int(stream.get("creationTime", 0))
