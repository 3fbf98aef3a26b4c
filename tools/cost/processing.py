"""When the processor stops working, and for how long it hides messages: read from the processor's own contract file."""

import json
from dataclasses import dataclass, fields

from stack.paths import PROCESSOR


@dataclass(frozen=True)
class ProcessingLimits:
    """The pacing of processor/contract/processing.json, which the function reads too."""

    deadline_margin_seconds: float
    """The end of an invocation in which nothing more is written."""
    min_seconds_to_receive: float
    """With less left, a drain receives no further batch."""
    visibility_backoff_factor: float
    """A message that the table was too busy for is hidden for so many times as long as it has been tried."""
    min_visibility_timeout_seconds: float
    max_visibility_timeout_seconds: float

    def visibility_timeout(self, tried_seconds: float) -> float:
        """Return for how long a message is hidden that has been tried for so long."""
        wanted = self.visibility_backoff_factor * tried_seconds
        return min(max(wanted, self.min_visibility_timeout_seconds), self.max_visibility_timeout_seconds)


def _limits() -> ProcessingLimits:
    contract = json.loads((PROCESSOR / "contract" / "processing.json").read_text(encoding="utf-8"))
    return ProcessingLimits(**{field.name: contract[field.name] for field in fields(ProcessingLimits)})


LIMITS = _limits()
