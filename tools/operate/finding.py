"""What the doctor's checks find."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from operate.environment import Environment

OK, MISSING, UNKNOWN = "ok", "missing", "unknown"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    status: str
    detail: str = ""
    """What was found, and for what is missing, the command or the step that fixes it. Never a secret."""

    def __str__(self) -> str:
        return f"{self.status:>8}  {self.what}{': ' if self.detail else ''}{self.detail}"


Check = Callable[[Environment], Iterator[Finding]]
