"""The figures of a weekly report: a site's week beside the weeks before it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from reporter.exchange import OTHER_OUTCOME, OUTCOMES
from reporter.gaps.following import FollowedGaps
from reporter.period import day_bounds, milliseconds
from reporter.report.asked import AskedOverWeeks
from reporter.report.by_topic import Topics
from reporter.report.change import Share
from reporter.report.data import Model, Source
from reporter.report.figures import Bar, Comparison, Figure, bars, top
from reporter.report.times import Times
from reporter.rollups.ledger import newest
from reporter.rollups.rephrasing import Chain
from reporter.rollups.rollup import Rollup, merged

if TYPE_CHECKING:
    from reporter.report.data import ReportData
    from reporter.rollups.comments import Comment
    from reporter.rollups.ledger import Delivery
    from reporter.topics.rephrasing import Rephrased

_NAMES: Final = 5
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_GOOD_WHEN: Final = {"answered": 1, "partial": -1, "unanswered": -1, "error": -1, "abandoned": -1}


class Report:
    """One site's week beside the weeks before; its properties are what the templates show."""

    def __init__(self, data: ReportData) -> None:
        self.data = data
        self.site = data.site
        self.week = data.week
        self.this = data.weeks[0]
        end = day_bounds(self.week.sunday, data.zone)[1]
        self.is_over = milliseconds(data.now) >= end
        labels = [f"W{self.week.before(ago).number}" for ago in range(len(data.weeks))]
        self._weeks = Comparison(data.weeks, labels, is_over=self.is_over)
        self.is_first = self._weeks.is_first
        self.asked = AskedOverWeeks(data.weeks, Topics(data.follow))
        self.gaps = data.follow_gaps(self.asked, data.days) if data.follow_gaps else FollowedGaps()
        self.asked.is_listed = self.gaps.is_listed

    @property
    def real_changes(self) -> frozenset[str]:
        """The figures that differ from last week's by more than chance."""
        return self._weeks.real

    @property
    def figures(self) -> dict[str, float]:
        """The week's numbers, for plots over many weeks; what is unknown is left out."""
        this, p95 = self.this, self.this.latencies["total"].at(0.95)
        return {
            "questions": round(this.represented),
            "without_good_answer": self.not_answered.part,
            "recorded": this.exchanges,
            "up": this.ratings["up"],
            "down": this.ratings["down"],
            "sessions": this.sessions.count,
            "visitors": this.visitors.count,
        } | ({} if p95 is None else {"p95_ms": p95})

    @property
    def sampled(self) -> int | None:
        """About how many questions there were where only a sample of them was recorded."""
        represented = round(self.this.represented)
        return represented if represented > self.this.exchanges else None

    @property
    def tiles(self) -> list[Figure]:
        """The four numbers on top."""
        note = "estimated from a sample" if self.sampled is not None else ""
        return [
            self._weeks.count("Questions", "questions", lambda week: week.represented, note=note),
            self._weeks.share("Without a good answer", "not_answered", not_answered, good_when=-1),
            self._weeks.share("Rated useful", "useful", _useful, good_when=1),
            self.visitors,
        ]

    @property
    def visitors(self) -> Figure:
        """How many people asked, each counted once a day: nobody is followed past midnight."""
        return self._weeks.count("Visitors", "visitors", lambda week: week.visitors.count)

    @property
    def outcomes(self) -> list[Figure]:
        """Every outcome as a share with its history."""
        other = [OTHER_OUTCOME] if self.this.outcomes[OTHER_OUTCOME] else []
        return [self._outcome(name) for name in (*OUTCOMES, *other)]

    @property
    def other_outcomes(self) -> list[str]:
        """Names of outcomes that this version of the reporter does not know."""
        return [name for name, _ in self.this.tallies["other_outcomes"].top(_NAMES)]

    @property
    def not_answered(self) -> Share:
        """Questions without a good answer: every outcome but answered."""
        return not_answered(self.this)

    @property
    def is_estimate(self) -> bool:
        """Whether the numbers of sessions and visitors are estimates, within 2.2% two times of three."""
        return not (self.this.sessions.is_exact and self.this.visitors.is_exact)

    @property
    def times(self) -> Times:
        """How long answers took, and how long those waited who left."""
        return Times.of(self.this, self._weeks.last)

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
    def bots(self) -> list[tuple[str, int]]:
        """Each rule that took visitors for bots, and how often."""
        return self.this.tallies["bots"].top(_NAMES)

    @property
    def useful(self) -> Figure:
        """Thumbs up of all ratings."""
        return self._weeks.share("Rated useful", "useful", _useful, good_when=1)

    @property
    def rephrased(self) -> Figure:
        """Questions that were asked again in other words, of those in a session."""
        return self._weeks.share("Asked again in other words", "rephrased", _rephrased, good_when=-1)

    @cached_property
    def rephrased_by_meaning(self) -> Rephrased | None:
        """What was asked again in entirely other words, where that can be told."""
        return self.data.rephrased(self.this.rephrasing, self.asked.followed) if self.data.rephrased else None

    @property
    def chains(self) -> list[Chain]:
        """Some rephrasings, each once, those first that found words that work."""
        told = self.rephrased_by_meaning
        meant = [Chain(pair.moment_ms, [pair.first, pair.second], pair.worked) for pair in told.pairs] if told else []
        different = {tuple(chain.questions): chain for chain in reversed(self.this.rephrasing.chains + meant)}
        return sorted(different.values(), key=lambda chain: chain.rank)[:_NAMES]

    @property
    def comments(self) -> list[Comment]:
        """Some comments: complaints, and fewer of the others."""
        different = {(comment.text, comment.question): comment for comment in reversed(self.this.comments)}
        ranked = sorted(different.values(), key=lambda comment: comment.rank)
        down = [comment for comment in ranked if comment.rating == "down"]
        up = [comment for comment in ranked if comment.rating == "up"]
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
        if self.data.known_sources is not None:
            return sorted(self.data.known_sources - used)
        earlier = merged(self.data.weeks[1:]).tallies["sources"]
        return [name for name, _ in earlier.top(len(earlier.counts)) if name not in used]

    @property
    def sources_unnamed(self) -> int:
        """Uses of sources that no day kept by name: so often at most, a source that seems idle was used."""
        return self.this.tallies["sources"].other

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
    def cost(self) -> tuple[float, float | None] | None:
        """What the models cost this week and last, in US dollars; None where no cost is recorded."""
        this = self.this.tallies["micro_dollars"].total / 1e6
        last = None if self._weeks.last is None else self._weeks.last.tallies["micro_dollars"].total / 1e6
        return (this, last) if this or last else None

    @property
    def cached(self) -> Share:
        """Answers from the cache, of those for which it is known."""
        cache = self.this.tallies["cache"]
        return Share(cache.counts["hit"], cache.total)

    @cached_property
    def delivery(self) -> Delivery:
        """What the edge made, what arrived, and what waited when last seen in the week or after it."""
        this, later = self.this.ledger, self.data.later
        around = merged([*self.data.weeks[1:], later])
        return replace(this.delivery(around.ledger), waiting=newest(this.waiting, later.ledger.waiting))

    def _outcome(self, name: str) -> Figure:
        return self._weeks.share(
            name, name, lambda week: Share(week.outcomes[name], week.exchanges), good_when=_GOOD_WHEN.get(name, 0)
        )

    def _source(self, name: str) -> Source:
        kinds = ("sources", "sources_up", "sources_down", "sources_failed")
        return Source(name, *(self.this.tallies[kind].counts[name] for kind in kinds))


def not_answered(week: Rollup) -> Share:
    """Return the share of questions without a good answer."""
    return Share(week.exchanges - week.outcomes["answered"], week.exchanges)


def _useful(week: Rollup) -> Share:
    return Share(week.ratings["up"], week.ratings["up"] + week.ratings["down"])


def _rephrased(week: Rollup) -> Share:
    return Share(week.rephrasing.rephrased, week.rephrasing.followable)
