"""What a weekly report says, computed from the rollups of five weeks; layout is in templates/."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from reporter.asked import AskedOverWeeks
from reporter.change import Share
from reporter.exchange import OUTCOMES
from reporter.figures import Bar, Comparison, Figure, bars, duration, top
from reporter.period import day_bounds, milliseconds
from reporter.rollup import Comment, Rollup, merged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from reporter.ledger import Delivery
    from reporter.period import Week
    from reporter.rephrasing import Chain
    from reporter.usage import Reading

WEEKS_BEFORE: Final = 4
_QUANTILES: Final = (0.5, 0.95, 0.99)
_NAMES: Final = 5
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_GOOD_WHEN: Final = {"answered": 1, "unanswered": -1, "error": -1, "abandoned": -1}


@dataclass(frozen=True, slots=True)
class Correction:
    """An earlier report's number that has changed since, because events arrived after it."""

    week: Week
    reported: int
    now: int


@dataclass(frozen=True, slots=True)
class Source:
    """A source of answers and how they were received."""

    name: str
    used: int
    up: int
    down: int
    failed: int


@dataclass(frozen=True, slots=True)
class Model:
    """A model and what it took."""

    name: str
    exchanges: int
    input_tokens: int
    output_tokens: int
    dollars: float


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report is made from.

    Attributes:
        weeks: this week's rollup, then those of the weeks before, the latest first.
        later: what is known of the days after the week; only its ledger is used.
        dead_letters: messages in the dead-letter queue now, or None where that is not known.
        known_sources: all sources the owner has, where that has been told.

    """

    site: str
    week: Week
    zone: ZoneInfo
    now: datetime
    weeks: Sequence[Rollup]
    later: Rollup = field(default_factory=Rollup)
    dead_letters: int | None = None
    usage: Sequence[Reading] = ()
    corrections: Sequence[Correction] = ()
    known_sources: frozenset[str] | None = None


class Report:
    """One site's week beside the weeks before; its properties are what the templates show."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.site = material.site
        self.week = material.week
        self.this = material.weeks[0]
        end = day_bounds(self.week.sunday, material.zone)[1]
        self.is_over = milliseconds(material.now) >= end
        labels = [f"W{self.week.before(ago).number}" for ago in range(len(material.weeks))]
        self._weeks = Comparison(material.weeks, labels, is_over=self.is_over)
        self.is_first = self._weeks.is_first
        self.asked = AskedOverWeeks(material.weeks)

    @property
    def subject(self) -> str:
        """Site, week, and the number that matters; nothing that a visitor typed."""
        week = f"week {self.week.number}" + ("" if self.is_over else " so far")
        total, unanswered = self.this.exchanges, self.this.outcomes["unanswered"]
        if not total:
            return f"{self.site}, {week}: no questions"
        questions = "1 question" if total == 1 else f"{total:,} questions"
        share = Share(unanswered, total)
        told = f"{share if share.is_telling else unanswered} unanswered"
        return f"{self.site}, {week}: {questions}, {told if unanswered else 'none unanswered'}"

    @property
    def dates(self) -> str:
        """The days of the week, as 16 – 22 November 2026."""
        begin, end = self.week.monday, self.week.sunday
        month = "" if begin.month == end.month else f" {begin:%B}"
        year = "" if begin.year == end.year else f" {begin.year}"
        return f"{begin.day}{month}{year} – {end.day} {end:%B} {end.year}"

    @property
    def sampled(self) -> int | None:
        """About how many questions there were where only a sample of them was recorded."""
        represented = round(self.this.represented)
        return represented if represented > self.this.exchanges else None

    @property
    def tiles(self) -> list[Figure]:
        """The four numbers on top."""
        return [
            self._weeks.count("Questions", lambda week: week.exchanges),
            self._weeks.share("Answered", lambda week: _outcome(week, "answered"), good_when=1),
            self._weeks.share("Unanswered", lambda week: _outcome(week, "unanswered"), good_when=-1),
            self.useful,
        ]

    @property
    def outcomes(self) -> list[Figure]:
        """Every outcome as a count with its history."""
        return [self._outcome(name) for name in OUTCOMES]

    def share_of(self, outcome: str) -> str:
        """Return the share of an outcome; nothing for few questions, whose counts say it all."""
        share = _outcome(self.this, outcome)
        return str(share) if share.is_telling else ""

    @property
    def audience(self) -> list[Figure]:
        """Who asked, in numbers."""
        return [
            self._weeks.count("Sessions", lambda week: week.sessions.count),
            self._weeks.count(
                "Visitor-days",
                lambda week: week.visitors.count,
                note="each visitor counts once a day: nobody is followed past midnight",
            ),
        ]

    @property
    def is_estimate(self) -> bool:
        """Whether sessions and visitor-days are estimates, within 2.2 % two times of three."""
        return not (self.this.sessions.is_exact and self.this.visitors.is_exact)

    @property
    def latencies(self) -> list[tuple[str, list[Figure]]]:
        """For each kind of time: p50, p95 and p99 beside last week's."""
        names = {"total": "Whole answer", "retrieval": "Retrieval", "model": "Model"}
        return [
            (label, [self._weeks.quantile(name, quantile) for quantile in _QUANTILES])
            for name, label in names.items()
            if self.this.latencies[name].count
        ]

    @property
    def hours(self) -> list[Bar]:
        """Questions by hour of the owner's day."""
        return bars((f"{hour:02d}", self.this.hours[str(hour)]) for hour in range(24))

    @property
    def days(self) -> list[Bar]:
        """Questions by day of the week."""
        counts = (self.this.by_day.get(day.isoformat()) for day in self.week.days)
        totals = (count.total() if count else 0 for count in counts)
        return bars(zip(_WEEKDAYS, totals, strict=True))

    @property
    def origins(self) -> list[tuple[str, list[Bar]]]:
        """Where visitors come from and what they use, each kind's top names with their shares."""
        kinds = ("countries", "referrers", "languages", "devices")
        tallies = ((kind.capitalize(), self.this.tallies[kind]) for kind in kinds)
        return [(title, top(tally, _NAMES)) for title, tally in tallies if tally.total]

    @property
    def bots(self) -> list[tuple[str, int, list[str]]]:
        """Each rule that took visitors for bots, how often, and what some of those asked."""
        examples = self.this.bot_examples
        rules = self.this.tallies["bots"].top(_NAMES)
        return [(rule, count, examples.get(rule, [])[:2]) for rule, count in rules]

    @property
    def useful(self) -> Figure:
        """Thumbs up of all ratings."""
        return self._weeks.share("Rated useful", _useful, good_when=1)

    @property
    def rephrased(self) -> Figure:
        """Questions that were asked again in other words, of those in a session."""
        return self._weeks.share("Asked again in other words", _rephrased, good_when=-1)

    @property
    def chains(self) -> list[Chain]:
        """Some rephrasings, each once, those first that found words that work."""
        different = {tuple(chain.questions): chain for chain in reversed(self.this.rephrasing.chains)}
        return sorted(different.values(), key=lambda chain: chain.rank)[:_NAMES]

    @property
    def comments(self) -> list[Comment]:
        """Some comments: complaints, and fewer of the others."""
        down = [comment for comment in self.this.comments if comment.rating == "down"]
        up = [comment for comment in self.this.comments if comment.rating == "up"]
        return down[: _NAMES - 1] + up[: _NAMES // 2]

    @property
    def sources_used(self) -> list[Source]:
        """The sources behind most answers."""
        return [self._source(name) for name, _ in self.this.tallies["sources"].top(_NAMES)]

    @property
    def sources_disliked(self) -> list[Source]:
        """Sources whose answers were rated down at least twice, and more often than up."""
        down, up = self.this.tallies["sources_down"], self.this.tallies["sources_up"]
        ranked = down.top(len(down.counts))
        return [self._source(name) for name, n in ranked if n > max(1, up.counts[name])][:_NAMES]

    @cached_property
    def sources_idle(self) -> list[str]:
        """Sources not used: of all the owner has where known, else of those used before."""
        used = self.this.tallies["sources"].counts.keys()
        if self.material.known_sources is not None:
            return sorted(self.material.known_sources - used)
        earlier = merged(self.material.weeks[1:]).tallies["sources"]
        return [name for name, _ in earlier.top(len(earlier.counts)) if name not in used]

    @property
    def models(self) -> list[Model]:
        """Each model with its tokens and its cost."""
        kinds = ("input_tokens", "output_tokens", "micro_dollars")
        models = []
        for name, exchanges in self.this.tallies["models"].top(_NAMES):
            read, written, micro = (self.this.tallies[kind].counts[name] for kind in kinds)
            models.append(Model(name, exchanges, read, written, micro / 1e6))
        return models

    @property
    def cached(self) -> Share:
        """Answers from the cache, of those for which it is known."""
        cache = self.this.tallies["cache"]
        return Share(cache.counts["hit"], cache.total)

    @cached_property
    def delivery(self) -> Delivery:
        """What the edge made and what arrived."""
        around = merged([*self.material.weeks[1:], self.material.later])
        return self.this.ledger.delivery(around.ledger)

    @property
    def delivery_words(self) -> str:
        """The ledger in a sentence or two."""
        made, stored, given_up = self.delivery.made, self.delivery.stored, self.delivery.given_up
        missing, waiting = self.delivery.missing, self.material.dead_letters
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

    @property
    def notes(self) -> list[str]:
        """What a reader must know before the numbers."""
        notes = []
        if not self.is_over:
            notes.append("The week is not over: these are the numbers so far.")
        if self.is_first and self.this.exchanges:
            notes.append("The first week: there is nothing to compare it with yet.")
        if self.sampled is not None:
            notes.append(f"Only a sample was recorded; it stands for about {self.sampled:,} questions.")
        notes += [
            f"Correction to week {each.week.number}: {each.now:,} questions, reported as "
            f"{each.reported:,}; the difference arrived after the report."
            for each in self.material.corrections
        ]
        return notes

    def _outcome(self, name: str) -> Figure:
        waited = self.this.latencies["waited"].at(0.5) if name == "abandoned" else None
        note = "" if waited is None else f"left after {duration(waited)} (median)"
        good_when = _GOOD_WHEN.get(name, 0)
        return self._weeks.count(name, lambda week: week.outcomes[name], good_when=good_when, note=note)

    def _source(self, name: str) -> Source:
        kinds = ("sources", "sources_up", "sources_down", "sources_failed")
        return Source(name, *(self.this.tallies[kind].counts[name] for kind in kinds))


def _outcome(week: Rollup, name: str) -> Share:
    return Share(week.outcomes[name], week.exchanges)


def _useful(week: Rollup) -> Share:
    return Share(week.ratings["up"], week.ratings.total())


def _rephrased(week: Rollup) -> Share:
    return Share(week.rephrasing.rephrased, week.rephrasing.followable)
