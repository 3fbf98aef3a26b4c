"""Answers questions from a file of known ones."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_worker.event import Exchange, Outcome
from edge_worker.retrieval import Index

# Chosen on real conversations: docs in the README, "How good a match must be".
ANSWERED_FROM = 0.7
PARTIAL_FROM = 0.4
NO_ANSWER = "I do not know that yet. Your question has been noted."


class KnowledgeError(ValueError):
    """The knowledge file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known question. `source` names where the answer comes from and may repeat."""

    id: str
    question: str
    answer: str
    source: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the visitor is told; `text` is worth recording unless the outcome is unanswered."""

    text: str
    outcome: Outcome
    score: float
    sources: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what the visitor gets, but for the id."""
        score, sources = round(self.score, 4), list(self.sources)
        return {"answer": self.text, "outcome": self.outcome, "score": score, "sources": sources}

    def complete(self, exchange: Exchange) -> None:
        """Add the answer to the record of its exchange."""
        exchange.outcome, exchange.score, exchange.sources = self.outcome, self.score, self.sources
        exchange.answer = self.text if self.sources else None


class Knowledge:
    """Known questions with their answers."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._index = Index([entry.question for entry in entries])

    @classmethod
    def load(cls, path: Path) -> "Knowledge":
        """Read `{"entries": [{"id", "question", "answer", "source"}]}`. Raises KnowledgeError."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            entries = [Entry(e["id"], e["question"], e["answer"], e["source"]) for e in document["entries"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KnowledgeError(f"{path.name} is not a knowledge file: {error!r}") from error
        if not all(isinstance(value, str) for e in entries for value in (e.id, e.question, e.answer, e.source)):
            raise KnowledgeError(f"{path.name} is not a knowledge file: every property of an entry is a text")
        return cls(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def answer(self, question: str) -> Answer:
        """Return the answer of the most similar known question, or a polite no."""
        match = self._index.search(question)
        if match is None or match.score < PARTIAL_FROM:
            return Answer(NO_ANSWER, "unanswered", match.score if match else 0.0)
        entry = self._entries[match.position]
        outcome: Outcome = "answered" if match.score >= ANSWERED_FROM else "partial"
        return Answer(entry.answer, outcome, match.score, (entry.source,))
