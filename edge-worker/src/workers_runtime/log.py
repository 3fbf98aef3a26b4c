"""The log of a Worker."""

import json
from collections.abc import Mapping


def log(line: Mapping[str, object]) -> None:
    """Write a line that Workers Logs takes from the standard output."""
    print(json.dumps(line))  # noqa: T201 - the log of a Worker
