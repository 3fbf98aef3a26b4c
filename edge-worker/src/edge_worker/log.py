"""Writes structured log lines: their type, and how an unexpected failure is described in one."""

import traceback
from collections.abc import Callable, Mapping
from pathlib import PurePath

Log = Callable[[Mapping[str, object]], None]


def describe_failure(message: str, error: Exception) -> dict[str, object]:
    """Build a log line that says what failed where.

    An exception's own text may hold a visitor's words, so it stays out.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames]
    return {"level": "error", "message": message, "error": type(error).__name__, "at": places}
