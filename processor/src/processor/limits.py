"""The processor's pacing in seconds, from a contract file that the cost model reads too."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class ProcessingLimits:
    """When the processor stops working, and for how long it hides messages that it could not store."""

    deadline_margin_seconds: float
    """Kept for the last write to time out (2 of pause, 1 to connect, 2 to read) and to return the rest to the queue."""
    min_seconds_to_receive: float
    """With less left, a drain receives no further batch, which it might have to return."""
    visibility_backoff_factor: float
    """A message is hidden for so many times as long as it has been tried already."""
    min_visibility_timeout_seconds: int
    """A function that fails at once makes five receives last for four hours with it."""
    max_visibility_timeout_seconds: int
    """SQS hides a message for at most twelve hours in all after it was received."""

    late_after_seconds: int
    """From an exchange's id to the storage of one of its events. In any time zone, a day is last rolled up on schedule
    23 hours or more after its last exchange: an hour less leaves room for the clocks and for the run itself."""

    @staticmethod
    @cache
    def of_contract() -> "ProcessingLimits":
        """Read `contract/processing.json`, which is packaged with the function."""
        return ProcessingLimits(**json.loads(files("contract").joinpath("processing.json").read_text("utf-8")))
