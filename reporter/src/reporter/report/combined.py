"""One mail for several sites: an overview first, then each site's report, shorter the more there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from reporter.mailer import Message
from reporter.report.advice import advise
from reporter.report.change import Share
from reporter.report.rendering import LARGEST_MESSAGE_BYTES, encoded_bytes, render, templates
from reporter.report.sentences import Sentences, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.report.weekly_report import Report

# For the overview itself, and a line for each site.
_OVERVIEW_BYTES: Final = 8_000
_BODY: Final = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Line:
    site: str
    head: str
    first: str
    body: Markup
    text: str


def render_combined(reports: Sequence[Report], failed: Sequence[str] = ()) -> Message:
    """Return one message for the reports of several sites and one week.

    Args:
        reports: one for each site.
        failed: sites whose reports could not be made.

    """
    budget = (LARGEST_MESSAGE_BYTES - _OVERVIEW_BYTES) // max(len(reports), 1)
    lines = [_line(report, budget) for report in reports]
    message = _message(reports, lines, failed)
    if encoded_bytes(message) <= LARGEST_MESSAGE_BYTES:
        return message
    short = [_Line(line.site, line.head, line.first, Markup(), "") for line in lines]
    return _message(reports, short, failed)


def _line(report: Report, budget: int) -> _Line:
    message = render(report, largest=budget)
    match = _BODY.search(message.html)
    advice = advise(report)
    first = f"{advice[0].do}{f' “{advice[0].quote}”' if advice[0].quote else ''}" if advice else ""
    # Escaped by the mail's own template.
    body = Markup(match[1]) if match else Markup()  # noqa: S704 - see above
    return _Line(report.site, Sentences(report).head, first, body, message.text)


def _message(reports: Sequence[Report], lines: Sequence[_Line], failed: Sequence[str]) -> Message:
    asked = sum(report.this.exchanges for report in reports)
    bad = Share(asked - sum(report.this.outcomes["answered"] for report in reports), asked)
    week = f"week {reports[0].week.number}" if reports else "no week"
    head = f"{counted(asked, 'question')}, {bad} without a good answer" if asked else "no questions"
    context = {"lines": lines, "failed": failed, "week": week, "head": head}
    html, text = (templates().get_template(f"combined.{ending}.j2").render(context) for ending in ("html", "txt"))
    return Message(f"{counted(len(reports), 'site')}, {week}: {head}", html, text)
