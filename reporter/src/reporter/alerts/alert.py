"""An alert in words: what is worse, by how much, and which topics explain it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from reporter.alerts.explanation import explain
from reporter.alerts.figures import failures, findings, slow_from
from reporter.channels.short_form import ShortForm
from reporter.mailer import Message
from reporter.report.defang import defang

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from reporter.alerts.comparison import Finding
    from reporter.rollups.rollup import Rollup

_QUOTED: Final = 90
_EXPLAINED: Final = frozenset({"failed", "errors", "ratings"})


@dataclass(frozen=True, slots=True)
class Alert:
    """What is worse on a day of a site; `sentences` hold no visitor's words, `topics` do, made safe to show."""

    site: str
    day: date
    sentences: tuple[str, ...]
    topics: tuple[str, ...]

    def message(self) -> Message:
        """Return it as a mail. The subject holds nothing that a visitor typed."""
        subject = f"Alert, {self.site}: {self.sentences[0]}"
        more = ["", "What explains it:", *(f"- {topic}" for topic in self.topics)] if self.topics else []
        end = ["", f"Compared: {self.day:%A %d %B %Y} with the same weekday of the four weeks before."]
        text = "\n".join([*self.sentences, *more, *end])
        topics = "".join(f"<li>{escape(topic)}</li>" for topic in self.topics)
        html = (
            f'<!doctype html><html lang="en"><body style="font:16px/1.5 sans-serif">'
            f"{''.join(f'<p>{escape(sentence)}</p>' for sentence in self.sentences)}"
            f"{f'<p>What explains it:</p><ul>{topics}</ul>' if topics else ''}<p>{escape(end[1])}</p></body></html>"
        )
        return Message(subject, html, text + "\n")

    def short_form(self) -> ShortForm:
        """Return it for a chat channel."""
        return ShortForm.of(f"{self.site}: {self.sentences[0]}", [*self.sentences[1:], *self.topics])


def alert_of(site: str, day: date, rollup: Rollup, before: Sequence[Rollup]) -> Alert | None:
    """Return the alert of a day, compared with the same weekdays before it; None where nothing is worse."""
    found = findings(rollup, before)
    if not found:
        return None
    topics: tuple[str, ...] = ()
    if any(finding.figure in _EXPLAINED for finding in found):
        topics = tuple(
            f"“{defang(each.name, _QUOTED)}”: {round(each.failed)} of {each.asked} without a good answer"
            for each in explain(*failures(rollup, before))
            if each.name
        )
    return Alert(site, day, tuple(_sentence(finding, before) for finding in found), topics)


def _sentence(finding: Finding, before: Sequence[Rollup]) -> str:
    now, usual = f"{finding.now:.0%}", f"{finding.before:.0%}"
    if finding.figure == "silence":
        return f"Nobody asked anything; on this weekday there are usually {finding.before:.0f} sessions."
    if finding.figure == "cost":
        return f"The models cost ${finding.now:,.2f}; on this weekday usually ${finding.before:,.2f}."
    if finding.figure == "latency":
        limit = (slow_from(before) or 0) / 1000
        return f"{now} of sessions waited longer than {limit:.1f} s; usually {usual} do."
    if finding.figure == "ratings":
        return f"{now} of ratings were thumbs down; usually {usual}."
    if finding.figure == "errors":
        return f"{now} of questions ended in an error; usually {usual}."
    return f"{now} of questions got no good answer; usually {usual}."
