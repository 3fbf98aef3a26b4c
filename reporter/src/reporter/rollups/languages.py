"""The language of a question, told by its fillers, letters and script, and the stems of its words."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import snowballstemmer

from reporter.rollups.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_LANGUAGE: Final = "english"

# Letters that give a language away in questions too short to have fillers.
_TELLTALE: Final = {"german": "äöüß", "spanish": "ñ¿¡", "portuguese": "ãõ", "french": "çœêà"}

# Languages that stand for a script where no stop word tells.
_SCRIPTS: Final = {
    "greek": ("\u0370", "\u03ff"),
    "russian": ("\u0400", "\u052f"),
    "arabic": ("\u0600", "\u06ff"),
    "hindi": ("\u0900", "\u097f"),
}


def language_of(words: Sequence[str], question: str) -> str:
    """Return the language most of whose stop words occur; English where none leads."""
    scores: dict[str, int] = {}
    for word in set(words):
        for name in vocabulary().languages_of.get(word, ()):
            scores[name] = scores.get(name, 0) + 1
    if not question.isascii():
        letters = set(question.casefold())
        for name, telling in _TELLTALE.items():
            scores[name] = scores.get(name, 0) + len(letters.intersection(telling))
    best = max(sorted(scores), key=lambda name: (scores[name], name == DEFAULT_LANGUAGE), default="")
    return best if scores.get(best) else _language_of_script(question)


def _language_of_script(question: str) -> str:
    first = next((char for char in question if char.isalpha()), "")
    return next((name for name, (low, high) in _SCRIPTS.items() if low <= first <= high), DEFAULT_LANGUAGE)


def stem(word: str, language: str) -> str:
    """Return a word's stem; the word itself where the stemmer leaves nothing of it."""
    # A number has no endings, and most numbers occur once: the cache is for words.
    return word if word.isdecimal() and word.isascii() else _stem(word, language)


@lru_cache(maxsize=32768)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word)) or word


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(language)
