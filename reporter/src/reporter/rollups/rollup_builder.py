"""One pass over the exchanges of a day, in the order of asking, in memory that does not grow."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from reporter.exchange import OTHER_OUTCOME, OUTCOMES, DamagedItem, Exchange
from reporter.period import local_hour
from reporter.rollups.clusters import SessionWatch
from reporter.rollups.comments import Comment, most_telling
from reporter.rollups.distinct import Distinct
from reporter.rollups.group import TROUBLE, Group
from reporter.rollups.rephrasing import RephrasingWatch
from reporter.rollups.rollup import Rollup
from reporter.rollups.wording import key, subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo


# What a visitor got: refusals, errors and waits that were given up are no answers.
_ANSWERS: Final = frozenset({"answered", "partial"})
_RATINGS: Final = ("up", "down")
_MS_PER_DAY: Final = 86_400_000
_MS_PER_MINUTE: Final = 60_000
_LIVE_NAMES: Final = 2_000
_LIVE_ASKERS: Final = 50_000
_LIVE_COMMENTS: Final = 200
_EXAMPLES_OF_BOT: Final = 3
_LONGEST_QUESTION: Final = 160
_LONGEST_COMMENT: Final = 300


def roll_up(exchanges: Iterable[Exchange | DamagedItem], day: date, zone: ZoneInfo, names_key: bytes = b"") -> Rollup:
    """Return the rollup of a day's exchanges, which must come in the order of asking.

    `names_key` is the site's own: without it sessions and visitors are counted as well, but can be forged.
    """
    builder = _Builder(day, zone, names_key)
    for exchange in exchanges:
        if isinstance(exchange, DamagedItem):
            builder.add_damaged(exchange)
        else:
            builder.add(exchange)
    return builder.finish()


class _Builder:
    def __init__(self, day: date, zone: ZoneInfo, names_key: bytes) -> None:
        self._rollup = Rollup(sessions=Distinct(names_key), visitors=Distinct(names_key))
        self._names_key = names_key
        self._day = day
        self._zone = zone
        self._watch = RephrasingWatch()
        self._sessions = SessionWatch()
        self._askers: OrderedDict[tuple[str, str], bool] = OrderedDict()
        self._visitors_by_utc_day: dict[int, Distinct] = {}
        self._minute: int | None = None
        self._hour = ""

    def add_damaged(self, item: DamagedItem) -> None:
        self._rollup.damaged += 1
        for origin in item.origins:
            self._rollup.ledger.add(origin)

    def add(self, exchange: Exchange) -> None:
        for origin in exchange.origins:
            self._rollup.ledger.add(origin)
        self._rollup.ledger.see_waiting(exchange)
        if exchange.outcome is None:
            # Of an answer that nobody has seen, or not yet: it counts when its exchange comes.
            self._rollup.ratings_alone += 1
            return
        if exchange.bot is not None:
            self._add_bot(exchange, exchange.bot)
            return
        self._add_exchange(exchange, self._known(exchange.outcome))
        self._add_rating(exchange)

    def finish(self) -> Rollup:
        self._rollup.rephrasing = self._watch.result
        self._rollup.rephrasing.shrink(_LIVE_NAMES)
        self._rollup.clusters = self._sessions.finish([*OUTCOMES, OTHER_OUTCOME])
        # Whoever came on both sides of midnight UTC, and not in one session, is among those of each side.
        sides = sorted(visitors.count for visitors in self._visitors_by_utc_day.values())
        self._rollup.visitors_twice = sum(sides[:-1])
        self._rollup.by_day = {self._day.isoformat(): self._rollup.outcomes.copy()}
        return self._rollup

    def _known(self, outcome: str) -> str:
        """Return the outcome, or `other` for one that a later version has introduced."""
        if outcome in OUTCOMES:
            return outcome
        self._count("other_outcomes", outcome)
        return OTHER_OUTCOME

    def _add_exchange(self, exchange: Exchange, outcome: str) -> None:
        rollup = self._rollup
        session = _session(exchange)
        rollup.outcomes[outcome] += 1
        self._sessions.ask(session, outcome, 1 / exchange.sample_rate)
        rollup.represented += 1 / exchange.sample_rate
        rollup.hours[self._local_hour(exchange.moment_ms)] += 1
        if exchange.session is not None:
            rollup.sessions.add(exchange.session)
        visitor = exchange.visitor
        if visitor and not self._sessions.is_renamed(session, visitor, exchange.moment_ms):
            rollup.visitors.add(visitor)
            self._visitors_of(exchange.moment_ms // _MS_PER_DAY).add(visitor)
        self._add_latencies(exchange, outcome)
        language = exchange.language and exchange.language.split("-")[0].lower()
        for tally, value in (
            ("countries", exchange.country),
            ("referrers", exchange.referrer),
            ("languages", language),
            ("devices", exchange.device),
            ("cache", exchange.cache),
        ):
            if value:
                self._count(tally, value)
        self._add_model(exchange)
        self._add_sources(exchange, outcome)
        self._add_question(exchange, outcome)

    def _local_hour(self, moment_ms: int) -> str:
        """Return the hour on the owner's clock; it is looked up once for the questions of a minute."""
        minute = moment_ms // _MS_PER_MINUTE
        if minute != self._minute:
            self._minute, self._hour = minute, str(local_hour(moment_ms, self._zone))
        return self._hour

    def _visitors_of(self, utc_day: int) -> Distinct:
        visitors = self._visitors_by_utc_day.get(utc_day)
        if visitors is None:
            visitors = self._visitors_by_utc_day[utc_day] = Distinct(self._names_key)
        return visitors

    def _add_latencies(self, exchange: Exchange, outcome: str) -> None:
        """Count the times of answers; of those who left, how long they waited."""
        latencies = self._rollup.latencies
        if outcome in _ANSWERS:
            for name in ("total", "retrieval", "model"):
                if name in exchange.latency_ms:
                    latencies[name].add(exchange.latency_ms[name])
        elif outcome == "abandoned" and "total" in exchange.latency_ms:
            latencies["waited"].add(exchange.latency_ms["total"])

    def _add_question(self, exchange: Exchange, outcome: str) -> None:
        if exchange.question is None:
            # Of who asked not to be recorded, neither words nor visitor nor session are stored.
            opted_out = exchange.visitor is None and exchange.session is None
            self._rollup.unrecorded += opted_out
            self._rollup.without_question += not opted_out
            return
        if exchange.is_unfinished:
            return
        stems = subject(exchange.question)
        group = self._rollup.questions.add(exchange, stems)
        self._add_asker(exchange, group, failed=outcome in TROUBLE)
        before = self._watch.see(exchange, stems)
        if exchange.session is not None:
            self._sessions.count(exchange.session, "rephrased", before is not None, 1)
        if before is not None:
            rephrased = self._rollup.questions.groups.get(key(before))
            if rephrased is not None:
                rephrased.rephrased += 1

    def _add_asker(self, exchange: Exchange, group: Group, *, failed: bool) -> None:
        """Count sessions that asked, and those that got no good answer at least once."""
        asker = (_session(exchange), key(group.stems))
        failed_before = self._askers.pop(asker, None)
        self._askers[asker] = failed or bool(failed_before)
        group.sessions += failed_before is None
        group.failed_sessions += failed and not failed_before
        if len(self._askers) > _LIVE_ASKERS:
            self._askers.popitem(last=False)

    def _add_model(self, exchange: Exchange) -> None:
        model: Any = exchange.model
        if "name" not in model:
            return
        self._count("models", model["name"])
        self._count("input_tokens", model["name"], int(model.get("input_tokens", 0)))
        self._count("output_tokens", model["name"], int(model.get("output_tokens", 0)))
        self._count("micro_dollars", model["name"], round(float(model.get("cost_usd", 0)) * 1e6))

    def _add_sources(self, exchange: Exchange, outcome: str) -> None:
        for source in set(exchange.sources):
            self._count("sources", source)
            if exchange.rating in _RATINGS:
                self._count(f"sources_{exchange.rating}", source)
            if outcome in TROUBLE:
                self._count("sources_failed", source)

    def _add_rating(self, exchange: Exchange) -> None:
        if exchange.rating is None:
            return
        self._rollup.ratings[exchange.rating] += 1
        self._sessions.count(_session(exchange), "useful", exchange.rating == "up", exchange.rating in _RATINGS)
        if exchange.comment:
            question = (exchange.question or "")[:_LONGEST_QUESTION]
            comment = Comment(exchange.moment_ms, exchange.rating, exchange.comment[:_LONGEST_COMMENT], question)
            self._rollup.comments.append(comment)
            if len(self._rollup.comments) > _LIVE_COMMENTS:
                self._rollup.comments = most_telling(self._rollup.comments, _LIVE_COMMENTS // 2)

    def _add_bot(self, exchange: Exchange, rule: str) -> None:
        self._count("bots", rule)
        examples = self._rollup.bot_examples.setdefault(rule, [])
        question = (exchange.question or "")[:_LONGEST_QUESTION]
        if question and question not in examples and len(examples) < _EXAMPLES_OF_BOT:
            examples.append(question)
            examples.sort()

    def _count(self, tally: str, name: str, times: int = 1) -> None:
        counts = self._rollup.tallies[tally]
        counts.counts[name] += times
        if len(counts.counts) > _LIVE_NAMES:
            counts.shrink(_LIVE_NAMES // 2)


def _session(exchange: Exchange) -> str:
    """Return what belongs together: the session, else the visitor, else the exchange alone."""
    return exchange.session or exchange.visitor or exchange.id
