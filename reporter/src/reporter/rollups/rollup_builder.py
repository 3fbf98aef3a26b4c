"""One pass over the exchanges of a day, in the order of asking, in memory that does not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reporter.exchange import DamagedItem, Exchange
from reporter.period import local_hour
from reporter.rollups.questions import TROUBLE
from reporter.rollups.rephrasing import RephrasingWatch
from reporter.rollups.rollup import Comment, Rollup
from reporter.rollups.wording import key, subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo


_RATINGS: Final = ("up", "down")
_LIVE_NAMES: Final = 2_000
_LIVE_COMMENTS: Final = 200
_EXAMPLES_OF_BOT: Final = 3
_LONGEST_QUESTION: Final = 160


def roll_up(exchanges: Iterable[Exchange | DamagedItem], day: date, zone: ZoneInfo) -> Rollup:
    """Return the rollup of a day's exchanges, which must come in the order of asking."""
    builder = _Builder(day, zone)
    for exchange in exchanges:
        if isinstance(exchange, DamagedItem):
            builder.add_damaged(exchange)
        else:
            builder.add(exchange)
    return builder.finish()


class _Builder:
    def __init__(self, day: date, zone: ZoneInfo) -> None:
        self._rollup = Rollup()
        self._day = day
        self._zone = zone
        self._watch = RephrasingWatch()

    def add_damaged(self, item: DamagedItem) -> None:
        self._rollup.damaged += 1
        for origin in item.origins:
            self._rollup.ledger.add(origin)

    def add(self, exchange: Exchange) -> None:
        for origin in exchange.origins:
            self._rollup.ledger.add(origin)
        if exchange.outcome is None:
            self._rollup.ratings_alone += 1
        elif exchange.bot is not None:
            self._add_bot(exchange, exchange.bot)
            return
        else:
            self._add_exchange(exchange, exchange.outcome)
        self._add_rating(exchange)

    def finish(self) -> Rollup:
        self._rollup.rephrasing = self._watch.result
        self._rollup.rephrasing.shrink(_LIVE_NAMES)
        self._rollup.by_day = {self._day.isoformat(): self._rollup.outcomes.copy()}
        return self._rollup

    def _add_exchange(self, exchange: Exchange, outcome: str) -> None:
        rollup = self._rollup
        rollup.outcomes[outcome] += 1
        rollup.represented += 1 / exchange.sample_rate
        rollup.hours[str(local_hour(exchange.moment_ms, self._zone))] += 1
        if exchange.session is not None:
            rollup.sessions.add(exchange.session)
        if exchange.visitor is not None:
            rollup.visitors.add(exchange.visitor)
        for name, duration in exchange.latency_ms.items():
            if name in rollup.latencies:
                rollup.latencies[name].add(duration)
        if outcome == "abandoned" and "total" in exchange.latency_ms:
            rollup.latencies["waited"].add(exchange.latency_ms["total"])
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
        self._add_question(exchange)

    def _add_question(self, exchange: Exchange) -> None:
        if exchange.question is None:
            self._rollup.unrecorded += 1
            return
        stems = subject(exchange.question)
        self._rollup.questions.add(exchange, stems)
        before = self._watch.see(exchange, stems)
        if before is not None:
            group = self._rollup.questions.groups.get(key(before))
            if group is not None:
                group.rephrased += 1

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
        if exchange.comment:
            question = (exchange.question or "")[:_LONGEST_QUESTION]
            comment = Comment(exchange.moment_ms, exchange.rating, exchange.comment, question)
            self._rollup.comments.append(comment)
            if len(self._rollup.comments) > _LIVE_COMMENTS:
                self._rollup.shrink_comments(_LIVE_COMMENTS // 2)

    def _add_bot(self, exchange: Exchange, rule: str) -> None:
        self._count("bots", rule)
        examples = self._rollup.bot_examples.setdefault(rule, [])
        question = (exchange.question or "")[:_LONGEST_QUESTION]
        if question and question not in examples and len(examples) < _EXAMPLES_OF_BOT:
            examples.append(question)
            examples.sort()

    def _count(self, tally: str, name: str, times: int = 1) -> None:
        counts = self._rollup.tallies[tally]
        counts.add(name, times)
        if len(counts.counts) > _LIVE_NAMES:
            counts.shrink(_LIVE_NAMES // 2)
