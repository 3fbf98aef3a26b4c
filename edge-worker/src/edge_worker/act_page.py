"""The pages behind the links of a report. They load nothing, and say nothing to other sites."""

import base64
import hashlib
from html import escape

from edge_worker.act_link import ActLink
from edge_worker.web import Response

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.2rem;color:#1c2733}"
    "h1{font-size:1.4rem}button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;"
    "background:#1f5fbf;color:#fff;cursor:pointer}code{background:#eef1f5;padding:.1rem .3rem;overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{background:#12181f;color:#dfe6ee}code{background:#25303c}}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}
_QUESTIONS = {
    "fixed": "Mark this gap as fixed?",
    "not_ours": "Ignore this gap from now on?",
    "same": "Follow this gap as the same as another one?",
}
_EFFECTS = {
    "fixed": "The next reports compare the answers since then with those before, and say whether it worked.",
    "not_ours": "It is no longer listed; the report counts it among those that you ignore.",
    "same": "Both are followed and reported as one.",
}
_REFUSALS = {
    "invalid": (403, "This link is not valid", "It is incomplete, was changed, or is of another environment."),
    "other_site": (403, "This link is of another site", "Open it at the address in the report it came with."),
    "expired": (410, "This link has expired", "Links work for 30 days. The newest report has fresh ones."),
}


def question_page(link: ActLink) -> Response:
    """Show what the link would do. Opening it changes nothing."""
    form = '<form method="post"><button type="submit">Yes, do it</button></form>'
    return _page(200, _QUESTIONS[link.action], _about(link), _EFFECTS[link.action], form)


def done_page(link: ActLink) -> Response:
    """Confirm the decision."""
    return _page(200, "Saved", _about(link), "It shows in the next report. Doing it again changes nothing.")


def not_saved_page() -> Response:
    """Say that the queue did not take the decision."""
    return _page(503, "Not saved", "The decision could not be handed over. Please try again in a minute.")


def conversations_page(link: ActLink) -> Response:
    """Say how to read the conversations of the topic, which are not readable from outside."""
    command = f"make conversations TOPIC={link.topic} SITE={link.site}"
    return _page(
        200,
        "Conversations are read on your own machine",
        "Nothing that visitors wrote can be read over the internet. In a clone of the project, with access to AWS:",
        f"<code>{escape(command)}</code>",
    )


def refusal_page(code: str) -> Response:
    """Say why the link does nothing."""
    status, title, reason = _REFUSALS[code]
    return _page(status, title, reason, "Nothing was changed.")


def _about(link: ActLink) -> str:
    also = f" and {escape(link.other)}" if link.other else ""
    return f"{escape(link.site)}, report of {escape(link.week)}, topic {escape(link.topic)}{also}."


def _page(status: int, title: str, *paragraphs: str) -> Response:
    """Build a page of escaped title and paragraphs of HTML."""
    body = "".join(part if part.startswith("<form") else f"<p>{part}</p>" for part in paragraphs)
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )
    return Response(status, text=html, headers=_HEADERS)
