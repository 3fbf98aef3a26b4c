"""Starts Terraform's AWS provider once for many commands, as its developers do to debug it.

Terraform otherwise starts it several times for each run of a test. To start it and ask it for its schema (1,500
resources) is most of the processor time of a test that only plans.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_VARIABLE = "TF_REATTACH_PROVIDERS"
_ANNOUNCED = re.compile(rf"{_VARIABLE}='(.+)'")


class ProviderError(Exception):
    """The provider does not start. The message is what it printed."""


@contextmanager
def running(provider: Path, variables: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Run the provider for the length of the `with` block.

    Args:
        provider: the folder with its program.
        variables: environment variables beside the user's own, such as the credentials.

    Yields:
        The environment variable with which Terraform uses it. It is configured again by each command, so one command
        at a time may use it.

    Raises:
        ProviderError: it does not start.

    """
    [program] = provider.glob("terraform-provider-*")
    # With certificates of its own, the provider can be configured only once.
    environment = {"GOGC": "400", **os.environ, **(variables or {})}
    environment.pop("AWS_CA_BUNDLE", None)
    with subprocess.Popen(
        [program, "-debug"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield {_VARIABLE: _announced(process)}
        finally:
            process.kill()


def _announced(process: subprocess.Popen[str]) -> str:
    """Return what the provider says of itself as soon as it can be reached."""
    printed = ""
    for line in process.stdout or ():
        if found := _ANNOUNCED.search(line):
            return found[1]
        printed += line
    raise ProviderError(f"the provider did not start:\n{printed}")
