"""A report as HTML and as text. Everything is escaped in HTML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from reporter.delivery import Message
from reporter.exchange import OUTCOMES

if TYPE_CHECKING:
    from reporter.report import Report


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reporter"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["milliseconds"] = _milliseconds
    return environment


def render(report: Report) -> Message:
    """Return the message that tells a report."""
    environment = _environment()
    context = {"report": report, "outcomes": OUTCOMES}
    return Message(
        subject=report.subject,
        html=environment.get_template("weekly.html.j2").render(context),
        text=environment.get_template("weekly.txt.j2").render(context),
    )


def _milliseconds(duration: float | None) -> str:
    return "–" if duration is None else f"{duration:,.0f} ms"
