"""The shop's history: four weeks of questions as another system would have logged them, a row for each."""

import datetime
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.demo.topics import Topic, topics
from stack.demo.visitors import Visitor, visitor
from stack.sample_traffic.visits import HOURS, milliseconds

WEEKS = 4
MODEL = "shop-assistant-1"
INPUT_PRICE, OUTPUT_PRICE = 0.15e-6, 0.6e-6
"""In US dollars a token."""

# Of the sessions of a week, on each of its days from Monday on.
_SESSIONS = (26, 28, 27, 25, 22, 12, 10)
_LONGEST_SESSION = 3
_TRIES_AGAIN = 0.65
_TRIES_ARE_ANSWERED = 0.35
_RATES, _GOOD_IS_UP, _COMMENTS = 0.22, 0.9, 0.6
# On the Wednesday of the last week the model is in trouble, from noon on.
TROUBLED_DAY, _TROUBLED_FROM, _TROUBLED_SHARE = 2, 11, 0.55
_RARE = {"partial": 0.02, "error": 0.012, "abandoned": 0.015}

Row = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """A time of the history."""

    at: datetime.datetime
    is_last_week: bool

    @property
    def is_troubled(self) -> bool:
        """Whether the model is in trouble."""
        return self.is_last_week and self.at.weekday() == TROUBLED_DAY and self.at.hour >= _TROUBLED_FROM

    @property
    def is_after_fix(self) -> bool:
        """Whether the owner has called some gaps fixed: on the Monday, when the week before was reported."""
        return self.is_last_week and self.at.weekday() > 0


@dataclass(frozen=True)
class Asked:
    """A question of a visitor's."""

    topic: Topic
    asking: Visitor
    moment: Moment
    question: str


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def history(first: datetime.datetime, *, seed: int) -> list[Row]:
    """Return the rows of `WEEKS` weeks, in order of time.

    Args:
        first: the first Monday's midnight, in the owner's time zone.
        seed: of the random choices.
    """
    return sorted(_rows(first, seed), key=lambda row: datetime.datetime.fromisoformat(row["asked_at"]))


def _rows(first: datetime.datetime, seed: int) -> Iterator[Row]:
    chance = random.Random(seed)  # noqa: S311 - chance need not be secret
    for week in range(WEEKS):
        for weekday, usual in enumerate(_SESSIONS):
            day = first + datetime.timedelta(days=7 * week + weekday)
            for _ in range(round(usual * chance.uniform(0.9, 1.1) * (1 + 0.04 * week))):
                yield from _session(chance, day, is_last_week=week == WEEKS - 1)


def _session(chance: random.Random, day: datetime.datetime, *, is_last_week: bool) -> Iterator[Row]:
    hour = chance.choices(range(24), HOURS)[0]
    at = day + datetime.timedelta(hours=hour, seconds=chance.randrange(3_600))
    midnight = day + datetime.timedelta(days=1, seconds=-1)
    asking = visitor(chance)
    known = [topic for topic in topics() if asking.language in topic.wordings]
    weights = [topic.weight for topic in known]
    for topic in chance.choices(known, weights, k=chance.randint(1, _LONGEST_SESSION)):
        for row in _tries(chance, topic, asking, Moment(min(at, midnight), is_last_week)):
            yield row
            at = datetime.datetime.fromisoformat(row["asked_at"]) + datetime.timedelta(seconds=chance.randrange(20, 90))


def _tries(chance: random.Random, topic: Topic, asking: Visitor, moment: Moment) -> Iterator[Row]:
    """Yield a question, and where it failed perhaps the same in other words."""
    wordings = topic.wordings[asking.language]
    share = topic.answered_later if moment.is_after_fix else topic.answered
    asked = Asked(topic, asking, moment, chance.choice(wordings))
    outcome = _outcome(chance, asked, share)
    yield _row(chance, asked, outcome)
    others = [wording for wording in wordings if wording != asked.question]
    if outcome == "unanswered" and others and not asking.is_bot and chance.random() < _TRIES_AGAIN:
        later = Moment(moment.at + datetime.timedelta(seconds=chance.randrange(15, 80)), moment.is_last_week)
        helped = "answered" if chance.random() < _TRIES_ARE_ANSWERED * (topic.answered + 0.4) else "unanswered"
        yield _row(chance, Asked(topic, asking, later, chance.choice(others)), helped)


def _outcome(chance: random.Random, asked: Asked, share: float) -> str:
    if asked.moment.is_troubled and chance.random() < _TROUBLED_SHARE:
        return "error"
    if chance.random() >= share:
        return asked.topic.outcome
    rare = chance.random()
    for outcome, part in _RARE.items():
        if rare < part:
            return outcome
        rare -= part
    return "answered"


def _row(chance: random.Random, asked: Asked, outcome: str) -> Row:
    topic, asking = asked.topic, asked.asking
    has_answer = outcome in {"answered", "partial", "refused"}
    tokens_in = 380 + len(asked.question) // 4 + chance.randrange(220)
    tokens_out = chance.randrange(20, 60) if has_answer else 0
    model_ms = chance.lognormvariate(6.3, 0.35) + tokens_out * 12
    row: Row = {
        "asked_at": asked.moment.at.isoformat(),
        "question": asked.question,
        "answer": topic.answer[: 40 if outcome == "partial" else None] if has_answer else None,
        "outcome": outcome,
        "sources": [topic.source] if outcome in {"answered", "partial"} and topic.source else [],
        "session": asking.session,
        "ip": asking.address,
        "country": asking.country,
        "language": asking.tag,
        "user_agent": asking.user_agent,
        "referrer": asking.referrer,
        "latency_ms": {"total": round(model_ms + chance.uniform(20, 90)), "model": round(model_ms)},
        "model": {
            "name": MODEL,
            "input_tokens": tokens_in,
            "output_tokens": tokens_out,
            "cost_usd": round(tokens_in * INPUT_PRICE + tokens_out * OUTPUT_PRICE, 8),
        },
    }
    if not asking.is_bot and outcome != "abandoned" and chance.random() < _RATES:
        row |= _rating(chance, asked, is_good=outcome == "answered")
    return row


def _rating(chance: random.Random, asked: Asked, *, is_good: bool) -> Row:
    is_up = is_good and chance.random() < _GOOD_IS_UP
    rated_at = milliseconds(asked.moment.at) + chance.randrange(5_000, 60_000)
    rating: Row = {"rating": "up" if is_up else "down", "rated_at": rated_at}
    if not is_up and asked.topic.comments and chance.random() < _COMMENTS:
        rating["comment"] = chance.choice(asked.topic.comments)
    return rating
