"""How like two groups must be to be one topic, by how many questions there are.

Among two dozen questions a likeness of a quarter is telling; among thousands there are so many pairs
that as much arises by chance. Chosen on the half of tools/benchmarks' labelled questions that its
figures leave out, and at the far end on thousands of customers' questions.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

_FEW: Final = 24
_MANY: Final = 1_000

# Two questions, where the members of a group are not at hand: topics that live.
_LIKE_AMONG_FEW: Final = 0.34
_LIKE_AMONG_MANY: Final = 0.598

# How much of its nearest neighbours' likeness is taken off a question's own, and how many they are.
HUB_WEIGHT: Final = 0.5
_NEIGHBOURS_AMONG_FEW: Final = 3
_NEIGHBOURS_AMONG_MANY: Final = 10

# How much shared words weigh beside meaning where many questions are compared with each other (among
# few they mislead), and the likeness that is telling, by the number of questions: between two of them
# it lies between theirs.
_WORDS_SHARE_AMONG_MANY: Final = 0.1
_LEAST_MIXED: Final = ((24, 0.24), (100, 0.36), (300, 0.60), (700, 0.605), (1_500, 0.57), (3_000, 0.55))
_LESS_LIKE_IN_PAIRS_AMONG_MANY: Final = 0.1

# How much common neighbours weigh in that likeness: nothing up to the first number of questions,
# the share from the second on. They lessen all likenesses, so less is telling. One in so many is a neighbour.
_NEIGHBOURS_TELL_FROM: Final = 200
_NEIGHBOURS_TELL_FULLY_FROM: Final = 700
_NEIGHBOURS_SHARE: Final = 0.3
_LESS_LIKE_BY_NEIGHBOURS: Final = 0.23
_ONE_NEIGHBOUR_IN: Final = 120
_MOST_NEIGHBOURS: Final = 40

# Of words, not meaning: most pairs have nothing in common, so little is telling.
_SHARED_AMONG_FEW: Final = 0.18
_SHARED_AMONG_MANY: Final = 0.35


def least_likeness(questions: int, *, by_meaning: bool) -> float:
    """Return the mean cosine between a question and a topic that lives from which it joins; or of words alone."""
    if by_meaning:
        return _between(_LIKE_AMONG_FEW, _LIKE_AMONG_MANY, questions)
    return _between(_SHARED_AMONG_FEW, _SHARED_AMONG_MANY, questions)


def least_mixed(questions: int, neighbours_share: float) -> float:
    """Return the mean likeness, by meaning, words and neighbours, from which two groups are one topic."""
    sizes, least = zip(*_LEAST_MIXED, strict=True)
    mixed = float(np.interp(math.log(max(questions, 1)), np.log(sizes), least))
    return mixed - _LESS_LIKE_BY_NEIGHBOURS * neighbours_share


def less_like_in_pairs(questions: int) -> float:
    """Return how much less like two questions may be that would both be alone, to be a topic of two.

    Hardly a pair of questions hangs on it, as nothing else joins them.
    """
    return _between(0.0, _LESS_LIKE_IN_PAIRS_AMONG_MANY, questions)


def damping(questions: int) -> float:
    """Return how far the directions are damped in which wordings of one meaning differ, 0 to 1."""
    return _between(1.0, 0.0, questions)


def neighbours_share(compared: int, most: float = _NEIGHBOURS_SHARE) -> float:
    """Return how much of two questions' likeness is that of their neighbourhoods, 0 to `most`."""
    share = math.log(max(compared, 1) / _NEIGHBOURS_TELL_FROM) / math.log(
        _NEIGHBOURS_TELL_FULLY_FROM / _NEIGHBOURS_TELL_FROM
    )
    return most * min(max(share, 0.0), 1.0)


def neighbourhood(compared: int) -> int:
    """Return how many of the nearest are a question's neighbours."""
    return min(round(compared / _ONE_NEIGHBOUR_IN), _MOST_NEIGHBOURS)


def words_share(questions: int) -> float:
    """Return how much of two questions' likeness is that of their words, 0 to 1."""
    return _between(0.0, _WORDS_SHARE_AMONG_MANY, questions)


def neighbours(questions: int) -> int:
    """Return of how many of the nearest the likeness is taken off (`HUB_WEIGHT`)."""
    return round(_between(_NEIGHBOURS_AMONG_FEW, _NEIGHBOURS_AMONG_MANY, questions))


def _between(few: float, many: float, questions: int) -> float:
    share = math.log(max(questions, _FEW) / _FEW) / math.log(_MANY / _FEW)
    return few + (many - few) * min(share, 1.0)
