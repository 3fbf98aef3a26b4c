"""Which questions the sentence encoder understands: it knows sixteen languages and guesses at the rest.

Text in another language lands in one corner of its space, near everything of its kind whatever it
means. It is told by its script, by letters that none of the sixteen languages has, and by lying
nearer to that corner than to the middle of customers' questions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.vectors import foreign_mean, neutral_mean, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SCRIPTS: Final = {
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "arabic": re.compile(r"[\u0600-\u06ff]"),
    "thai": re.compile(r"[\u0e00-\u0e7f]"),
    "unspaced": re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"),
}

# Letters of Czech and Slovak, the Nordic and Baltic languages, Hungarian, Romanian, Croatian,
# Icelandic and Vietnamese; of Ukrainian, Belarusian, Serbian and Macedonian; of Persian and Urdu.
_FOREIGN_LETTERS: Final = {
    "latin": re.compile("[ěřůťďňľĺŕåæøőűșțăāēīūģķļņėųįčžđðþơư\u1ea0-\u1ef9]", re.IGNORECASE),
    "cyrillic": re.compile("[іїєґўјљњћђџѕ]", re.IGNORECASE),
    "arabic": re.compile("[پچژگکیےٹڈڑںہھ]"),
}

# Cosine with the corner less cosine with the middle: hardly a question in the sixteen languages
# reaches 0; Swedish, Greek, Hebrew, Hindi and Vietnamese lie around 0.3, Czech around 0.
_SURELY_FOREIGN_FROM: Final = 0.12
_DOUBTFUL_FROM: Final = -0.2
_SHARE_OF_A_LANGUAGE: Final = 0.35


def understood(texts: Sequence[str], vectors: NDArray[np.float32]) -> list[bool]:
    """Return for each text, with its vector, whether the encoder knows its language.

    A short question may hold none of its language's own letters, so where a good part of a site's
    questions in one script are foreign, the doubtful ones in that script are taken to be so too.
    """
    if not texts:
        return []
    directions = normalised(np.stack([foreign_mean(), neutral_mean()]))
    nearness = vectors @ directions.T
    leaning = nearness[:, 0] - nearness[:, 1]
    by_script: dict[str, list[int]] = defaultdict(list)
    foreign: list[bool] = []
    for number, text in enumerate(texts):
        script = script_of(text)
        by_script[script].append(number)
        foreign.append(_has_foreign_letters(text, script) or bool(leaning[number] >= _SURELY_FOREIGN_FROM))
    for numbers in by_script.values():
        if sum(foreign[number] for number in numbers) >= _SHARE_OF_A_LANGUAGE * len(numbers):
            for number in numbers:
                foreign[number] |= bool(leaning[number] >= _DOUBTFUL_FROM)
    return [not each for each in foreign]


def script_of(text: str) -> str:
    """Return the script most of the text's letters are of; `other` for one the encoder does not know."""
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    best = max(counts, key=lambda name: counts[name])
    others = sum(char.isalpha() for char in text) - sum(counts.values())
    return "other" if others > counts[best] else best


def _has_foreign_letters(text: str, script: str) -> bool:
    return script == "other" or (script in _FOREIGN_LETTERS and bool(_FOREIGN_LETTERS[script].search(text)))
