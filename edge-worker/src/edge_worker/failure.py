"""Describes unforeseen failures for the log."""

import traceback
from pathlib import PurePath


def describe(message: str, error: Exception) -> dict[str, object]:
    """A log line that says what failed where. An exception's own text may hold a visitor's words, so it stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames]
    return {"level": "error", "message": message, "error": type(error).__name__, "at": places}
