"""Hands rows in at the collector, in batches, from where it was interrupted."""

import hashlib
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operate.environment import OperationError
from operate.history.mapping import Event, time_of, with_id
from operate.history.rating import rating_of
from operate.history.rows import Row
from operate.nesting import parse_json

_DAY_MS = 86_400_000
KEPT_DAYS = 89
_LONGEST_TEXT = 2_000
# The collector takes 65,536 bytes and 100 events.
_BATCH_BYTES, _BATCH_EVENTS = 60_000, 100
_SECONDS = 30
_ATTEMPTS = 5
_STATE = Path("build/import")
_TOO_MANY, _SERVER_ERROR, _BAD_REQUEST = 429, 500, 400


@dataclass
class Outcome:
    """What became of the rows so far, and why some were left out."""

    rows: int = 0
    handed_in: int = 0
    rated: int = 0
    corrected: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        reasons = "".join(f"; {count:,} left out: {reason}" for reason, count in self.left_out.most_common(5))
        corrected = f", {self.corrected:,} of them corrected" if self.corrected else ""
        rated = f", with {self.rated:,} {'rating' if self.rated == 1 else 'ratings'}" if self.rated else ""
        return f"{self.rows:,} rows read, {self.handed_in:,} handed in{rated}{corrected}{reasons}"


@dataclass(frozen=True)
class Collector:
    """Where rows are handed in."""

    url: str
    token: str

    def post(self, events: list[Event]) -> list[dict[str, Any]]:
        """Hand in a batch; return the verdict on each event.

        Raises:
            OperationError: the collector refuses, or does not answer after some attempts.
        """
        body = json.dumps({"events": events}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        for attempt in range(_ATTEMPTS):
            request = urllib.request.Request(self.url, body, headers)  # noqa: S310 - the scheme is checked by the command
            try:
                with urllib.request.urlopen(request, timeout=_SECONDS) as reply:  # noqa: S310 - as above
                    return _verdicts(reply.read())
            except urllib.error.HTTPError as error:
                if error.code == _BAD_REQUEST:
                    return _verdicts(error.read())
                if error.code < _SERVER_ERROR and error.code != _TOO_MANY:
                    raise OperationError(f"the collector at {self.url} refuses: {error.code} {error.reason}") from None
            except OSError as error:
                if attempt == _ATTEMPTS - 1:
                    raise OperationError(f"the collector at {self.url} does not answer: {error}") from None
            time.sleep(2**attempt)
        raise OperationError(f"the collector at {self.url} is overloaded: start again later, it will continue")


def mapped(rows: Iterable[Row | None], read: Callable[[Row], Event], now_ms: int, outcome: Outcome) -> Iterator[Event]:
    """Yield the events of the rows; count those that are left out, by their reason."""
    for row in rows:
        outcome.rows += 1
        event = read(row) if row is not None else {}
        asked_at = time_of(event.get("asked_at"))
        if row is None:
            outcome.left_out["it cannot be read"] += 1
        elif not event.get("question"):
            outcome.left_out["no question is found in it"] += 1
        elif asked_at is None:
            outcome.left_out["no time is found in it"] += 1
        elif asked_at < now_ms - KEPT_DAYS * _DAY_MS:
            outcome.left_out[f"it is older than {KEPT_DAYS} days"] += 1
        elif asked_at > now_ms:
            outcome.left_out["it is in the future"] += 1
        else:
            short = {name: value[:_LONGEST_TEXT] if isinstance(value, str) else value for name, value in event.items()}
            rating = rating_of(short)
            exchange = with_id(short, asked_at)
            yield exchange
            if rating is not None:
                yield {"sent_at": asked_at, **rating, "type": "feedback", "id": exchange["id"]}


def hand_in(events: Iterable[Event], collector: Collector, outcome: Outcome) -> Iterator[Outcome]:
    """Hand the events in; yield the outcome after each batch."""
    for batch in _batches(events):
        for event, verdict in zip(batch, collector.post(batch), strict=False):
            if verdict.get("status") == "accepted":
                outcome.rated += event.get("type") == "feedback"
                outcome.handed_in += event.get("type") != "feedback"
                outcome.corrected += bool(verdict.get("warnings"))
            else:
                outcome.left_out[str(verdict.get("error", {}).get("message", "it was rejected"))] += 1
        yield outcome


class Progress:
    """Remembers how many rows of a file have been handed in, in a file of its own."""

    def __init__(self, source: Path, target: str, directory: Path = _STATE) -> None:
        found = source.stat()
        # A file that was written again may hold something else: it is imported as a whole, which does no harm.
        identity = f"{source.resolve()}\n{found.st_size}\n{found.st_mtime_ns}\n{target}"
        name = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._path = directory / f"{name}.json"

    def rows_done(self) -> int:
        """Return where an earlier run was interrupted."""
        try:
            return int(json.loads(self._path.read_text("utf-8"))["rows"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def save(self, rows: int) -> None:
        """Note that so many rows have been handed in."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps({"rows": rows}), "utf-8")


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(json.dumps(event)) + 2
        if batch and (size + length > _BATCH_BYTES or len(batch) == _BATCH_EVENTS):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def _verdicts(body: bytes) -> list[dict[str, Any]]:
    try:
        found = parse_json(body.decode()).get("events")
    except (ValueError, AttributeError):
        found = None
    if not isinstance(found, list):
        raise OperationError("what answers is not the collector: check COLLECTOR")
    return found
