"""Takes the owner's decisions on gaps: `/edge-analytics/act`, opened from a report."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qs, urlsplit

from edge_worker import act_page, conversations_page
from edge_worker.act_link import ActLink, ActLinkError, other_links, read_act_link
from edge_worker.conversations import Conversations, ConversationsError
from edge_worker.event import Event
from edge_worker.log import Log
from edge_worker.settings import Settings
from edge_worker.web import Request, Response

_MAX_FORM_BYTES = 2_000

Send = Callable[[Sequence[Event]], Awaitable[bool]]
"""Hands events to the queue; tells whether it took them."""


class ActHandler:
    """Shows what a link would do, and does it when its button is pressed."""

    def __init__(self, settings: Settings, send: Send, log: Log, conversations: Conversations | None = None) -> None:
        """Without `conversations`, the page of a link that shows them says how to read them elsewhere."""
        self._settings = settings
        self._send = send
        self._log = log
        self._conversations = conversations

    async def show(self, request: Request) -> Response:
        """Serve GET and HEAD: mail programs and scanners open links, so nothing is changed here."""
        try:
            link = self._read(request)
        except ActLinkError as error:
            return act_page.refusal_page(error.code)
        if link.action == "conversations":
            return conversations_page.ask(link) if self._conversations else conversations_page.elsewhere(link)
        return act_page.question_page(link, other_links(link, self._settings.act_key))

    async def decide(self, request: Request) -> Response:
        """Serve POST: record the decision. Whoever repeats it sends the same event, which merges into the first."""
        try:
            link = self._read(request)
        except ActLinkError as error:
            return act_page.refusal_page(error.code)
        if link.action == "conversations":
            return await self._show_conversations(link, request)
        if not await self._send([decision_event(link, int(request.now_ms()))]):
            return act_page.not_saved_page()
        return act_page.done_page(link)

    async def _show_conversations(self, link: ActLink, request: Request) -> Response:
        """Show them to whoever knows the page's own secret, which no mail holds."""
        if self._conversations is None:
            return conversations_page.elsewhere(link)
        form = parse_qs((await request.body(_MAX_FORM_BYTES)).decode("utf-8", "replace"))
        given = form.get("secret", [""])[0].strip()
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._settings.conversations_secret.encode()):
            return conversations_page.ask(link, is_wrong=True)
        try:
            found = await self._conversations.newest(link.topic, request.now_ms() / 1000)
        except ConversationsError as error:
            self._log({"level": "error", "message": "conversations not read", "reason": str(error)})
            return conversations_page.not_read()
        return conversations_page.show(link, found)

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
