"""Takes events from programs that run elsewhere: `POST /v1/events`, and the same over RPC."""

from collections.abc import Sequence
from typing import Any

from edge_worker.batch import read_batch
from edge_worker.event import Exchange, Feedback
from edge_worker.lenient import Fields
from edge_worker.log import Log
from edge_worker.names import with_proof
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.submission import read_exchange
from edge_worker.validation import MAX_BODY_BYTES, read_feedback
from edge_worker.web import Context, HttpError, Request, Response, has_token

MAX_EVENTS = 100


class Collector:
    """Takes batches of events and gives a verdict on each."""

    def __init__(self, settings: Settings, recorder: Recorder, log: Log) -> None:
        self._settings = settings
        self._recorder = recorder
        self._log = log

    async def respond(self, request: Request) -> Response:
        """Take `{"events": [...]}`. Raises HttpError where the batch as a whole cannot be taken."""
        authorise(request, self._settings)
        events = read_batch(await request.body(MAX_BODY_BYTES))
        if not 1 <= len(events) <= MAX_EVENTS:
            raise HttpError(400, "invalid_events", f"a batch has 1 to {MAX_EVENTS} events, not {len(events)}")
        return self.record(events, request)

    def record(self, events: Sequence[object], request: Request) -> Response:
        """Record what can be read of the events, and tell what became of each."""
        now = int(request.now_ms())
        read: list[Exchange | Feedback] = []
        verdicts: list[dict[str, Any]] = []
        for event in events:
            try:
                record, warnings = self._read(event, now)
            except HttpError as error:
                verdicts.append({"status": "rejected", "error": {"code": error.code, "message": error.message}})
                continue
            read.append(record)
            verdicts.append({"status": "accepted", **self._ids(record)} | ({"warnings": warnings} if warnings else {}))
        self._recorder.record(read, request)
        body: dict[str, Any] = {"accepted": len(read), "events": verdicts}
        if not read:
            body["error"] = {"code": "no_valid_event", "message": "none of the events is valid"}
        return Response(202 if read else 400, body)

    def track(self, event: object, context: Context) -> str:
        """Record one event of another Worker and return its id, of an exchange the one with which it can be rated.

        Raises:
            HttpError: 400 that says what is wrong.
        """
        record, warnings = self._read(event, int(context.now_ms()))
        if warnings:
            self._log({"level": "warning", "message": "event corrected", "warnings": warnings})
        self._recorder.record([record], context)
        return with_proof(record.id, self._settings.rating_key) if isinstance(record, Exchange) else record.id

    def _read(self, event: object, now_ms: int) -> tuple[Exchange | Feedback, list[str]]:
        """Read one event, its kind in `type`: an exchange where it says nothing. Raises HttpError 400."""
        if isinstance(event, HttpError):
            raise event
        named = event.get("type") if isinstance(event, dict) else None
        kind = named.strip().lower() if isinstance(named, str) else named or "exchange"
        if kind == "exchange":
            submission = read_exchange(event, self._settings, now_ms)
            return submission.exchange, submission.warnings
        if kind == "feedback":
            return _read_feedback(event, self._settings, now_ms)
        raise HttpError(400, "invalid_type", "type is neither exchange nor feedback")

    def _ids(self, record: Exchange | Feedback) -> dict[str, str]:
        """Return the id, and for an exchange the one with which a visitor can rate its answer."""
        if isinstance(record, Feedback):
            return {"id": record.id}
        return {"id": record.id, "rating_id": with_proof(record.id, self._settings.rating_key)}


def _read_feedback(event: object, settings: Settings, now_ms: int) -> tuple[Feedback, list[str]]:
    """Read a rating and, where the program says it, when it was given. Raises HttpError 400."""
    feedback = read_feedback(event, settings, now_ms, is_trusted=True)
    fields = Fields(event if isinstance(event, dict) else {})
    feedback.sent_at = min(fields.time("sent_at") or now_ms, now_ms)
    return feedback, fields.warnings


def authorise(request: Request, settings: Settings) -> None:
    """Let those pass who have the collector's token. Raises HttpError 401 for others."""
    if not has_token(request, settings.collector_token):
        raise HttpError(401, "unauthorised", "the bearer token is missing or wrong", {"www-authenticate": "Bearer"})
