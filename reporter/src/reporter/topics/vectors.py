"""Arithmetic on sentence vectors: the site's own mean taken off, and packing for the table."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.sizes import damping

if TYPE_CHECKING:
    from numpy.typing import NDArray

# As many questions as the neutral mean counts for: a site's first two dozen lean on it, the mean
# of a few hundred is its own.
_PRIOR: Final = 25
_STEPS: Final = 127

# Of 512 numbers whose squares sum to 1 hardly one is larger.
_LARGEST: Final = 0.25


def neutral_mean() -> NDArray[np.float32]:
    """Return the mean of customers' questions in fifteen languages that the encoder knows."""
    mean: NDArray[np.float32] = _means()[0]
    return mean


def foreign_mean() -> NDArray[np.float32]:
    """Return the mean of customers' questions in languages that the encoder does not know."""
    mean: NDArray[np.float32] = _means()[1]
    return mean


@cache
def _means() -> NDArray[np.float32]:
    # Made by tools/benchmarks/probes/grouping.py from the labelled questions its figures leave out.
    with as_file(files("reporter.topics") / "means.npy") as path:
        means: NDArray[np.float32] = np.load(path, allow_pickle=False).astype(np.float32)
    return means


@cache
def _wording_directions() -> NDArray[np.float32]:
    # Made there, too.
    with as_file(files("reporter.topics") / "directions.npy") as path:
        directions: NDArray[np.float32] = np.load(path, allow_pickle=False).astype(np.float32)
    return directions


def damped(vectors: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Return the rows with less of the directions in which wordings of one meaning differ, languages among them.

    Each is damped by how much wordings differ in it (within-class covariance normalization; Hatch et
    al., Interspeech 2006).

    Args:
        vectors: around a mean, a row each.
        share: how far, 0 to 1.

    """
    if not share:
        return vectors
    directions = _wording_directions()
    along = (vectors @ directions.T) @ directions
    return (vectors - share * along).astype(np.float32, copy=False)


def around(vectors: NDArray[np.float32], mean: NDArray[np.float32], questions: int) -> NDArray[np.float32]:
    """Return the rows as they are compared with each other: around a site's mean, damped, at length 1.

    Args:
        vectors: a row each, as the encoder or a topic's centre gives them.
        mean: the site's.
        questions: how many there are on the site; the fewer, the further the rows are damped.

    """
    return normalised(damped(vectors - mean, damping(questions)))


def site_mean(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of a site's vectors, drawn towards the neutral mean where they are few.

    What all questions of a site share (its trade, its language, the tone of a question) says
    nothing about what one of them means.
    """
    mean: NDArray[np.float32] = (vectors.sum(axis=0) + _PRIOR * neutral_mean()) / (len(vectors) + _PRIOR)
    return mean


def own_share(questions: int) -> float:
    """Return how much of a site's mean is that of its own questions, 0 to 1."""
    return questions / (questions + _PRIOR)


def normalised(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows at length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32, copy=False)
    return unit


def packed(vector: NDArray[np.float32]) -> bytes:
    """Return a mean of unit vectors in one byte a dimension, to the nearest 0.002."""
    steps = np.rint(np.clip(vector, -_LARGEST, _LARGEST) / _LARGEST * _STEPS)
    return bytes(steps.astype(np.int8).tobytes())


def unpacked(data: bytes) -> NDArray[np.float32]:
    """Return the vector that `packed` kept."""
    vector: NDArray[np.float32] = np.frombuffer(data, np.int8).astype(np.float32) * (_LARGEST / _STEPS)
    return vector
