"""Reads the ratings of answers that other systems export with an exchange."""

import json
from typing import Any

from operate.history.mapping import Event, time_of

_UP = ("up", "thumbs_up", "thumbs up", "thumbsup", "positive", "good", "like", "liked", "yes", "true", "1", "👍")
_DOWN = (
    "down",
    "thumbs_down",
    "thumbs down",
    "thumbsdown",
    "negative",
    "bad",
    "dislike",
    "disliked",
    "no",
    "false",
    "👎",
)
# The names that people give to what users say; scores of other names are those of models and tests.
_SCORE_NAMES = ("user", "feedback", "thumb", "rating", "like", "helpful")


def rating_of(event: Event) -> Event | None:
    """Take the rating, its comment and its time out of an event, as the fields of the collector's rating.

    Returns:
        None where nothing in it is a thumb up or down.
    """
    value, comment, at = event.pop("rating", None), event.pop("comment", None), time_of(event.pop("rated_at", None))
    for candidate, words in _candidates(value):
        if rating := _thumb(candidate):
            said = comment or words
            text = said if isinstance(said, str) else None
            return {"rating": rating} | ({"comment": text} if text else {}) | ({"sent_at": at} if at else {})
    return None


def _candidates(value: Any) -> list[tuple[Any, Any]]:
    """Return values that may be a rating, each with the comment beside it."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    found = []
    for score in value if isinstance(value, list) else [value]:
        if not isinstance(score, dict):
            found.append((score, None))
        elif any(word in str(score.get("name", "rating")).lower() for word in _SCORE_NAMES):
            found.append((score.get("stringValue") or score.get("value", score.get("rating")), score.get("comment")))
    return found


def _thumb(value: Any) -> str | None:
    if isinstance(value, bool):
        return "up" if value else "down"
    if isinstance(value, int | float):
        return "up" if value == 1 else "down" if value in (0, -1) else None
    word = str(value).strip().lower() if isinstance(value, str) else ""
    if word in ("0", "-1", "0.0", "-1.0"):
        return "down"
    return "up" if word in (*_UP, "1.0") else "down" if word in _DOWN else None
