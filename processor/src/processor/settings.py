"""The function's settings: the only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What the deployment tells the function."""

    table_name: str
    queue_url: str

    @staticmethod
    def from_environment(environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings.

        Raises:
            KeyError: A variable is missing.
        """
        return Settings(table_name=environment["TABLE_NAME"], queue_url=environment["QUEUE_URL"])
