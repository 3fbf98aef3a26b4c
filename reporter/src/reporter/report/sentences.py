"""The English sentences of a weekly report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reporter.report.change import Share
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
        week = f"week {self._report.week.number}" + ("" if self._report.is_over else " so far")
        total, unanswered = self._report.this.exchanges, self._report.this.outcomes["unanswered"]
        if not total:
            return f"{self._report.site}, {week}: no questions"
        questions = "1 question" if total == 1 else f"{total:,} questions"
        share = Share(unanswered, total)
        counted = f"{share if share.is_telling else unanswered} unanswered"
        return f"{self._report.site}, {week}: {questions}, {counted if unanswered else 'none unanswered'}"

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
        notes = []
        if not self._report.is_over:
            notes.append("The week is not over: these are the numbers so far.")
        if self._report.is_first and self._report.this.exchanges:
            notes.append("The first week: there is nothing to compare it with yet.")
        if self._report.sampled is not None:
            notes.append(f"Only a sample was recorded; it stands for about {self._report.sampled:,} questions.")
        if self._report.this.damaged:
            items = "1 stored item" if self._report.this.damaged == 1 else f"{self._report.this.damaged:,} stored items"
            notes.append(f"{items} of this week could not be read, and counts nowhere: see the reporter's log.")
        if self._report.asked.followed is not None:
            notes += [
                f"Two topics are now one: “{defang(gone, _NAMED)}” has become part of “{defang(kept, _NAMED)}”."
                for kept, gone in self._report.asked.followed.merged[:_MERGES_SHOWN]
            ]
        if lost := self._report.this.lost_days:
            days = "1 day of this week is" if lost == 1 else f"{lost} days of this week are"
            notes.append(f"{days} missing: what was stored is damaged, and its items have expired.")
        notes += map(_correction, self._report.data.corrections)
        return notes

    @property
    def different(self) -> str:
        """How many topics were asked about, and by what they were put together."""
        count, followed = self._report.asked.count, self._report.asked.followed
        if followed is None:
            return "one question" if count == 1 else f"{count:,} different questions"
        how = "meaning" if followed.by_meaning else "shared words, as the sentence encoder is not at hand"
        return f"{'one topic' if count == 1 else f'{count:,} topics'}, grouped by {how}"

    @staticmethod
    def visitors(group: Group) -> str:
        """Return how many visitors asked, where that is clearly fewer than how often; else nothing."""
        if not group.visitors or group.visitors > _AS_MANY * group.count:
            return ""
        return f", by {'one visitor' if group.visitors == 1 else f'{group.visitors:,} visitors'}"

    @property
    def delivery_words(self) -> str:
        """The ledger in a sentence or two."""
        made, stored, given_up = (
            self._report.delivery.made,
            self._report.delivery.stored,
            self._report.delivery.given_up,
        )
        missing, waiting = self._report.delivery.missing, self._report.data.dead_letters
        queue = (
            "The dead-letter queue could not be asked."
            if waiting is None
            else f"In the dead-letter queue now: {waiting:,}."
        )
        if not made:
            return f"No events of this week have arrived. {queue}"
        if not missing:
            return f"Nothing: all {made:,} events made at the edge are stored. {queue}"
        return (
            f"Of {made:,} events made at the edge, {stored:,} are stored and {missing:,} are "
            f"missing; {given_up:,} of these were given up at the edge. {queue}"
        )


def _correction(correction: Correction) -> str:
    """Say what late events and ratings have changed in an earlier report."""
    now, reported = correction.now, correction.reported
    parts = []
    if now.questions != reported.questions:
        parts.append(f"{now.questions:,} questions (the report said {reported.questions:,})")
    if (now.up, now.down) != (reported.up, reported.down) and reported.up is not None:
        parts.append(
            f"rated {now.up:,} up and {now.down:,} down (the report said {reported.up:,} and {reported.down:,})"
        )
    return f"Correction to week {correction.week.number}, since some events and ratings came late: {'; '.join(parts)}."
