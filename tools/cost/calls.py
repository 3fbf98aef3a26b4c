"""What doing something once calls for: requests, invocations, capacity units, bytes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

CALLS = Path(__file__).parent / "calls.json"
ORIGINAL = Path(__file__).parent / "original_design.json"


@dataclass(frozen=True)
class Calls:
    """What one exchange, one batch, one run or one report needs of AWS, on average."""

    sqs_requests: float = 0
    """Sends, receives (empty ones too) and deletes; a batch is one."""
    invocations: float = 0
    seconds: float = 0
    """How long functions run, on the machine of the count, waiting for an empty queue left out."""
    waiting_seconds: float = 0
    """How long they wait for messages that do not come: the same on any machine."""
    write_units: float = 0
    read_units: float = 0
    read_bytes: float = 0
    """What queries find, which is charged in steps of 4 KB for each query."""
    log_bytes: float = 0
    cloudwatch_requests: float = 0
    mails: float = 0

    def __add__(self, other: "Calls") -> "Calls":
        return Calls(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def __mul__(self, times: float) -> "Calls":
        return Calls(*(getattr(self, each.name) * times for each in fields(self)))

    def __sub__(self, other: "Calls") -> "Calls":
        return self + other * -1


@dataclass(frozen=True)
class Measurement:
    """What was counted on the embedded stack, each by what happens once."""

    counted_on: str
    versions: Mapping[str, str]
    sending: Calls
    """An exchange leaves the Worker."""
    stream: Calls
    """A message that comes alone is processed in `stream` mode; the event source's receive and delete included."""
    full_batch: Calls
    """Ten messages that came together are processed in `drain` mode; its receive and delete included."""
    empty_drain: Calls
    """A scheduled run that finds nothing."""
    daily_report: Calls
    weekly_report: Calls
    reading: Calls
    """What each exchange that is there adds to a daily report."""
    message_bytes: int
    item_bytes: int
    """A stored exchange, without the 100 bytes that DynamoDB adds."""
    artifact_bytes: int
    """What a deployment leaves in S3."""
    custom_metrics: tuple[str, ...] = field(default_factory=tuple)

    @staticmethod
    def load(path: Path = CALLS) -> "Measurement":
        """Read the committed measurement.

        Raises:
            FileNotFoundError: there is none; `python -m cost count` makes it.
        """
        document = json.loads(path.read_text(encoding="utf-8"))
        for name in ("sending", "stream", "full_batch", "empty_drain", "daily_report", "weekly_report", "reading"):
            document[name] = Calls(**document[name])
        document["custom_metrics"] = tuple(document["custom_metrics"])
        return Measurement(**document)

    def save(self, path: Path = CALLS) -> None:
        """Write it where `load` finds it."""
        document = asdict(self)
        for name, value in document.items():
            if isinstance(value, dict) and name != "versions":
                document[name] = {key: round(amount, 6) for key, amount in value.items() if amount}
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
