"""What is sent, and what must come of it: seeded, so that a failure can be looked at again.

The expectation is worked out here from the contract's words (the latest exchange and the latest rating of an id are
kept), not by the processor's code.
"""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from stack.worker import SITE
from tests.pipeline.events import exchange, feedback, raw_entry

Event: TypeAlias = dict[str, Any]

DUPLICATES = 0.10
MALFORMED = 0.01
_FEEDBACK = 0.25
_SECOND_RATING = 0.05
_CONFLICTING = 0.03
_LARGEST_MESSAGE = 3
_SITES = (SITE, "other.example.com")
_USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
)


@dataclass
class Expected:
    """What one item of the table must say in the end."""

    origins: set[str] = field(default_factory=set)
    asked_at: int = -1
    question: str | None = None
    rated_at: int = -1
    rating: str | None = None

    def take(self, event: Event) -> None:
        """Bring in an event, in any order."""
        origin = event["origin"]
        self.origins.add(f"{origin['isolate']}/{origin['sequence']}")
        if event["type"] == "exchange" and event["asked_at"] > self.asked_at:
            self.asked_at, self.question = event["asked_at"], event["question"]
        if event["type"] == "feedback" and event["sent_at"] > self.rated_at:
            self.rated_at, self.rating = event["sent_at"], event["rating"]


@dataclass
class Traffic:
    """Everything that is sent, and what must come of it."""

    events: int
    entries: list[dict[str, Any]]
    """Of `SendMessageBatch`, in the order in which they are sent."""
    items: dict[tuple[str, str], Expected]
    """By site and id."""
    malformed: set[str]
    """The texts of the messages that must end in the dead-letter queue."""


def traffic(count: int, seed: int) -> Traffic:
    """Return `count` events in shuffled messages, a tenth of the messages twice, a hundredth as many malformed ones."""
    chance = random.Random(seed)
    events = list(_events(count, chance))
    items: dict[tuple[str, str], Expected] = {}
    for event in events:
        items.setdefault((event["site"], event["id"]), Expected()).take(event)
    chance.shuffle(events)
    messages: list[tuple[str, str]] = []
    while events:
        packed = [events.pop() for _ in range(min(len(events), chance.randint(1, _LARGEST_MESSAGE)))]
        messages.append((json.dumps({"version": 1, "events": packed}), packed[0]["id"]))
    malformed = [
        (_malform(chance, number), f"malformed-{number}") for number in range(round(len(messages) * MALFORMED))
    ]
    messages += chance.sample(messages, round(len(messages) * DUPLICATES)) + malformed
    chance.shuffle(messages)
    entries = [
        raw_entry(body, group, deduplication_id=f"{seed}-{number}-{time.time_ns()}")
        for number, (body, group) in enumerate(messages)
    ]
    return Traffic(count, entries, items, {body for body, _ in malformed})


def _events(count: int, chance: random.Random) -> Iterator[Event]:
    made = 0
    now = round(time.time() * 1000)

    def origin() -> dict[str, Any]:
        return {"isolate": f"chaos{made % 7}", "sequence": made + 1}

    while made < count:
        asked_at = now - chance.randrange(28 * 86_400_000)
        tail = f"{chance.getrandbits(72):018x}"
        identifier = f"{asked_at:012x}"
        identifier = f"{identifier[:8]}-{identifier[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[6:]}"
        site = chance.choice(_SITES)
        kinds = ["exchange"]
        kinds += ["again"] if chance.random() < _CONFLICTING else []
        kinds += ["feedback"] if chance.random() < _FEEDBACK else []
        kinds += ["feedback"] if kinds[-1] == "feedback" and chance.random() < _SECOND_RATING else []
        for step, kind in enumerate(kinds[: count - made]):
            if kind == "feedback":
                rating = chance.choice(["up", "down"])
                yield feedback(
                    identifier, site=site, rating=rating, sent_at=asked_at + 1000 * (step + 1), origin=origin()
                )
            else:
                yield exchange(
                    identifier,
                    site=site,
                    asked_at=asked_at + step,
                    question=f"Question {made}?",
                    user_agent=chance.choice(_USER_AGENTS),
                    origin=origin(),
                )
            made += 1


def _malform(chance: random.Random, number: int) -> str:
    identifier = f"019aa6c5-1c00-7abc-8def-{number:012x}"
    event = exchange(identifier)
    return chance.choice(
        [
            f'{{"version": 1, "events": [ {number}',
            json.dumps({"version": 2, "events": [event]}),
            json.dumps({"version": 1, "events": [event, exchange(identifier, outcome="other")]}),
            json.dumps({"version": 1, "events": [exchange(identifier, score=number + 2)]}),
            f'{{"version": 1, "events": [], "number": {number}}}',
            f'{{"version": 1, "number": NaN, "n": {number}}}',
            json.dumps({"version": 1, "events": [feedback(identifier, rating=number)]}),
        ]
    )
