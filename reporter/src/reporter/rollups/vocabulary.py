"""The words that grouping knows: fillers by language, weak words, and words that mean the same.

Kept as text in words/, in lower case and without accents, so that a language is added by a file
named as Snowball names its stemmer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from reporter.rollups.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WEAK = "weak.txt"
_QUESTION_WORDS = "question_words.txt"
_SYNONYMS = "synonyms.json"
_LOOKALIKES = "lookalikes.txt"
_PHRASES = "phrases.txt"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What `wording` looks up.

    Attributes:
        stop_words: by language, words that say nothing about the subject. Negations, and when,
            where, who and why are not among them: they make another question.
        weak_words: words that add nothing to a question that has two others; where they are
            nearly all there is, they are the subject.
        question_words: stems of when, where, who and why: what is asked about a subject.
        synonyms: spellings and words that ask for the same thing, and what replaces them.
        lookalikes: sets of words that differ by a letter or two and are no typos of each other.
        phrases: fillers of scripts that are written without spaces.
        languages_of: for each stop word the languages that it is one of.

    """

    stop_words: Mapping[str, frozenset[str]]
    weak_words: frozenset[str]
    question_words: frozenset[str]
    synonyms: Mapping[str, str]
    lookalikes: Sequence[Sequence[str]]
    phrases: frozenset[str]
    languages_of: Mapping[str, Sequence[str]]


@cache
def vocabulary() -> Vocabulary:
    """Read the words once."""
    folder = files("reporter.rollups") / "words"
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()}
    stop_words = {
        name.removesuffix(".txt"): frozenset(plain(text).split())
        for name, text in sorted(texts.items())
        if name.endswith(".txt") and name not in {_WEAK, _QUESTION_WORDS, _LOOKALIKES, _PHRASES}
    }
    languages_of: dict[str, list[str]] = {}
    for language, words in stop_words.items():
        for word in words:
            languages_of.setdefault(word, []).append(language)
    return Vocabulary(
        stop_words=stop_words,
        languages_of=languages_of,
        weak_words=frozenset(texts[_WEAK].split()),
        question_words=frozenset(texts[_QUESTION_WORDS].split()),
        synonyms=json.loads(texts[_SYNONYMS]),
        lookalikes=[line.split() for line in texts[_LOOKALIKES].splitlines()],
        phrases=frozenset(plain(texts[_PHRASES]).split()),
    )
