"""The pages of the conversations of a topic: who asks for them, and the conversations themselves."""

import re
from collections.abc import Sequence
from html import escape

from edge_worker.act_link import ActLink
from edge_worker.act_page import about, page
from edge_worker.conversations import Conversation
from edge_worker.web import Response

_FORM = (
    '<form method="post"><label>The secret of this page<input type="password" name="secret" required '
    'autocomplete="current-password"></label><button type="submit">Show conversations</button></form>'
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def elsewhere(link: ActLink) -> Response:
    """Say how to read the conversations of the topic, which are not readable from outside."""
    command = f"make conversations TOPIC={link.topic} SITE={link.site}"
    return page(
        200,
        "Conversations are read on your own machine",
        "Nothing that visitors wrote can be read over the internet. In a clone of the project, with access to AWS:",
        f"<code>{escape(command)}</code>",
    )


def ask(link: ActLink, *, is_wrong: bool = False) -> Response:
    """Ask for the page's secret: a link may have come into other hands, with the mail that it was in."""
    title = "That is not the secret" if is_wrong else "Show the newest conversations?"
    return page(403 if is_wrong else 200, title, about(link), _FORM)


def show(link: ActLink, found: Sequence[Conversation]) -> Response:
    """Show conversations. What visitors typed is text, and nothing else."""
    none = "None are stored. They are listed when a report is sent, and live 90 days."
    return page(200, "The newest conversations", about(link), *(map(_article, found) if found else [none]))


def not_read() -> Response:
    """Say that the table could not be read."""
    return page(503, "Not read", "The conversations could not be read. The Worker's log has the reason.")


def _article(each: Conversation) -> str:
    marks = " · ".join(filter(None, [each.asked_at, each.outcome, each.rating and f"rated {each.rating}"]))
    comment = f"<p>Comment: <bdi>{_text(each.comment)}</bdi></p>" if each.comment else ""
    return (
        f"<article><p><b><bdi>{_text(each.question) or '(not recorded)'}</bdi></b></p>"
        f"<p><bdi>{_text(each.answer)}</bdi></p>{comment}<p>{_text(marks)}</p></article>"
    )


def _text(text: str) -> str:
    """Escape a visitor's words, without what no document may hold or what turns writing around."""
    return escape(_CONTROLS.sub("", text))
