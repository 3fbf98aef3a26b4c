"""The weekly report in short: its head and the things to do, for a chat channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reporter.channels.short_form import ShortForm
from reporter.report.advice import advise
from reporter.report.sentences import Sentences

if TYPE_CHECKING:
    from reporter.report.weekly_report import Report


def short_form(report: Report, link: str) -> ShortForm:
    """Return the report's short form.

    Each gap has a link to decide on it, where a mail has them: its page offers the other decisions too.

    Args:
        report: its figures.
        link: an address to read on; empty where there is none.

    """
    advice, links = advise(report), report.data.links
    lines = [each.do + (f" “{each.quote}”" if each.quote else "") for each in advice]
    actions = [links.to("fixed", each.topic) if links and each.topic else "" for each in advice]
    return ShortForm.of(Sentences(report).subject, lines or ["Nothing to do."], link, actions)
