"""Makes and reads the ids of exchanges: UUID version 7 (RFC 9562, section 5.7)."""

import os
import re

RANDOM_BYTES = 10
_LATEST_MS = 0xDFFF_FFFF_FFFF  # the contract's first digit ends at d: the year 9999 is not reached
_VARIANTS = "89ab"  # the digits that begin with the bits 10
_PATTERN = re.compile(r"[0-9a-d][0-9a-f]{7}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_id(unix_ms: int, random: bytes) -> str:
    """Make the id of what happened at `unix_ms`, in Unix epoch milliseconds.

    Args:
        unix_ms: a time from 1970 to 9999.
        random: 10 random bytes. The caller gets them from a source that is allowed where it runs: a Worker may not
            draw random numbers before its first request.

    Raises:
        ValueError: a time outside these years, or another number of bytes.
    """
    if not 0 <= unix_ms <= _LATEST_MS:
        raise ValueError(f"{unix_ms} ms is not a time an id can carry")
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"an id takes {RANDOM_BYTES} random bytes, not {len(random)}")
    time, digits = f"{unix_ms:012x}", random.hex()
    variant = _VARIANTS[random[2] >> 4 & 0b11]
    return f"{time[:8]}-{time[8:]}-7{digits[:3]}-{variant}{digits[5:8]}-{digits[8:]}"


def random_id(unix_ms: int) -> str:
    """Make an id for this time, in Unix epoch milliseconds, with random bytes of the operating system."""
    return new_id(unix_ms, os.urandom(RANDOM_BYTES))


def sampling_fraction(exchange_id: str) -> float:
    """Return the last 48 random bits of an id as a number from 0 up to, not with, 1."""
    return int(exchange_id[-12:], 16) / (1 << 48)


def time_of(exchange_id: str) -> int:
    """Return when an id was made, in Unix epoch milliseconds."""
    return int(exchange_id[:13].replace("-", ""), 16)


def is_id(value: object) -> bool:
    """Tell whether a value is an id as the contract has it: version 7, lower case."""
    return isinstance(value, str) and _PATTERN.fullmatch(value) is not None
