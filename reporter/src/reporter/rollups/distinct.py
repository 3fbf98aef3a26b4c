"""How many different sessions or visitors there were, mergeable over days, in bounded memory.

The k smallest hashes are kept (KMV: Bar-Yossef et al., RANDOM 2002; in the mergeable form of
Dasgupta et al., "A Framework for Estimating Stream Expression Cardinalities", ICDT 2016). Up to
`KEPT` different names in a day the count is exact, beyond it the standard error is
1 / sqrt(KEPT - 2), 2.2%. Only keyed hashes are stored, never the names.

Who knows the key can choose names with small hashes, of which a few look like millions. So the key is the site's own,
and no estimate is above the number of times that a name was seen.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Self

from reporter.rollups import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT: Final = 2048
_HASH_BYTES: Final = 6
_HASH_SPACE: Final = 1 << (8 * _HASH_BYTES)


class Distinct:
    """The different names seen; of very many, an even sample: all hashes below `_below`."""

    def __init__(self, key: bytes = b"") -> None:
        """`key` is secret, of at most 64 bytes; without it names can be merged and counted, but also forged."""
        self._key = key
        self._seen = 0
        self._hashes: set[int] = set()
        self._below = _HASH_SPACE

    def add(self, name: str) -> None:
        """See a name, again or for the first time."""
        self._seen += 1
        value = _hash(name, self._key)
        if value < self._below:
            self._hashes.add(value)
            if len(self._hashes) > 2 * KEPT:
                self.shrink()

    def shrink(self) -> None:
        """Keep no more than `KEPT` hashes: the smallest, and know that the others are missing."""
        if len(self._hashes) > KEPT:
            smallest = sorted(self._hashes)[: KEPT + 1]
            self._below = smallest.pop()
            self._hashes = set(smallest)

    def merge(self, other: Distinct) -> None:
        """See all that another has seen. Merging never shrinks, so it is associative."""
        self._seen += other._seen
        self._below = min(self._below, other._below)
        self._hashes = {value for value in self._hashes | other._hashes if value < self._below}

    @property
    def is_exact(self) -> bool:
        """Whether `count` is the true number rather than an estimate."""
        return self._below == _HASH_SPACE

    @property
    def count(self) -> int:
        """How many different names were seen."""
        return min(round(len(self._hashes) * _HASH_SPACE / self._below), self._seen)

    def to_json(self) -> dict[str, Any]:
        """Return at most `KEPT` hashes as text."""
        self.shrink()
        packed = b"".join(value.to_bytes(_HASH_BYTES) for value in sorted(self._hashes))
        return {"below": self._below, "seen": self._seen, "hashes": base64.b85encode(packed).decode()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], most: int) -> Self:
        """Restore what `to_json` returned; `most` names were seen where an earlier version has not counted them."""
        distinct = cls()
        distinct._seen = checked.count(data.get("seen", most))
        distinct._below = checked.count(data["below"])
        packed = base64.b85decode(checked.text(data["hashes"]))
        if not 0 < distinct._below <= _HASH_SPACE or len(packed) % _HASH_BYTES:
            raise checked.DamagedRollupError("no hashes")
        distinct._hashes = {
            int.from_bytes(packed[start : start + _HASH_BYTES]) for start in range(0, len(packed), _HASH_BYTES)
        }
        return distinct


@lru_cache(maxsize=1024)  # the questions of a session follow each other
def _hash(name: str, key: bytes) -> int:
    digest = blake2b(name.encode("utf-8", "replace"), digest_size=_HASH_BYTES, key=key).digest()
    return int.from_bytes(digest)
