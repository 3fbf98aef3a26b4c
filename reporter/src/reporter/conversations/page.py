"""The page of conversations: one file, no script, nothing that is loaded or linked."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from reporter.conversations.stored import Conversation

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "article{border-top:1px solid #dfe3ea;padding:.8rem 0}.about{color:#576072;font-size:.85rem}"
    "p{margin:.3rem 0;white-space:pre-wrap;overflow-wrap:anywhere}.bad{color:#b23a17}.good{color:#1c6e43}"
    "@media(prefers-color-scheme:dark){body{background:#12181f;color:#dfe6ee}}"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_GOOD: Final = frozenset({"answered", "up"})


def page(title: str, shown: Iterable[Conversation], zone: ZoneInfo) -> str:
    """Return the page, in the order given. What visitors typed is text on it, and nothing else."""
    articles = "".join(_article(each, zone) for each in shown)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        "<meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
        f"{articles or '<p>There are none.</p>'}</html>\n"
    )


def _article(each: Conversation, zone: ZoneInfo) -> str:
    asked = datetime.fromtimestamp(each.asked_at_ms / 1000, zone)
    marks = [_mark(each.outcome), *([_mark(each.rating, "rated ")] if each.rating else [])]
    about = [f"{asked:%Y-%m-%d %H:%M}", *marks]
    if each.session:
        about.append(f"session {_text(each.session)}")
    if each.sources:
        about.append(f"sources: {', '.join(map(_text, each.sources))}")
    comment = f"<p>Comment: {_text(each.comment)}</p>" if each.comment else ""
    asked_words = _text(each.question) or "(not recorded)"
    return (
        f"<article><p><b><bdi>{asked_words}</bdi></b></p><p><bdi>{_text(each.answer)}</bdi></p>"
        f'{comment}<p class="about">{" · ".join(about)}</p></article>'
    )


def _mark(word: str, before: str = "") -> str:
    return f'<span class="{"good" if word in _GOOD else "bad"}">{before}{escape(word)}</span>'


def _text(text: str) -> str:
    """Escape a visitor's words, without characters that no document may hold."""
    return escape(_CONTROLS.sub("", text))
