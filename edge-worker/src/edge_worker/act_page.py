"""The pages behind the links of a report. They load nothing, and say nothing to other sites."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from edge_worker.act_link import Action, ActLink
from edge_worker.web import Response

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.2rem;color:#1c2733}"
    "h1{font-size:1.4rem}button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;"
    "background:#1f5fbf;color:#fff;cursor:pointer}a{color:#1f5fbf}input{font:inherit;padding:.5rem;width:100%;"
    "box-sizing:border-box;margin:.4rem 0 .8rem}article{border-top:1px solid #dfe3ea;padding:.6rem 0}"
    "article p{margin:.3rem 0;white-space:pre-wrap;overflow-wrap:anywhere}"
    "code{background:#eef1f5;padding:.1rem .3rem;overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{background:#12181f;color:#dfe6ee}code{background:#25303c}a{color:#8ab4f8}}"
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
_INSTEAD: Mapping[Action, str] = {"fixed": "fixed", "not_ours": "not ours", "conversations": "show conversations"}
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


def question_page(link: ActLink, others: Mapping[Action, str]) -> Response:
    """Show what the link would do, and links to what else can be done. Opening it changes nothing."""
    form = '<form method="post"><button type="submit">Yes, do it</button></form>'
    instead = " · ".join(f'<a href="?{escape(query)}">{_INSTEAD[action]}</a>' for action, query in others.items())
    return page(200, _QUESTIONS[link.action], about(link), _EFFECTS[link.action], form, f"Instead: {instead}")


def done_page(link: ActLink) -> Response:
    """Confirm the decision."""
    return page(200, "Saved", about(link), "It shows in the next report. Doing it again changes nothing.")


def not_saved_page() -> Response:
    """Say that the queue did not take the decision."""
    return page(503, "Not saved", "The decision could not be handed over. Please try again in a minute.")


def refusal_page(code: str) -> Response:
    """Say why the link does nothing."""
    status, title, reason = _REFUSALS[code]
    return page(status, title, reason, "Nothing was changed.")


def about(link: ActLink) -> str:
    """Say in HTML what the link is about."""
    also = f" and {escape(link.other)}" if link.other else ""
    return f"{escape(link.site)}, report of {escape(link.week)}, topic {escape(link.topic)}{also}."


def page(status: int, title: str, *paragraphs: str) -> Response:
    """Build a page of escaped title and paragraphs of HTML."""
    body = "".join(part if part.startswith(("<form", "<article")) else f"<p>{part}</p>" for part in paragraphs)
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )
    return Response(status, text=html, headers=_HEADERS)
