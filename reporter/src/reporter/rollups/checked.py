"""Reads stored numbers and texts, and refuses what is none: a damaged rollup is noticed at once."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any


class DamagedRollupError(ValueError):
    """A stored rollup has a form that none was ever written in."""


def number(value: Any) -> float:
    """Return a number of zero or more."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise DamagedRollupError(f"no count: {type(value).__name__}")
    return value


def count(value: Any) -> int:
    """Return a whole number of zero or more."""
    if number(value) != int(value):
        raise DamagedRollupError("no whole number")
    return int(value)


def text(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise DamagedRollupError(f"no text: {type(value).__name__}")
    return value


def marks(value: Any, places: int) -> int:
    """Return marked places, written as a hexadecimal number, of at most so many."""
    try:
        found = int(text(value), 16)
    except ValueError:
        raise DamagedRollupError("no hexadecimal number") from None
    if not 0 <= found < 1 << places:
        raise DamagedRollupError("more marks than places")
    return found


def flag(value: Any) -> bool:
    """Return what is true or false."""
    if not isinstance(value, bool):
        raise DamagedRollupError(f"neither true nor false: {type(value).__name__}")
    return value


def rows(value: Any) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        raise DamagedRollupError(f"no list: {type(value).__name__}")
    return value


def row(value: Any, length: int) -> list[Any]:
    """Return a list of a length."""
    if len(rows(value)) != length:
        raise DamagedRollupError(f"{len(value)} values instead of {length}")
    return rows(value)


def mapping(value: Any) -> dict[str, Any]:
    """Return a mapping."""
    if not isinstance(value, dict):
        raise DamagedRollupError(f"no mapping: {type(value).__name__}")
    return value


def counts(value: Any) -> Counter[str]:
    """Return how often each name was counted."""
    return Counter({name: count(each) for name, each in mapping(value).items()})
