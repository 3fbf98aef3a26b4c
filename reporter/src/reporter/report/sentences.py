"""The English sentences of a weekly report."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from reporter.report.defang import defang

if TYPE_CHECKING:
    from reporter.report.data import Correction
    from reporter.report.weekly_report import Report
    from reporter.rollups.group import Group

_NAMED: Final = 60
_MERGES_SHOWN: Final = 3

# So many visitors a question are as good as one each: their number is an estimate.
_AS_MANY: Final = 0.8


class Sentences:
    """A report's figures in words."""

    def __init__(self, report: Report) -> None:
        self._report = report

    @property
    def subject(self) -> str:
        """Site, week, and the number that matters; nothing that a visitor typed."""
        report = self._report
        week = f"week {report.week.number}" + ("" if report.is_over else " so far")
        return f"{report.site}, {week}: {self.head}"

    @property
    def head(self) -> str:
        """The week in half a sentence."""
        report = self._report
        if not report.this.exchanges:
            before = report.data.weeks[1].exchanges if len(report.data.weeks) > 1 else 0
            return f"no questions, {before:,} the week before" if before else "no questions"
        bad = report.not_answered
        failed = f"{bad if bad.is_telling else f'{bad.part:,}'} without a good answer"
        return f"{counted(self.questions, 'question')}, {failed if bad.part else 'all answered'}"

    @property
    def questions(self) -> int:
        """How many questions there were; estimated where only a sample was recorded."""
        return round(self._report.this.represented)

    @property
    def dates(self) -> str:
        """The days of the week, as 16 – 22 November 2026."""
        begin, end = self._report.week.monday, self._report.week.sunday
        month = "" if begin.month == end.month else f" {begin:%B}"
        year = "" if begin.year == end.year else f" {begin.year}"
        return f"{begin.day}{month}{year} – {end.day} {end:%B} {end.year}"

    @property
    def notes(self) -> list[str]:
        """What a reader must know before the numbers."""
        report, this = self._report, self._report.this
        notes = []
        if not report.is_over:
            notes.append("The week is not over: these are the numbers so far.")
        if report.is_first and this.exchanges:
            notes.append("The first week: there is nothing to compare it with yet.")
        if report.sampled is not None:
            notes.append(
                f"Only a sample was recorded, {this.exchanges:,} questions; it stands for about {report.sampled:,}."
            )
        if this.damaged:
            notes.append(f"{counted(this.damaged, 'stored item')} of this week could not be read and was left out.")
        if report.asked.followed is not None:
            notes += [
                f"Two topics are now one: “{defang(gone, _NAMED)}” has become part of “{defang(kept, _NAMED)}”."
                for kept, gone in report.asked.followed.merged[:_MERGES_SHOWN]
            ]
        if this.lost_days:
            days = "1 day of this week is" if this.lost_days == 1 else f"{this.lost_days} days of this week are"
            notes.append(f"{days} missing: what was stored is damaged, and its items have expired.")
        return [*notes, *map(_correction, report.data.corrections)]

    @property
    def different(self) -> str:
        """How many topics were asked about, and by what they were put together."""
        count, followed = self._report.asked.count, self._report.asked.followed
        if followed is None:
            return counted(count, "different question")
        how = "meaning" if followed.by_meaning else "shared words, because the sentence encoder is not available"
        return f"{counted(count, 'topic')}, grouped by {how}"

    @property
    def who(self) -> str:
        """How many sessions and visitors there were, and how far the count of visitors may be off."""
        this, about = self._report.this, "about " if self._report.is_estimate else ""
        who = f"{about}{counted(this.sessions.count, 'session')} of {counted(this.visitors.count, 'visitor')}"
        twice = f" (at most {this.visitors_twice:,} of them twice, before and after midnight UTC)"
        return f"{who}, each counted once a day{twice if this.visitors_twice else ''}"

    @staticmethod
    def visitors(group: Group) -> str:
        """Return how many visitors asked, where that is clearly fewer than how often; else nothing."""
        if not group.visitors or group.visitors > _AS_MANY * group.count:
            return ""
        return f", by {counted(group.visitors, 'visitor')}"

    def since(self, topic: str) -> str:
        """Return since when a gap is open or back, where that is longer than its week; else nothing."""
        gap = self._report.gaps.gaps.get(topic)
        if gap is None or not gap.is_listed:
            return ""
        day = datetime.fromtimestamp(gap.last.at_ms / 1000, self._report.data.zone)
        if gap.last.at_ms >= self._report.gaps.now_ms:
            return ""
        return f", {gap.state} since {day.day} {day:%B}"

    @property
    def unrecorded(self) -> list[str]:
        """What was asked without words that could be shown."""
        report, this = self._report, self._report.this
        lines = []
        if report.asked.rest:
            lines.append(f"{counted(report.asked.rest, 'rarer question')} counted in the totals, not listed.")
        if this.unrecorded:
            lines.append(f"{counted(this.unrecorded, 'question')} of visitors who asked not to be recorded.")
        if this.without_question:
            lines.append(f"{counted(this.without_question, 'request')} without a question that could be read.")
        return lines

    @property
    def rephrased(self) -> str:
        """How many questions were a second attempt."""
        share = self._report.rephrased
        followed = self._report.this.rephrasing
        change = f" ({share.change.text})" if share.change.text else ""
        by_words = f"{followed.rephrased:,} of {counted(followed.followable, 'question')} in a session{change}"
        within = "within ten minutes, in similar words"
        meant = self._report.rephrased_by_meaning
        if meant is None:
            return f"{by_words}, {within}. Other words for the same thing are not noticed."
        if not meant.judged:
            return f"{by_words}, {within}."
        more = f"about {meant.count:,} more" if meant.count else "no more"
        return f"{by_words}, {within}; by meaning {more}, judged on {meant.judged:,} pairs of questions in a row."

    @property
    def cost(self) -> str:
        """What the models cost in all, and last week."""
        if self._report.cost is None:
            return ""
        this, last = self._report.cost
        return f"{dollars(this)} in total" + ("" if last is None else f", last week {dollars(last)}")


def counted(number: int, what: str) -> str:
    """Write a number with its noun: 1 question, 1,234 questions."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def dollars(amount: float) -> str:
    """Write an amount of US dollars to the cent, a small one to the hundredth of a cent."""
    return f"${amount:,.2f}" if amount >= 0.1 or not amount else f"${amount:.4f}"  # noqa: PLR2004 - ten cents


def _correction(correction: Correction) -> str:
    """Say what late events and ratings have changed in an earlier report."""
    now, reported = correction.now, correction.reported
    parts = []
    if now.questions != reported.questions:
        parts.append(f"{counted(now.questions, 'question')} (the report said {reported.questions:,})")
    if (now.up, now.down) != (reported.up, reported.down) and reported.up is not None:
        parts.append(
            f"rated {now.up:,} up and {now.down:,} down (the report said {reported.up:,} and {reported.down:,})"
        )
    return f"Correction to week {correction.week.number}, since some events and ratings came late: {'; '.join(parts)}."
