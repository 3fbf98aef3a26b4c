"""The weekly report in short: its head and the things to do, for a chat channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reporter.channels.short_form import ShortForm
from reporter.report.advice import advise
from reporter.report.sentences import Sentences

if TYPE_CHECKING:
    from reporter.report.weekly_report import Report


def short_form(report: Report, link: str) -> ShortForm:
    """Return the report's short form with a link to read on; empty where there is none."""
    lines = [each.do + (f" “{each.quote}”" if each.quote else "") for each in advise(report)]
    return ShortForm.of(Sentences(report).subject, lines or ["Nothing to do."], link)
