"""Bounds the origins that an item holds: those beyond the limit move to pages of their own. Free of AWS.

An exchange that is rated again and again would otherwise grow without end. The union of an item's origins and of its
pages is what the producer made, whatever the order and the repetition of deliveries.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from processor.item import Key

MAX_ORIGINS = 8
"""In an item: an exchange and its rating are two. Each takes 50 bytes at most, usually 14."""

ORIGINS_PER_PAGE = 15
"""Fifteen of at most 50 bytes and the page's key are less than 1 KB, one write unit."""


@dataclass(frozen=True)
class OriginsPage:
    """Origins that an item had no room for; named by its content, so that writing it twice changes nothing."""

    partition: str
    sort_key: str
    origins: frozenset[str]


def split_origins(origins: Iterable[str], limit: int) -> tuple[frozenset[str], list[str]]:
    """Return the origins that stay in the item, which are the smallest, and the rest, sorted."""
    ordered = sorted(origins)
    return frozenset(ordered[:limit]), ordered[limit:]


def origins_pages(key: Key, origins: Iterable[str]) -> Iterator[OriginsPage]:
    """Yield the pages of an exchange's surplus origins; none for none."""
    ordered = sorted(origins)
    for begin in range(0, len(ordered), ORIGINS_PER_PAGE):
        page = ordered[begin : begin + ORIGINS_PER_PAGE]
        digest = hashlib.sha256("\n".join(page).encode()).hexdigest()[:16]
        yield OriginsPage(f"{key.partition}#origins", f"{key.id}#{digest}", frozenset(page))
