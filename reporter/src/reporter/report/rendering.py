"""A report as HTML and as text. Jinja2 escapes the HTML; `defang` tames what visitors wrote."""

from __future__ import annotations

import re
import textwrap
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from quopri import encodestring
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from reporter.exchange import OTHER_OUTCOME, OUTCOMES
from reporter.mailer import Message
from reporter.period import local_time
from reporter.report.advice import advise
from reporter.report.change import percent
from reporter.report.defang import defang
from reporter.report.figures import duration
from reporter.report.pipeline import meters_worth_a_line, pipeline_lines
from reporter.report.sentences import Sentences, counted, dollars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reporter.gaps.life import Gap
    from reporter.report.weekly_report import Report
    from reporter.rollups.group import Group

# Gmail shows no more than 102 KB of a message; what is beyond is hidden behind a link. What counts
# is the message as it travels, in which a character outside of ASCII takes up to twelve bytes.
LARGEST_MESSAGE_BYTES: Final = 100_000
_HEADER_BYTES: Final = 2_000

_TEXT_WIDTH: Final = 72
_SHOWN: Final = (*OUTCOMES, OTHER_OUTCOME)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of each kind a mail shows, and how long a visitor's words may be in it."""

    asked: int = 8
    gaps: int = 10
    names: int = 5
    words: int = 140


# Tried in turn until the message is small enough.
_LIMITS: Final = (Limits(), Limits(8, 10, 5, 90), Limits(6, 6, 3, 60), Limits(4, 3, 2, 40), Limits(2, 2, 1, 20))


def render(report: Report, *, again: bool = False, largest: int = LARGEST_MESSAGE_BYTES) -> Message:
    """Return the message that tells a report.

    Args:
        report: its figures.
        again: say that it was sent before.
        largest: leave details out until it is no longer than this, in bytes as it travels.

    """
    sentences = Sentences(report)
    context = {
        "report": report,
        "sentences": sentences,
        "pipeline": pipeline_lines(report),
        "meters": meters_worth_a_line(report),
        "again": again,
        "advice": advise(report),
        "made_at": local_time(report.data.now, report.data.zone),
    }
    subject = sentences.subject + (" (sent again)" if again else "")
    for limits in _LIMITS:
        message = _message(subject, context | {"limits": limits})
        if encoded_bytes(message) <= largest:
            break
    return message


def encoded_bytes(message: Message) -> int:
    """Return the size of a message as SES sends it: the greater of its two encodings, with headers."""
    parts = [part.encode("utf-8", "replace") for part in (message.html, message.text)]
    return _HEADER_BYTES + sum(max(len(encodebytes(part)), len(encodestring(part))) for part in parts)


def _message(subject: str, context: Mapping[str, Any]) -> Message:
    environment = templates()
    html, text = (environment.get_template(f"weekly.{ending}.j2").render(context) for ending in ("html", "txt"))
    return Message(subject, re.sub(r"\n{2,}", "\n", html), text)


def _fixed_on(gap: Gap, report: Report) -> str:
    """Say when the owner called a gap fixed, in the report's time zone."""
    at_ms = max((change.at_ms for change in gap.history if change.state == "fixed"), default=gap.last.at_ms)
    day = datetime.fromtimestamp(at_ms / 1000, report.data.zone)
    return f"fixed on {day:%A} {day.day} {day:%B}"


@cache
def templates() -> Environment:
    """Return the templates with their filters."""
    environment = Environment(
        loader=PackageLoader("reporter.report"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "defang": defang,
        "fixed_on": _fixed_on,
        "duration": duration,
        "number": _number,
        "percent": percent,
        "mix": _mix,
        "wrapped": _wrapped,
        "bar": _bar,
        "counted": counted,
        "dollars": dollars,
        "unbroken": _unbroken,
        "with_code": _with_code,
    }
    environment.globals |= {"outcomes": _SHOWN}
    return environment


def _number(value: float) -> str:
    """Write a whole number with separators, a large one in thousands, millions or billions."""
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{value / size:.1f} {name}"
    return f"{value:,.0f}"


def _mix(group: Group) -> str:
    """Write what became of a group's questions: all answered, or 5 answered, 2 unanswered; and its thumbs."""
    parts = [f"{group.outcomes[name]:,} {name}" for name in _SHOWN if group.outcomes[name]]
    if len(parts) == 1:
        (name,) = (name for name in _SHOWN if group.outcomes[name])
        parts = [name if group.count == 1 else f"all {name}"]
    thumbs = [f"{count:,} rated {way}" for way, count in (("up", group.up), ("down", group.down)) if count]
    return ", ".join([*parts, *thumbs])


def _wrapped(text: str, indent: int = 2) -> str:
    """Wrap a paragraph for the text part, its lines after the first indented."""
    return textwrap.fill(text, _TEXT_WIDTH, subsequent_indent=" " * indent, break_long_words=True)


def _unbroken(text: str) -> str:
    """Keep a number and its unit, or the words before it, on one line."""
    return re.sub(r"(?<=\d) (?=%|ms|s\b)|(?<=last week) ", "\N{NO-BREAK SPACE}", text)


def _with_code(text: str, commands: Sequence[str]) -> Markup:
    """Set these commands as code where they stand between backticks; the rest is escaped, its backticks stay."""
    for command in commands:
        text = escape(text).replace(f"`{command}`", Markup("<code>{}</code>").format(command))
    return escape(text)


def _bar(share: float, width: int = 20) -> str:
    """Draw a bar of characters."""
    return "#" * (max(1, round(share * width)) if share else 0)
