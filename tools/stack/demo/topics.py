"""What the demo's visitors ask: topics in several wordings, and real questions in one."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from stack.sample_traffic.corpus import conversations

LANGUAGES = ("en", "de", "fr", "es", "it", "pt")
_FILE = Path(__file__).with_name("topics.toml")
_REAL_CATEGORIES = ("ai", "computers", "food", "history", "money", "tech_support")
_LONGEST_REAL_QUESTION = 90
_REAL_QUESTIONS = 60
_REAL_WEIGHT = 0.12

Fate = Literal["", "fixed", "back"]


@dataclass(frozen=True)
class Topic:
    """What is asked in several wordings, and how the chatbot does on it. Shares are 0 to 1."""

    name: str
    weight: float
    wordings: dict[str, tuple[str, ...]]
    """By language."""
    answer: str
    source: str
    answered: float
    answered_later: float
    """The share of good answers once the owner has called it fixed."""
    fate: Fate = ""
    outcome: str = "unanswered"
    """What becomes of a question that gets no good answer."""
    comments: tuple[str, ...] = ()


@cache
def topics() -> tuple[Topic, ...]:
    """Return the topics of the file, and the real questions of chatterbot-corpus as topics of one wording."""
    with _FILE.open("rb") as file:
        written = tuple(_topic(entry) for entry in tomllib.load(file)["topics"])
    return written + _real_questions()


@cache
def topic_of(question: str) -> Topic | None:
    """Return the topic of a question; None for one that nobody has written down."""
    return next((topic for topic in topics() if any(question in each for each in topic.wordings.values())), None)


def _topic(entry: dict[str, Any]) -> Topic:
    return Topic(
        name=entry["name"],
        weight=entry["weight"],
        wordings={language: tuple(entry[language]) for language in LANGUAGES if language in entry},
        answer=entry["answer"],
        source=entry["source"],
        answered=entry["answered"],
        answered_later=entry.get("answered_later", entry["answered"]),
        fate=entry.get("fate", ""),
        outcome=entry.get("outcome", "unanswered"),
        comments=tuple(entry.get("comments", ())),
    )


def _real_questions() -> tuple[Topic, ...]:
    """Return what people really asked: off the shop's topic, so the chatbot knows a part of it."""
    found = list(
        {
            conversation.question: conversation
            for conversation in conversations()
            if conversation.language == "en"
            and conversation.category in _REAL_CATEGORIES
            and len(conversation.question) <= _LONGEST_REAL_QUESTION
            and not conversation.question.isupper()
        }.values()
    )
    return tuple(
        Topic(
            name=f"{conversation.category}-{number}",
            weight=_REAL_WEIGHT,
            wordings={"en": (conversation.question,)},
            answer=conversation.answers[0],
            source=f"small-talk/{conversation.category}",
            answered=0.8,
            answered_later=0.8,
        )
        for number, conversation in enumerate(found[:: max(1, len(found) // _REAL_QUESTIONS)])
    )
