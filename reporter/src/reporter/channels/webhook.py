"""Sends a short form to a chat channel by its incoming webhook.

The shape follows from the host: Slack's blocks, Discord's content, Teams' adaptive card in a message, and plain JSON
for every other. Visitors' words are text in all of them, never markup or a mention.
"""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Callable

    from reporter.channels.short_form import ShortForm

logger = logging.getLogger(__name__)

ATTEMPTS: Final = 3
TIMEOUT_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 1.0
MAX_PAUSE_SECONDS: Final = 5.0
# Discord's own limit for a message. Slack's for a header is 150 and for a section 3,000: the short form keeps to them.
_DISCORD_LENGTH: Final = 2_000
_ACT: Final = "Decide"
_READ_ON: Final = "Open the dashboard"
_SLACK_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~@:])")

Post = "Callable[[str, bytes, float], tuple[int, str]]"
"""Posts JSON to an address within so many seconds; gives the status and the `Retry-After` header.

Raises OSError where there is no answer.
"""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A chat channel's address, and how to reach it."""

    url: str
    post: Callable[[str, bytes, float], tuple[int, str]]
    pause: Callable[[float], None] = time.sleep

    def send(self, message: ShortForm) -> bool:
        """Send a message and tell whether it was taken. Never raises: a mail is not held up by a channel.

        Three attempts at most, each within five seconds. What the address refuses for good is tried once. The address
        is a secret and stays out of the log.
        """
        if not self.url:
            return False
        if urlsplit(self.url).scheme != "https":
            logger.error("the webhook was not called: its address is not an https:// one")
            return False
        try:
            return self._send(json.dumps(payload(self.url, message), ensure_ascii=False).encode("utf-8", "replace"))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a channel, the mail goes out
            logger.error("the webhook was not called: %s", type(error).__name__)  # noqa: TRY400 - the text may hold the address
            return False

    def _send(self, body: bytes) -> bool:
        reason = ""
        for attempt in range(1, ATTEMPTS + 1):
            wait = PAUSE_SECONDS * attempt
            try:
                status, retry_after = self.post(self.url, body, TIMEOUT_SECONDS)
            except OSError as error:
                reason = type(error).__name__
            else:
                if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                    return True
                reason = f"status {status}"
                if status != HTTPStatus.TOO_MANY_REQUESTS and status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    break
                wait = float(retry_after) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", retry_after) else wait
            if attempt < ATTEMPTS:
                self.pause(min(wait, MAX_PAUSE_SECONDS))
        logger.error("the webhook did not take the message: %s", reason)
        return False


def payload(url: str, message: ShortForm) -> dict[str, Any]:
    """Return the body that the address's host understands."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "hooks.slack.com":
        return _slack(message)
    if host in {"discord.com", "discordapp.com"} or host.endswith(".discord.com"):
        return _discord(message)
    if host.endswith((".webhook.office.com", ".logic.azure.com", ".powerplatform.com", ".powerautomate.com")):
        return _teams(message)
    return {
        "head": message.head,
        "lines": list(message.lines),
        "link": message.link,
        "actions": list(message.actions),
    }


def _slack(message: ShortForm) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": message.head, "emoji": False}}
    ]
    for line, action in zip(message.lines, message.actions, strict=True):
        blocks.append({"type": "section", "text": {"type": "plain_text", "text": f"• {line}", "emoji": False}})
        blocks += [_slack_link(action, _ACT)] if action else []
    blocks += [_slack_link(message.link, _READ_ON)] if message.link else []
    # The notification's text is markup in Slack: what would be a mention there is escaped.
    return {"text": message.head.translate(_SLACK_MARKUP), "blocks": blocks, "unfurl_links": False}


def _slack_link(address: str, text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": f"<{address.translate(_SLACK_MARKUP)}|{text}>"}}


def _discord(message: ShortForm) -> dict[str, Any]:
    end = f"\n[{_READ_ON}](<{message.link}>)" if message.link else ""
    head = f"**{_plain_markdown(message.head)}**"
    texts = [f"\n• {_plain_markdown(line)}" for line in message.lines]
    room = _DISCORD_LENGTH - len(head) - len(end) - sum(map(len, texts))
    if room < 0:
        content = (head + "".join(texts))[: _DISCORD_LENGTH - len(end)].rstrip("\\")
        return {"content": content + end, "allowed_mentions": {"parse": []}, "flags": 4}
    lines = []
    for text, action in zip(texts, message.actions, strict=True):
        link = f" [{_ACT}](<{action}>)" if action else ""
        # The links of the first lines, as far as there is room: a link that is cut leads nowhere.
        link, room = (link, room - len(link)) if len(link) <= room else ("", room)
        lines.append(text + link)
    return {"content": head + "".join(lines) + end, "allowed_mentions": {"parse": []}, "flags": 4}


def _teams(message: ShortForm) -> dict[str, Any]:
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": _plain_markdown(message.head), "weight": "Bolder", "wrap": True}
    ]
    for line, action in zip(message.lines, message.actions, strict=True):
        link = f" [{_ACT}]({action})" if action else ""
        body.append({"type": "TextBlock", "text": f"• {_plain_markdown(line)}{link}", "wrap": True})
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": _READ_ON, "url": message.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _plain_markdown(text: str) -> str:
    """Escape what Discord and Teams would take for markup, a link or a mention."""
    return _MARKDOWN.sub(r"\\\1", text)


class _NoRedirects(HTTPRedirectHandler):
    """A webhook that moves is not followed: where to would not be the owner's word."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post_json(url: str, body: bytes, seconds: float) -> tuple[int, str]:
    """Post over HTTPS; see `Post`.

    The time is that of all: a socket's own time-out begins again with every byte, and an answer that drips would hold
    up the next site's mail.
    """
    # Of Lambda, a thread that is left behind ends with the run; of a terminal, with the command.
    answers: SimpleQueue[tuple[int, str] | Exception] = SimpleQueue()
    Thread(target=lambda: answers.put(_answer(url, body, seconds)), daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError("no whole answer in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _answer(url: str, body: bytes, seconds: float) -> tuple[int, str] | Exception:
    try:
        return _posted(url, body, seconds)
    except Exception as error:  # noqa: BLE001 - raised where it is waited for
        return error


def _posted(url: str, body: bytes, seconds: float) -> tuple[int, str]:
    opener: OpenerDirector = build_opener(_NoRedirects)
    request = Request(url, body, {"content-type": "application/json"}, method="POST")  # noqa: S310 - https only, see send
    try:
        with opener.open(request, timeout=seconds) as answer:
            return int(answer.status), ""
    except HTTPError as error:
        with error:
            return int(error.code), str(error.headers.get("retry-after") or "")
