"""Real conversations, from the PyPI package chatterbot-corpus: what the demo knows and what it is asked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml

KNOWN_CATEGORIES = ("ai", "coding", "computers", "science", "tech_support")
"""What the demo's chatbot knows. It is asked about everything else as well."""

_LANGUAGE_TAGS = {
    "english": "en",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}
_LONGEST_QUESTION = 2000


@dataclass(frozen=True)
class Conversation:
    """What somebody said, and what was said to that."""

    language: str
    category: str
    question: str
    answers: tuple[str, ...]


@cache
def conversations() -> tuple[Conversation, ...]:
    """Return the conversations of the languages the demo's visitors speak, in a fixed order."""
    root = files("chatterbot_corpus") / "data"
    return tuple(
        conversation
        for folder, tag in _LANGUAGE_TAGS.items()
        for file in sorted((root / folder).iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".yml")
        for conversation in _read(file, tag)
    )


@cache
def good_answers() -> dict[str, frozenset[str]]:
    """Return what people answered to each question, in any language: the yardstick for the chatbot's answers."""
    found: dict[str, set[str]] = {}
    for conversation in conversations():
        found.setdefault(conversation.question, set()).update(conversation.answers)
    return {question: frozenset(answers) for question, answers in found.items()}


def _read(file: Traversable, language: str) -> Iterator[Conversation]:
    category = file.name.removesuffix(".yml")
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - the loader is a safe one
    for utterances in document["conversations"]:
        # YAML takes an unquoted number, yes or no for something else than text.
        texts = [str(utterance).strip() for utterance in utterances]
        question, answers = texts[0], tuple(text for text in texts[1:] if text)
        if answers and 0 < len(question) <= _LONGEST_QUESTION:
            yield Conversation(language, category, question, answers)


def write_knowledge(path: Path) -> int:
    """Write the Worker's knowledge file: the English conversations of the known categories.

    Returns:
        How many entries it has.
    """
    entries = [
        {
            "id": f"{conversation.category}-{number}",
            "question": conversation.question,
            "answer": conversation.answers[0],
            "source": f"{conversation.category}/{number}",
        }
        for number, conversation in enumerate(conversations(), start=1)
        if conversation.language == "en" and conversation.category in KNOWN_CATEGORIES
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"entries": entries}, ensure_ascii=False, indent=1), encoding="utf-8")
    return len(entries)
