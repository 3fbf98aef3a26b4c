"""The figures of a weekly report: a site's week beside the weeks before it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from reporter.exchange import OUTCOMES
from reporter.period import day_bounds, milliseconds
from reporter.report.asked import AskedOverWeeks
from reporter.report.by_topic import Topics
from reporter.report.change import Share
from reporter.report.data import Model, Source
from reporter.report.figures import Bar, Comparison, Figure, bars, duration, top
from reporter.rollups.rollup import Rollup, merged

if TYPE_CHECKING:
    from reporter.report.data import ReportData
    from reporter.rollups.comments import Comment
    from reporter.rollups.ledger import Delivery
    from reporter.rollups.rephrasing import Chain

_QUANTILES: Final = (0.5, 0.95, 0.99)
_NAMES: Final = 5
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_GOOD_WHEN: Final = {"answered": 1, "unanswered": -1, "error": -1, "abandoned": -1}


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

    @property
    def figures(self) -> dict[str, float]:
        """The week's numbers, for plots over many weeks; what is unknown is left out."""
        this, p95 = self.this, self.this.latencies["total"].at(0.95)
        return {
            "questions": round(this.represented),
            "without_good_answer": this.exchanges - this.outcomes["answered"],
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
        if self.data.known_sources is not None:
            return sorted(self.data.known_sources - used)
        earlier = merged(self.data.weeks[1:]).tallies["sources"]
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
        around = merged([*self.data.weeks[1:], self.data.later])
        return self.this.ledger.delivery(around.ledger)

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
