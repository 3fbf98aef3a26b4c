"""Reads and checks the Worker's configuration. README.md describes each variable for its user."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

_SITE = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")


class SettingsError(ValueError):
    """A variable is missing or wrong; the message names every such variable, never a secret's value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The Worker's configuration, checked."""

    site: str
    queue_url: str
    region: str
    access_key_id: str
    secret_access_key: str
    visitor_key: str
    max_question_length: int = 2000

    @classmethod
    def read(cls, variable: Callable[[str], str | None]) -> "Settings":
        """Takes each variable from `variable(name)`. Raises SettingsError that names all that is wrong."""
        reader = _Reader(variable)
        settings = cls(
            site=reader.text("SITE", _is_site, "a lower-case name such as docs.example.com"),
            queue_url=reader.text("QUEUE_URL", _is_queue_url, "the https:// URL of a FIFO queue"),
            region=reader.text("AWS_REGION"),
            access_key_id=reader.text("AWS_ACCESS_KEY_ID"),
            secret_access_key=reader.text("AWS_SECRET_ACCESS_KEY"),
            visitor_key=reader.text("VISITOR_KEY", lambda key: len(key) >= 16, "a secret of at least 16 characters"),
            max_question_length=reader.integer("MAX_QUESTION_LENGTH", 2000, 1, 10_000),
        )
        if reader.problems:
            raise SettingsError("; ".join(reader.problems))
        return settings


class _Reader:
    """Collects problems instead of stopping at the first."""

    def __init__(self, variable: Callable[[str], str | None]) -> None:
        self._variable = variable
        self.problems: list[str] = []

    def text(self, name: str, is_valid: Callable[[str], bool] = bool, expected: str = "a text") -> str:
        value = self._variable(name)
        if not value:
            self.problems.append(f"{name} is not set")
        elif not is_valid(value):
            self.problems.append(f"{name} is not {expected}")
        return value or ""

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        value = self._variable(name)
        if value is None:
            return default
        if not value.isdecimal() or not least <= int(value) <= most:
            self.problems.append(f"{name} is not a whole number from {least} to {most}")
            return default
        return int(value)


def _is_site(value: str) -> bool:
    return _SITE.fullmatch(value) is not None


def _is_queue_url(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and parts.path.endswith(".fifo")
