"""Average linkage by the nearest-neighbour chain (Murtagh, 1983): exact, n² time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_APART: Final = np.float32(-9.0)


# Rows whose neighbours are sought at once, so that they are not all copied.
_BLOCK: Final = 500


def likenesses(vectors: NDArray[np.float32], hub_weight: float, neighbours: int) -> NDArray[np.float32]:
    """Return the cosine of each pair of unit rows, lessened for rows that are near to everything.

    Some questions ("how does it work") are near to all others and would tie them together; what
    their nearest neighbours have in common with them says so (CSLS; Conneau et al., ICLR 2018).
    """
    cosines: NDArray[np.float32] = vectors @ vectors.T
    count = len(vectors)
    if count <= neighbours:
        return cosines
    np.fill_diagonal(cosines, _APART)
    off = np.empty(count, np.float32)
    for start in range(0, count, _BLOCK):
        nearest = np.partition(cosines[start : start + _BLOCK], count - neighbours, axis=1)[:, -neighbours:]
        off[start : start + _BLOCK] = nearest.mean(axis=1)
    off = hub_weight * (off - off.mean())
    cosines -= off[:, None]
    cosines -= off[None, :]
    return cosines


def mix_in_neighbours(alike: NDArray[np.float32], share: float, neighbours: int) -> None:
    """Let likeness be in part how many of two rows' neighbours are the same.

    Neighbours are rows that are among the nearest of each other; of two rows' neighbours, themselves
    among them, the share that both have counts (k-reciprocal re-ranking; Zhong et al., CVPR 2017).

    Args:
        alike: symmetric; overwritten.
        share: how much of the result that is, 0 to 1.
        neighbours: how many of the nearest a row can have as neighbours.

    """
    count = len(alike)
    if not share or count <= neighbours + 1:
        return
    near = _mutual(alike, neighbours)
    degrees = near.sum(axis=1)
    alike *= np.float32(1 - share)
    for start in range(0, count, _BLOCK):
        common = near[start : start + _BLOCK] @ near.T
        either = degrees[start : start + _BLOCK, None] + degrees[None, :] - common
        alike[start : start + _BLOCK] += np.float32(share) * common / either


def likenesses_of_some(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], share: float, neighbours: int
) -> NDArray[np.float32]:
    """Return the likeness of each pair of some rows: their cosine, and what of their nearest among all is the same."""
    cosines: NDArray[np.float32] = vectors[rows] @ vectors.T
    alike: NDArray[np.float32] = cosines[:, rows]
    count = len(vectors)
    if not share or count <= neighbours + 1:
        return alike
    cosines[np.arange(len(rows)), rows] = -_APART
    nearest = np.argpartition(cosines, count - neighbours - 1, axis=1)[:, -neighbours - 1 :]
    near = np.zeros_like(cosines)
    np.put_along_axis(near, nearest, 1.0, axis=1)
    near[~vectors[rows].any(axis=1)] = 0.0
    common = near @ near.T
    mixed: NDArray[np.float32] = (1 - share) * alike + share * common / (2 * (neighbours + 1) - common)
    return mixed.astype(np.float32, copy=False)


def _mutual(alike: NDArray[np.float32], neighbours: int) -> NDArray[np.float32]:
    """Return a one for each pair of rows that are neighbours of each other, and for each with itself."""
    count = len(alike)
    np.fill_diagonal(alike, -_APART)
    near = np.zeros((count, count), bool)
    for start in range(0, count, _BLOCK):
        nearest = np.argpartition(alike[start : start + _BLOCK], count - neighbours - 1, axis=1)
        np.put_along_axis(near[start : start + _BLOCK], nearest[:, -neighbours - 1 :], values=True, axis=1)
    np.fill_diagonal(alike, 0.0)
    near &= near.T
    return near.astype(np.float32)


def average_linkage(
    alike: NDArray[np.float32], least: float, sizes: Sequence[int] | None = None, *, least_of_pairs: float | None = None
) -> list[list[int]]:
    """Join the rows into clusters until no two are on average as alike as `least`.

    Args:
        alike: symmetric; overwritten. Four bytes a pair: 5,000 rows take 100 MB.
        least: the likeness that two clusters must have, averaged over all pairs between them.
        sizes: how many each row stands for; one if not given.
        least_of_pairs: the likeness from which two rows that would both be alone, each the nearest of
            the other, are a cluster; as much as `least` if not given. It does not grow.

    Returns:
        The members of each cluster, in ascending order, clusters by their first member.

    """
    np.fill_diagonal(alike, _APART)
    members = {number: [number] for number in range(len(alike))}
    weights = list(sizes or [1] * len(alike))
    lower = least if least_of_pairs is None else least_of_pairs
    waiting = set(members)
    chain: list[int] = []
    while waiting:
        if not chain:
            chain.append(next(iter(waiting)))
        last = chain[-1]
        nearest = _nearest(alike[last], chain[-2] if len(chain) > 1 else None)
        likeness = alike[last, nearest]
        if likeness < lower:
            waiting.discard(last)
            chain.pop()
            alike[last, :] = alike[:, last] = _APART
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            if likeness >= least or len(members[last]) == len(members[nearest]) == 1:
                _join(alike, weights, last, nearest)
                members[last] += members.pop(nearest)
                waiting.discard(nearest)
            if likeness < least:
                waiting -= {last, nearest}
                alike[[last, nearest], :] = alike[:, [last, nearest]] = _APART
        else:
            chain.append(nearest)
    return sorted(sorted(cluster) for cluster in members.values())


def _nearest(row: NDArray[np.float32], previous: int | None) -> int:
    best = int(row.argmax())
    return previous if previous is not None and row[previous] >= row[best] else best


def _join(alike: NDArray[np.float32], weights: list[int], kept: int, gone: int) -> None:
    ours, theirs = weights[kept], weights[gone]
    row = (ours * alike[kept] + theirs * alike[gone]) / (ours + theirs)
    row[[kept, gone]] = _APART
    row[row < _APART / 2] = _APART
    alike[kept, :] = alike[:, kept] = row
    alike[gone, :] = alike[:, gone] = _APART
    weights[kept] += theirs
