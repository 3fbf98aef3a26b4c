"""What a question is about, whatever its word order, endings, filler words and small typos.

Pure and deterministic: no model, no service, the same answer everywhere.
"""

from __future__ import annotations

import re
import zlib
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from jellyfish import damerau_levenshtein_distance

from reporter.rollups.languages import DEFAULT_LANGUAGE, language_of, stem
from reporter.rollups.plain_text import marks, plain
from reporter.rollups.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# What of a question is read, and how many of its words count: bounds on the time that one takes.
_LONGEST_QUESTION: Final = 300
_MOST_STEMS: Final = 12
_MOST_TYPOS: Final = 6
_LONGEST_WORD: Final = 40
_LONGEST_KEY: Final = 200

# Scripts written without spaces: Thai, Lao, Burmese, Khmer, kana and Han. A run of them is cut into
# pairs of letters, each with its marks, so that order counts and no word has to be known.
_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_ASCII_WORD: Final = re.compile(r"[a-z0-9]+[+#]*")
_CONTRACTED: Final = re.compile(r"\b(\w+?)n't\b")
_LONG_FORMS: Final = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}
_ENDING: Final = re.compile(r"'(?:s|re|ve|ll|d|m)\b")

# Two words that differ by one of these in front are two words, not a word and its typo: in English and
# the Romance languages; German and Dutch; Polish; Russian and its neighbours.
_PREFIX: Final = re.compile(
    r"^(?:un|up|down|in|im|ex|em|dis|des|de|re|pre|pro|per|non|out|over|under|sub|on|off|con|com"
    r"|ab|an|auf|aus|be|ein|ent|er|ver|vor|zer|zu|aan|af|op|uit|ont|om|wy|w|za|na|od|ob|po|prze|przy|pod|roz"
    r"|при|пре|про|пере|под|по|на|за|от|об|вы|в|у|с|раз|рас|до|из|ис)"
)

# "My name" is another question than "your name", but "my password" is any password.
_WHOSE: Final = frozenset({"my", "mine"})

# "From Oslo to Rome" is another question than "from Rome to Oslo": where both words of a pair occur, what
# follows the first counts as the place of departure.
_FROM_TO: Final = (("from", "to"), ("von", "nach"), ("van", "naar"), ("da", "a"), ("z", "do"), ("из", "в"))

_LONGEST_ENDING: Final = 2
_ONE_TYPO_FROM: Final = 5

# Latin, Greek and Cyrillic. In other scripts a word has fewer letters, and most neighbours are words.
_LAST_OF_ALPHABETS: Final = "\u052f"
_ANY_TYPO_FROM: Final = 6
_TWO_TYPOS_FROM: Final = 9


@cache
def rules() -> str:
    """Return what stands for the rules that `subject` follows; with another word list or other code it is another."""
    folder = files("reporter.rollups")
    parts = [folder / name for name in ("languages.py", "plain_text.py", "vocabulary.py", "wording.py")]
    parts += sorted((folder / "words").iterdir(), key=lambda part: part.name)
    content = b"".join(part.read_bytes() for part in parts if part.is_file())
    return f"{zlib.crc32(content + version('snowballstemmer').encode()):08x}"


def subject(question: str) -> tuple[str, ...]:
    """Return the stems a question is about, sorted and each once; never empty, and none is empty.

    Questions with the same stems are the same question. A very long one is read to a bound.
    """
    return _subject(question.strip()[:_LONGEST_QUESTION])


@lru_cache(maxsize=4096)
def _subject(question: str) -> tuple[str, ...]:
    known = vocabulary()
    text = _CONTRACTED.sub(
        lambda match: f"{_LONG_FORMS.get(match[1], match[1])} not", plain(question)[:_LONGEST_QUESTION]
    )
    text = " ".join(_words(_ENDING.sub("", text)))
    words = _synonyms().sub(lambda match: known.synonyms[match[0]], text).split()
    language = language_of(words, question)
    stop_words = known.stop_words[language]
    content = [word for word in words if word not in stop_words]
    strong = [word for word in content if word not in known.weak_words]
    if len(strong) > 1:
        content = strong
    if len(content) == 1:
        content += [word for word in words if word in _WHOSE]
    if "not" in content:
        content = [word for word in content if word != "why"]
    content += _departures(words, stop_words)
    different = list(dict.fromkeys(word[:_LONGEST_WORD] for word in content or words))[:_MOST_STEMS]
    stems = sorted({stem(word, language) for word in different})
    return tuple(stems) or (plain(question).strip()[:_LONGEST_WORD] or "?",)


def _departures(words: Sequence[str], stop_words: frozenset[str]) -> Iterator[str]:
    for origin, destination in _FROM_TO:
        if origin in words and destination in words:
            place = next((word for word in words[words.index(origin) + 1 :] if word not in stop_words), None)
            if place:
                yield origin + place


