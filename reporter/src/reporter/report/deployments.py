"""Deployments of the functions: how many, how many succeeded, how long they took.

Read with CloudFormation's DescribeStackEvents, which costs nothing and tells of 90 days. The Worker is deployed at
Cloudflare, which this does not see.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

logger = logging.getLogger(__name__)

DAYS: Final = 30
_BEGUN: Final = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"})
_SUCCEEDED: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_FAILED: Final = frozenset(
    {
        "CREATE_FAILED",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
    }
)
# A deployment of these stacks is some twenty events, and a page a hundred.
_MOST_EVENTS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of one stack that has ended."""

    is_success: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Deployments:
    """The deployments of some days."""

    ended: Sequence[Deployment]

    @property
    def succeeded(self) -> int:
        """How many succeeded."""
        return sum(each.is_success for each in self.ended)

    @property
    def median_seconds(self) -> float | None:
        """How long the middle one took, those that failed included; None where there was none."""
        return median(each.seconds for each in self.ended) if self.ended else None


def read_deployments(client: Callable[[], Any], stacks: Sequence[str], now: datetime) -> Deployments | None:
    """Return the deployments of the last 30 days; None where nothing is deployed, or AWS may not be asked.

    Args:
        client: gives the client of CloudFormation, which is made only where there are stacks.
        stacks: their names.
        now: the end of the days.

    """
    if not stacks:
        return None
    since = now - timedelta(days=DAYS)
    try:
        return Deployments([each for stack in stacks for each in _deployments(_events(client(), stack, since))])
    except (ClientError, BotoCoreError) as error:
        logger.warning("the deployments were not counted: %s", error)
        return None


def _events(client: Any, stack: str, since: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the states of a stack itself and when it entered them, the latest first."""
    pages = client.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = (event for page in pages for event in page["StackEvents"])
    for event in islice(events, _MOST_EVENTS):
        if event["Timestamp"] < since:
            return
        if event.get("PhysicalResourceId") == event["StackId"]:
            yield event.get("ResourceStatus", ""), event["Timestamp"]


def _deployments(latest_first: Iterable[tuple[str, datetime]]) -> list[Deployment]:
    """Pair each deployment's beginning with its end; one that is under way, or began before, is left out."""
    found, begun = [], None
    for status, moment in reversed(list(latest_first)):
        if status in _BEGUN:
            begun = moment
        elif status in _SUCCEEDED | _FAILED and begun is not None:
            found.append(Deployment(status in _SUCCEEDED, (moment - begun).total_seconds()))
            begun = None
    return found
