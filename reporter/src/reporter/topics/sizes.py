"""How like two groups must be to be one topic, by how many questions there are.

Among two dozen questions a likeness of 0.34 is telling; among thousands there are so many pairs
that as much arises by chance. Chosen on the half of tools/benchmarks' labelled questions that its
figures leave out, and at the far end on thousands of customers' questions.
"""

from __future__ import annotations

import math
from typing import Final

_FEW: Final = 24
_MANY: Final = 1_000
_LIKE_AMONG_FEW: Final = 0.34
_LIKE_AMONG_MANY: Final = 0.598
_HUB_WEIGHT_AMONG_FEW: Final = 0.5

# Of words, not meaning: most pairs have nothing in common, so little is telling.
_SHARED_AMONG_FEW: Final = 0.18
_SHARED_AMONG_MANY: Final = 0.35


def least_likeness(questions: int, *, by_meaning: bool) -> float:
    """Return the mean cosine between two groups from which they are one topic."""
    if by_meaning:
        return _between(_LIKE_AMONG_FEW, _LIKE_AMONG_MANY, questions)
    return _between(_SHARED_AMONG_FEW, _SHARED_AMONG_MANY, questions)


def hub_weight(questions: int) -> float:
    """Return how much of its nearest neighbours' likeness is taken off a question's own, 0 to 0.5."""
    return _between(_HUB_WEIGHT_AMONG_FEW, 0.0, questions)


def _between(few: float, many: float, questions: int) -> float:
    share = math.log(max(questions, _FEW) / _FEW) / math.log(_MANY / _FEW)
    return few + (many - few) * min(share, 1.0)
