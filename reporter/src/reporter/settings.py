"""What the environment configures, read and checked once: the only reader of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What template.yaml gives the function; Lambda sets the variable, a terminal does not.
_DEFAULT_MEMORY_MB: Final = 1769

CHANNELS: Final = frozenset({"email", "sns"})


class InvalidSettingsError(ValueError):
    """A setting is missing or makes no sense; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to read, what to report on, and where to send it."""

    table_name: str
    sites: tuple[str, ...]
    zone: ZoneInfo
    channels: frozenset[str]
    sender: str
    recipients: tuple[str, ...]
    topic_arn: str
    dead_letter_queue_url: str
    queue_name: str
    metered_functions: tuple[str, ...]
    memory_mb: int
    parameter_prefix: str
    region: str

    @property
    def dashboard_url(self) -> str:
        """The environment's dashboard in the AWS console; empty where nothing is deployed."""
        if not self._prefix or not self.region:
            return ""
        console = f"https://{self.region}.console.aws.amazon.com/cloudwatch/home?region={self.region}"
        return f"{console}#dashboards/dashboard/{self._prefix}"

    @property
    def stacks(self) -> tuple[str, ...]:
        """The CloudFormation stacks of the functions, as samconfig.toml names them; none where nothing is deployed."""
        return tuple(f"{self._prefix}-{service}" for service in ("processor", "reporter") if self._prefix)

    @property
    def _prefix(self) -> str:
        """What all names of the environment begin with."""
        environment = self.parameter_prefix.rpartition("/")[2]
        return f"edge-analytics-{environment}" if environment else ""

    @classmethod
    def from_environment(cls, deployed: Mapping[str, str] | None = None) -> Self:
        """Read the variables that template.yaml sets.

        Args:
            deployed: variables of a deployed function, used before those of this process.

        Raises:
            InvalidSettingsError: one is missing, or names what does not exist.

        """
        environment = dict(os.environ) | dict(deployed or {})
        channels = frozenset(_names(environment, "REPORT_CHANNELS"))
        if not channels or not channels <= CHANNELS:
            raise InvalidSettingsError("REPORT_CHANNELS must be email, sns, or email,sns")
        if "email" in channels and not _names(environment, "REPORT_RECIPIENTS"):
            raise InvalidSettingsError("REPORT_RECIPIENTS is empty, yet REPORT_CHANNELS has email")
        if "email" in channels and not environment.get("REPORT_SENDER"):
            raise InvalidSettingsError("REPORT_SENDER is empty, yet REPORT_CHANNELS has email")
        if "sns" in channels and not environment.get("REPORT_TOPIC_ARN"):
            raise InvalidSettingsError("REPORT_TOPIC_ARN is empty, yet REPORT_CHANNELS has sns")
        if not environment.get("TABLE_NAME"):
            raise InvalidSettingsError("TABLE_NAME is not set")
        return cls(
            table_name=environment["TABLE_NAME"],
            sites=_names(environment, "REPORT_SITES"),
            zone=_zone(environment.get("REPORT_TIME_ZONE") or "UTC"),
            channels=channels,
            sender=environment.get("REPORT_SENDER", ""),
            recipients=_names(environment, "REPORT_RECIPIENTS"),
            topic_arn=environment.get("REPORT_TOPIC_ARN", ""),
            dead_letter_queue_url=environment.get("DEAD_LETTER_QUEUE_URL", ""),
            queue_name=environment.get("QUEUE_ARN", "").rpartition(":")[2],
            metered_functions=_names(environment, "METERED_FUNCTIONS"),
            memory_mb=int(environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", _DEFAULT_MEMORY_MB)),
            parameter_prefix=environment.get("PARAMETER_PREFIX", ""),
            region=environment.get("AWS_REGION", ""),
        )


def _names(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environment.get(name, "").split(",") if part.strip())


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidSettingsError(
            f"REPORT_TIME_ZONE {name!r} is not in the tz database; write it as Europe/Madrid"
        ) from None
