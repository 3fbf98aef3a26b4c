"""A report as HTML and as text. Jinja2 escapes the HTML; `defang` tames what visitors wrote."""

from __future__ import annotations

import re
import textwrap
from functools import cache
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from reporter.exchange import OUTCOMES
from reporter.mailer import Message
from reporter.period import local_time
from reporter.report.advice import advise
from reporter.report.change import percent
from reporter.report.defang import defang
from reporter.report.figures import duration
from reporter.report.sentences import Sentences
from reporter.rollups.quantiles import RELATIVE_ERROR

if TYPE_CHECKING:
    from reporter.report.weekly_report import Report
    from reporter.rollups.group import Group

# Gmail shows no more than 102 KB of a message; what is beyond is hidden behind a link.
LARGEST_MESSAGE_BYTES: Final = 100_000

_TEXT_WIDTH: Final = 72


def render(report: Report, *, again: bool = False) -> Message:
    """Return the message that tells a report; `again` says that it was sent before."""
    environment, sentences = _environment(), Sentences(report)
    context = {
        "report": report,
        "sentences": sentences,
        "again": again,
        "advice": advise(report),
        "made_at": local_time(report.data.now, report.data.zone),
        "quantile_error": f"{RELATIVE_ERROR:.0%}".replace("%", " %"),
    }
    return Message(
        subject=sentences.subject + (" (sent again)" if again else ""),
        html=environment.get_template("weekly.html.j2").render(context),
        text=environment.get_template("weekly.txt.j2").render(context),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reporter.report"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "defang": defang,
        "duration": duration,
        "number": _number,
        "percent": percent,
        "mix": _mix,
        "wrapped": _wrapped,
        "bar": _bar,
        "unbroken": _unbroken,
    }
    environment.globals |= {"outcomes": OUTCOMES}
    return environment


def _number(value: float) -> str:
    """Write a whole number with separators, a large one in thousands, millions or billions."""
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{value / size:.1f} {name}"
    return f"{value:,.0f}"


def _mix(group: Group) -> str:
    """Write what became of a group's questions: all answered, or 5 answered, 2 unanswered."""
    parts = [(name, group.outcomes[name]) for name in OUTCOMES if group.outcomes[name]]
    if len(parts) == 1:
        return parts[0][0] if group.count == 1 else f"all {parts[0][0]}"
    return ", ".join(f"{count:,} {name}" for name, count in parts)


def _wrapped(text: str, indent: int = 2) -> str:
    """Wrap a paragraph for the text part, its lines after the first indented."""
    return textwrap.fill(text, _TEXT_WIDTH, subsequent_indent=" " * indent, break_long_words=True)


def _unbroken(text: str) -> str:
    """Keep a number and its unit, or the words before it, on one line."""
    return re.sub(r"(?<=\d) (?=%|ms|s\b)|(?<=last week) ", "\N{NO-BREAK SPACE}", text)


def _bar(share: float, width: int = 20) -> str:
    """Draw a bar of characters."""
    return "#" * (max(1, round(share * width)) if share else 0)
