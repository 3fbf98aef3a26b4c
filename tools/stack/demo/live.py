"""Today's visitors: they ask through the proxy with OpenAI's own client, as the shop's pages would."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import openai
import urllib3

from stack.demo.topics import Topic, topics
from stack.demo.visitors import Visitor, visitor
from stack.programs import ProgramError
from stack.worker import stored_id

_CLIENTS = 4
_RATES, _LEAVES, _IS_CUT_OFF = 0.3, 0.04, 0.04
_ACCEPTED = 202


@dataclass(frozen=True)
class Question:
    """A question of today, and what its visitor does."""

    asking: Visitor
    topic: Topic
    text: str
    leaves: bool
    """Whether the visitor leaves in the middle of the answer."""
    is_cut_off: bool
    rates: bool


@dataclass
class Today:
    """What was asked today and what the client saw of it."""

    exchanges: set[str] = field(default_factory=set)
    """The ids, as they are stored."""
    rated: set[str] = field(default_factory=set)
    finishes: Counter[str] = field(default_factory=Counter)
    tokens: int = 0

    def add(self, other: "Today") -> None:
        """Add what another part of the day saw."""
        self.exchanges |= other.exchanges
        self.rated |= other.rated
        self.finishes += other.finishes
        self.tokens += other.tokens


def questions(count: int, *, seed: int) -> list[Question]:
    """Make up who asks what."""
    chance = random.Random(seed)  # noqa: S311 - chance need not be secret
    return [_question(chance) for _ in range(count)]


def ask(worker_url: str, asked: list[Question]) -> Today:
    """Put questions to the proxy, some at a time.

    Raises:
        ProgramError: an answer has no id, or a rating is refused.
    """
    # The chatbot asks for no key; and it is on this machine, to which no proxy of the user's leads.
    direct = openai.DefaultHttpxClient(trust_env=False)
    with (
        openai.OpenAI(base_url=f"{worker_url}/v1", api_key="none", max_retries=0, http_client=direct) as client,
        ThreadPoolExecutor(_CLIENTS) as clients,
    ):
        today = Today()
        for part in clients.map(lambda question: _ask(client, worker_url, question), asked):
            today.add(part)
        return today


def _question(chance: random.Random) -> Question:
    asking = visitor(chance)
    known = [topic for topic in topics() if asking.language in topic.wordings]
    topic = chance.choices(known, [topic.weight for topic in known])[0]
    return Question(
        asking=asking,
        topic=topic,
        text=chance.choice(topic.wordings[asking.language]),
        leaves=chance.random() < _LEAVES,
        is_cut_off=chance.random() < _IS_CUT_OFF,
        rates=not asking.is_bot and chance.random() < _RATES,
    )


def _ask(client: openai.OpenAI, worker_url: str, question: Question) -> Today:
    today = Today()
    more: dict[str, Any] = {"max_tokens": 8} if question.is_cut_off else {}
    reply = client.chat.completions.with_raw_response.create(
        model="shop-assistant",
        messages=[
            {"role": "system", "content": "You help the customers of a bicycle shop."},
            {"role": "user", "content": question.text},
        ],
        stream=True,
        stream_options={"include_usage": True},
        user=question.asking.session,
        extra_headers=question.asking.headers(),
        **more,
    )
    visible_id = reply.headers.get("edge-analytics-id", "")
    if not visible_id:
        raise ProgramError(f"the proxy's answer to {question.text!r} has no edge-analytics-id")
    today.exchanges.add(stored_id(visible_id))
    stream = reply.parse()
    for chunk in stream:
        for choice in chunk.choices:
            if choice.finish_reason:
                today.finishes[choice.finish_reason] += 1
        if chunk.usage:
            today.tokens += chunk.usage.total_tokens
        if question.leaves:
            today.finishes["left"] += 1
            stream.close()
            break
    if question.rates and not question.leaves:
        _rate(worker_url, visible_id, question)
        today.rated.add(stored_id(visible_id))
    return today


def _rate(worker_url: str, visible_id: str, question: Question) -> None:
    is_good = question.topic.answered > 0
    rating = {"id": visible_id, "rating": "up" if is_good else "down"}
    if not is_good:
        rating["comment"] = "That is no answer"
    response = urllib3.request(
        "POST", f"{worker_url}/edge-analytics/feedback", json=rating, headers=question.asking.headers(), retries=False
    )
    if response.status != _ACCEPTED:
        raise ProgramError(f"the Worker answered {response.status} to a rating: {response.data[:200]!r}")
