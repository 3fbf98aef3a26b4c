"""Finds the known question most like a visitor's: Okapi BM25, scaled to 0..1."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.
TERM_SATURATION = 1.2
LENGTH_NORMALISATION = 0.75
_SHORTEST_PLURAL = 3

# Words that shape a question rather than say what it is about ("tell me about ...").
_FUNCTION_WORDS = frozenset(
    [
        "a",
        "about",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "give",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "know",
        "let",
        "like",
        "make",
        "many",
        "me",
        "much",
        "my",
        "of",
        "on",
        "or",
        "our",
        "please",
        "shall",
        "should",
        "show",
        "so",
        "some",
        "tell",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "thing",
        "this",
        "those",
        "to",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
_FUNCTION_WORD_WEIGHT = 0.2

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
# Scripts written without spaces between words: their characters are taken in pairs.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Match:
    """`position` is the document's index; `score` is 0..1, 1 for a text with the same words."""

    position: int
    score: float


def terms(text: str) -> list[str]:
    """Split a text into words as they are compared: case, width, apostrophes and plural endings do not count."""
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if _UNSPACED.search(word):
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            found.append(_singular(word.replace("\u2019", "'").removesuffix("'s").replace("'", "")))
    return found


def _singular(word: str) -> str:
    """Remove a plural ending: the S-stemmer of Harman, "How Effective Is Suffixing?" (1991)."""
    if word.endswith("ies") and not word.endswith(("eies", "aies")) and len(word) > _SHORTEST_PLURAL + 1:
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")) and len(word) > _SHORTEST_PLURAL:
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and len(word) > _SHORTEST_PLURAL:
        return word[:-1]
    return word


class Index:
    """A fixed set of short texts that can be searched."""

    def __init__(self, texts: Sequence[str]) -> None:
        documents = [Counter(terms(text)) for text in texts]
        self._size = len(documents)
        self._average_length = sum(d.total() for d in documents) / max(1, self._size) or 1.0
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for position, document in enumerate(documents):
            for term, weight in self._weights(document).items():
                self._postings[term].append((position, weight))
        self._norms = [self._norm(document) for document in documents]

    def search(self, question: str) -> Match | None:
        """Return the best match, or None where no word is shared. Of equals, the first wins.

        BM25 has no upper bound, so a document's BM25 score for the question is divided by the geometric mean
        of what the question and the document score for themselves: 1 means the same words, and every word
        that only one of the two has lowers it.
        """
        query = Counter(terms(question))
        scores: dict[int, float] = defaultdict(float)
        for term, count in query.items():
            asked = count * self._rarity(term)
            for position, weight in self._postings.get(term, ()):
                scores[position] += asked * weight
        if not scores:
            return None
        best = max(scores, key=lambda position: (scores[position] / self._norms[position], -position))
        return Match(best, min(1.0, scores[best] / (self._norm(query) * self._norms[best])))

    def _weights(self, document: Counter[str]) -> dict[str, float]:
        length = 1 - LENGTH_NORMALISATION + LENGTH_NORMALISATION * document.total() / self._average_length
        return {t: n * (TERM_SATURATION + 1) / (n + TERM_SATURATION * length) for t, n in document.items()}

    def _rarity(self, term: str) -> float:
        """Return the inverse document frequency in the form that is never negative; less for function words."""
        frequency = len(self._postings.get(term, ()))
        rarity = math.log(1 + (self._size - frequency + 0.5) / (frequency + 0.5))
        return rarity * _FUNCTION_WORD_WEIGHT if term in _FUNCTION_WORDS else rarity

    def _norm(self, document: Counter[str]) -> float:
        """Return the square root of what a text scores for itself."""
        own = self._weights(document)
        return math.sqrt(sum(n * self._rarity(t) * own[t] for t, n in document.items()))
