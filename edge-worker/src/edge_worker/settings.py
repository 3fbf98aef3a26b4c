"""Reads and checks the Worker's configuration. README.md describes each variable for its user."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from edge_worker.access_key import AccessKey, TableAccess
from edge_worker.formats.detection import AUTO, format_named
from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.names import rating_key
from edge_worker.redaction import NO_PATTERNS, OwnerPatterns

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
_SECRET_LENGTH = 16
_KEY_LENGTH = 32
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
    sample_rate: float = 1.0
    respect_opt_out: bool = True
    allowed_origins: frozenset[str] = frozenset()
    collector_token: str = ""
    act_key: str = ""
    conversations_secret: str = ""
    table: TableAccess | None = None
    upstream_url: str = ""
    is_proxy: bool = False
    proxy_format: str = AUTO
    limit_clients_with_keys: bool = False
    mapping: ExchangeMapping | None = None
    redact_patterns: OwnerPatterns = NO_PATTERNS

    @property
    def rating_key(self) -> bytes:
        """The key of the proofs that an answer was given: it lasts when the visitor key is rotated."""
        return rating_key(self.secret_access_key, self.site)

    @classmethod
    def read(cls, variable: Callable[[str], str | None], *, is_upstream_bound: bool = False) -> "Settings":
        """Take each variable from `variable(name)`. Raises SettingsError that names all that is wrong.

        `is_upstream_bound` tells whether a service is bound that takes the place of UPSTREAM_URL.
        """
        reader = _Reader(variable)
        settings = cls(
            site=reader.text("SITE", _is_site, "a lower-case name such as docs.example.com"),
            queue_url=reader.text("QUEUE_URL", _is_queue_url, "the https:// URL of a FIFO queue"),
            region=reader.text("AWS_REGION"),
            access_key_id=reader.text("AWS_ACCESS_KEY_ID"),
            secret_access_key=reader.text("AWS_SECRET_ACCESS_KEY"),
            visitor_key=reader.text("VISITOR_KEY", _is_long, "a secret of at least 16 characters"),
            max_question_length=int(reader.number("MAX_QUESTION_LENGTH", 2000, 1, 10_000)),
            sample_rate=reader.number("SAMPLE_RATE", 1.0, 0.0001, 1),
            respect_opt_out=reader.switch("RESPECT_OPT_OUT", default=True),
            allowed_origins=reader.origins("ALLOWED_ORIGINS"),
            collector_token=reader.text(
                "COLLECTOR_TOKEN", _is_long, "a secret of at least 16 characters", required=False
            ),
            act_key=reader.text("ACT_KEY", _is_key, "a secret of at least 32 characters", required=False),
            conversations_secret=reader.text(
                "CONVERSATIONS_SECRET", _is_key, "a secret of at least 32 characters", required=False
            ),
            table=reader.table(),
            upstream_url=reader.text("UPSTREAM_URL", _is_upstream_url, "an https:// URL", required=False),
            is_proxy=is_upstream_bound or bool(variable("UPSTREAM_URL")),
            proxy_format=reader.format("PROXY_FORMAT"),
            limit_clients_with_keys=reader.switch("LIMIT_CLIENTS_WITH_KEYS", default=False),
            mapping=reader.mapping("PROXY_MAPPING"),
            redact_patterns=reader.patterns("REDACT_PATTERNS"),
        )
        if not settings.is_proxy and (settings.mapping or variable("PROXY_FORMAT")):
            reader.problems.append("a proxy needs UPSTREAM_URL, or a service bound as UPSTREAM: set it")
        if bool(settings.conversations_secret) != bool(settings.table):
            reader.problems.append(
                "the page of conversations needs CONVERSATIONS_SECRET, CONVERSATIONS_TABLE, "
                "CONVERSATIONS_ACCESS_KEY_ID and CONVERSATIONS_SECRET_ACCESS_KEY: set all of them, or none"
            )
        if reader.problems:
            raise SettingsError("; ".join(reader.problems))
        return settings


class _Reader:
    """Collects problems instead of stopping at the first."""

    def __init__(self, variable: Callable[[str], str | None]) -> None:
        self._variable = variable
        self.problems: list[str] = []

    def text(
        self, name: str, is_valid: Callable[[str], bool] = bool, expected: str = "a text", *, required: bool = True
    ) -> str:
        value = self._variable(name)
        if not value:
            if required:
                self.problems.append(f"{name} is not set")
        elif not is_valid(value):
            self.problems.append(f"{name} is not {expected}")
        return value or ""

    def number(self, name: str, default: float, least: float, most: float) -> float:
        value = self._variable(name)
        if not value:
            return default
        if not _NUMBER.fullmatch(value) or not least <= float(value) <= most:
            self.problems.append(f"{name} is not a number from {least:g} to {most:g}")
            return default
        return float(value)

    def switch(self, name: str, *, default: bool) -> bool:
        value = self._variable(name) or str(default).lower()
        if value not in ("true", "false"):
            self.problems.append(f"{name} is not true or false")
        return value == "true"

    def origins(self, name: str) -> frozenset[str]:
        origins = frozenset((self._variable(name) or "").replace(",", " ").split())
        if wrong := sorted(origin for origin in origins if origin != "*" and not _ORIGIN.fullmatch(origin)):
            self.problems.append(
                f"{name} has {', '.join(wrong)}, which is not an origin such as https://www.example.com"
            )
        return origins

    def format(self, name: str) -> str:
        try:
            return format_named(self._variable(name) or AUTO)
        except ValueError as error:
            self.problems.append(f"{name} is not a known format: {error}")
            return AUTO

    def mapping(self, name: str) -> ExchangeMapping | None:
        value = self._variable(name)
        try:
            return ExchangeMapping.parse(value) if value else None
        except ValueError as error:
            self.problems.append(f"{name} is not a mapping: {error}")
            return None

    def table(self) -> TableAccess | None:
        names = ("TABLE", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
        table, key_id, key_secret = (self._variable(f"CONVERSATIONS_{name}") or "" for name in names)
        if not (table and key_id and key_secret):
            return None
        return TableAccess(table, self._variable("AWS_REGION") or "", AccessKey(key_id, key_secret))

    def patterns(self, name: str) -> OwnerPatterns:
        value = self._variable(name)
        try:
            return OwnerPatterns.parse(value) if value else NO_PATTERNS
        except ValueError as error:
            self.problems.append(f"{name} is not a list of patterns: {error}")
            return NO_PATTERNS


def _is_site(value: str) -> bool:
    return _SITE.fullmatch(value) is not None


def _is_long(value: str) -> bool:
    return len(value) >= _SECRET_LENGTH


def _is_key(value: str) -> bool:
    return len(value) >= _KEY_LENGTH


def _is_upstream_url(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not parts.query


def _is_queue_url(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and parts.path.endswith(".fifo")