def _words(text: str) -> Iterator[str]:
    """Yield the words of a plain text: letters and digits, with what makes C++ and C# other languages than C."""
    if text.isascii():
        yield from _ASCII_WORD.findall(text)
        return
    for match in _word_pattern().finditer(text):
        if match["run"] is None:
            yield match[0]
            continue
        for part in _phrases().sub(" ", match[0]).split() or [match[0]]:
            letters = _letter_pattern().findall(part)
            yield from map("".join, pairwise(letters)) if len(letters) > 1 else letters


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<run>[{_UNSPACED}][{_UNSPACED}{marks()}]*)|[^\W_{_UNSPACED}][^\W_{_UNSPACED}{marks()}]*"
        rf"(?:[{marks()}]+[^\W_{_UNSPACED}]*)*[+#]*"
    )


@cache
def _letter_pattern() -> re.Pattern[str]:
    return re.compile(rf"[^\W_{marks()}][{marks()}]*")


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(vocabulary().phrases, key=len, reverse=True))))


def key(stems: Sequence[str]) -> str:
    """Return the stems as one text that names the group."""
    return " ".join(stems)[:_LONGEST_KEY]


def same(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two subjects are one, but for a typo in one or more words."""
    ours, theirs = set(first), set(second)
    left, right = sorted(ours - theirs), sorted(theirs - ours)
    if len(left) != len(right) or len(left) > _MOST_TYPOS:
        return False
    return all(_take_typo(word, right) for word in left)


def similarity(first: Sequence[str], second: Sequence[str]) -> float:
    """Return the share of words that two subjects have in common, 0 to 1 (Jaccard index)."""
    common = shared(first, second)
    return common / (len(first) + len(second) - common)


def shared(first: Iterable[str], second: Iterable[str]) -> int:
    """Count the words of one subject that the other has too, the first few of the rest perhaps mistyped."""
    ours, theirs = set(first), set(second)
    exact = ours & theirs
    left, right = sorted(ours - exact)[:_MOST_TYPOS], sorted(theirs - exact)[:_MOST_TYPOS]
    letters = {word[0] for word in right}  # a typo never touches a first letter
    return len(exact) + sum(_take_typo(word, right) for word in left if word[0] in letters)


def _take_typo(word: str, others: list[str]) -> bool:
    """Remove the first that may be the word mistyped; return whether one was."""
    for place, other in enumerate(others):
        if is_typo(word, other):
            del others[place]
            return True
    return False


def is_typo(first: str, second: str) -> bool:
    """Whether one word may be the other mistyped, or with an ending that the stemmer has left.

    Up to eight letters one slip (a letter missing, doubled, swapped with its neighbour, or from
    six letters on another one), from nine on two. Shorter words, numbers, and words with another
    first letter are never taken for each other: there, most neighbours are words of their own.
    """
    if first[0] != second[0]:
        return False
    shortest = min(len(first), len(second))
    if shortest < _ONE_TYPO_FROM or not (first + second).isalpha() or max(first + second) > _LAST_OF_ALPHABETS:
        return False
    if _are_lookalikes(first, second):
        return False
    if _is_ending(first, second):
        return True
    return not _is_prefixed(first, second) and _is_slip(first, second, shortest)


def _are_lookalikes(first: str, second: str) -> bool:
    words = _lookalikes()
    return not words.get(first, frozenset()).isdisjoint(words.get(second, frozenset()))


@cache
def _lookalikes() -> dict[str, frozenset[int]]:
    """Return the stems of words that are one letter from another word, with the numbers of their sets."""
    sets: dict[str, set[int]] = {}
    for number, words in enumerate(vocabulary().lookalikes):
        for word in words:
            sets.setdefault(stem(word, DEFAULT_LANGUAGE), set()).add(number)
            sets.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in sets.items()}


def _is_ending(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    return long.startswith(short) and len(long) - len(short) <= _LONGEST_ENDING


def _is_prefixed(first: str, second: str) -> bool:
    bare_first, bare_second = _PREFIX.sub("", first), _PREFIX.sub("", second)
    return bare_first in {second, bare_second} or bare_second == first


def _is_slip(first: str, second: str, shortest: int) -> bool:
    allowed = 2 if shortest >= _TWO_TYPOS_FROM else 1
    if abs(len(first) - len(second)) > allowed:
        return False
    if damerau_levenshtein_distance(first, second) > allowed:
        return False
    is_swap_or_missing = len(first) != len(second) or sorted(first) == sorted(second)
    return shortest >= _ANY_TYPO_FROM or is_swap_or_missing


@cache
def _synonyms() -> re.Pattern[str]:
    longest_first = sorted(vocabulary().synonyms, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")
