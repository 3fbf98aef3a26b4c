"""Takes what other programs say of an exchange as it is meant: what is off is corrected or left out, and named."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from edge_worker.formats.text_parts import text_of
from edge_worker.text import clean

_T = TypeVar("_T")
_SHOWN = 40
_SOURCE_NAMES = ("title", "name", "source", "url", "uri", "id", "text")
# Scores that rounding or a similarity's float error made greater than 1, but not percentages.
_ALMOST = 1.1
# Unix epoch seconds until the year 5138; as milliseconds, all before March 1973.
_MOST_SECONDS = 100_000_000_000
_NO = ("false", "no", "0", "n", "off")


class Fields:
    """The fields of a JSON object; absent, null and empty are the same. `warnings` says what was off."""

    def __init__(self, document: Mapping[str, Any], warnings: list[str] | None = None, prefix: str = "") -> None:
        self._document = document
        self._prefix = prefix
        self.warnings: list[str] = [] if warnings is None else warnings

    def raw(self, name: str) -> Any:
        """Return a field as it is, None where it is empty."""
        value = self._document.get(name)
        return None if value in ("", [], {}) else value

    def warn(self, name: str, what: str) -> None:
        """Say what is off with a field and what was done about it."""
        self.warnings.append(f"{self._prefix}{name} {what}")

    def text(self, name: str, most: int | None = None) -> str | None:
        """Read a text: a number is one, and so are the texts among a list of parts."""
        value = self.raw(name)
        if value is None:
            return None
        text = value if isinstance(value, str) else _number_text(value) or text_of(value)
        if not isinstance(value, str):
            self.warn(name, f"is {shown(value)}, not a text: " + ("it is taken as one" if text else "it is left out"))
        text = clean(text)
        if most is not None and len(text) > most:
            self.warn(name, f"has {len(text)} characters, more than {most}: it is left out")
            return None
        return text or None

    def texts(self, name: str) -> list[str]:
        """Read a list of texts: of objects, their title or address."""
        value = self.raw(name)
        if value is None:
            return []
        elements = value if isinstance(value, list) else [value]
        texts = [text for element in elements if (text := _source(element))]
        if not isinstance(value, list) or not all(isinstance(element, str) for element in value):
            self.warn(name, f"is not a list of texts: {len(texts)} of {len(elements)} could be taken as one")
        return texts

    def number(self, name: str, most: float) -> float | None:
        """Read a number from 0 to `most`; a little more than 1 is 1."""
        value = self.raw(name)
        number = _number(value)
        if value is None or (number is not None and not isinstance(value, str) and 0 <= number <= most):
            return number
        if number is None or not 0 <= number <= (_ALMOST if most == 1 else most):
            self.warn(name, f"is {shown(value)}, not a number from 0 to {most:.10g}: it is left out")
            return None
        self.warn(name, f"is {shown(value)}, not a number from 0 to {most:.10g}: {min(number, most):.10g} is taken")
        return min(number, most)

    def integer(self, name: str, most: int) -> int | None:
        """Read a whole number from 0 to `most`; a fraction is rounded."""
        number = self.number(name, most)
        if number is None:
            return None
        if not isinstance(self.raw(name), int):
            self.warn(name, f"is {shown(self.raw(name))}, not a whole number: {round(number)} is taken")
        return round(number)

    def choice(self, name: str, options: tuple[_T, ...]) -> _T | None:
        """Read one of some words, in any case."""
        value = self.raw(name)
        wanted = value.strip().lower() if isinstance(value, str) else value
        for option in options:
            if wanted == option and type(wanted) is type(option):
                if value != option:
                    self.warn(name, f"is {shown(value)}: {shown(option)} is taken")
                return option
        if value is not None:
            self.warn(name, f"is {shown(value)}, none of {', '.join(map(str, options))}: it is left out")
        return None

    def flag(self, name: str) -> bool:
        """Read yes or no. What can be neither is a yes: it is a visitor's wish not to be recorded."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        word = str(value).strip().lower()
        self.warn(name, f"is {shown(value)}, neither true nor false: {str(word not in _NO).lower()} is taken")
        return word not in _NO

    def time(self, name: str) -> int | None:
        """Read a point in time: Unix epoch milliseconds, or ISO 8601 (UTC where it names no zone)."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, str) and (moment := _iso_time(value)) is not None:
            return moment
        number = _number(value)
        if number is None or number < 0:
            self.warn(name, f"is {shown(value)}, neither Unix epoch milliseconds nor ISO 8601: it is left out")
            return None
        milliseconds = round(number * 1000 if number < _MOST_SECONDS else number)
        if not isinstance(value, int) or number < _MOST_SECONDS:
            self.warn(name, f"is {shown(value)}, not Unix epoch milliseconds: {milliseconds} is taken")
        return milliseconds

    def part(self, name: str) -> "Fields | None":
        """Read an object's fields; None where there is another value, see `raw`."""
        value = self.raw(name)
        return Fields(value, self.warnings, f"{self._prefix}{name}.") if isinstance(value, dict) else None


def shown(value: Any) -> str:
    """Show a value in a message, shortened."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = str(value) if not isinstance(value, int) or isinstance(value, bool) else _number_text(value) or "a number"
    text = clean(text)
    return repr(text[:_SHOWN] + "…" * (len(text) > _SHOWN)) if isinstance(value, str) else text[:_SHOWN]


def _number(value: Any) -> float | None:
    """Read a number, or a text that is one; None for what is not finite."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | str)
        or (isinstance(value, str) and len(value) > _SHOWN)
    ):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return value if isinstance(value, int) else number


def _number_text(value: Any) -> str | None:
    number = _number(value)
    return None if number is None or isinstance(value, str) else str(value)


def _source(element: Any) -> str | None:
    if isinstance(element, dict):
        return next((text for name in _SOURCE_NAMES if isinstance(text := element.get(name), str) and text), None)
    return element if isinstance(element, str) else _number_text(element)


def _iso_time(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return round(moment.timestamp() * 1000)
    except (OverflowError, ValueError):
        return None
