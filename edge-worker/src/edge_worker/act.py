"""Takes the owner's decisions on gaps: `/edge-analytics/act`, opened from a report."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from edge_worker import act_page
from edge_worker.act_link import ActLink, ActLinkError, read_act_link
from edge_worker.event import Event
from edge_worker.settings import Settings
from edge_worker.web import Request, Response

Send = Callable[[Sequence[Event]], Awaitable[bool]]
"""Hands events to the queue; tells whether it took them."""


class ActHandler:
    """Shows what a link would do, and does it when its button is pressed."""

    def __init__(self, settings: Settings, send: Send) -> None:
        self._settings = settings
        self._send = send

    async def show(self, request: Request) -> Response:
        """Serve GET and HEAD: mail programs and scanners open links, so nothing is changed here."""
        try:
            link = self._read(request)
        except ActLinkError as error:
            return act_page.refusal_page(error.code)
        return act_page.conversations_page(link) if link.action == "conversations" else act_page.question_page(link)

    async def decide(self, request: Request) -> Response:
        """Serve POST: record the decision. Whoever repeats it sends the same event, which merges into the first."""
        try:
            link = self._read(request)
        except ActLinkError as error:
            return act_page.refusal_page(error.code)
        if link.action == "conversations":
            return act_page.conversations_page(link)
        if not await self._send([decision_event(link, int(request.now_ms()))]):
            return act_page.not_saved_page()
        return act_page.done_page(link)

    def _read(self, request: Request) -> ActLink:
        query = urlsplit(request.url).query
        return read_act_link(query, self._settings.act_key, self._settings.site, request.now_ms() / 1000)


def decision_event(link: ActLink, now_ms: int) -> Event:
    """Build the event of a decision, see `contract/analytics-event`."""
    event: Event = {
        "type": "decision",
        "id": link.id,
        "site": link.site,
        "topic": link.topic,
        "action": link.action,
        "week": link.week,
        "decided_at": now_ms,
    }
    return event | ({"same_as": link.other} if link.other else {})
