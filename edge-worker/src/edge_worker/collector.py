"""Takes events from programs that run elsewhere: `POST /v1/events`, and the same over RPC."""

from typing import Any

from edge_worker.event import Exchange, Feedback
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.validation import MAX_BODY_BYTES, parse_object, read_exchange, read_feedback
from edge_worker.web import HttpError, Request, Response, has_token

MAX_EVENTS = 100


class Collector:
    """Takes batches of events and gives a verdict on each."""

    def __init__(self, settings: Settings, recorder: Recorder) -> None:
        self._settings = settings
        self._recorder = recorder

    async def respond(self, request: Request) -> Response:
        """Take `{"events": [...]}`. Raises HttpError where the batch as a whole cannot be taken."""
        self._authorise(request)
        events = parse_object(await request.body(MAX_BODY_BYTES)).get("events")
        if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
            raise HttpError(400, "invalid_events", f"events is not a list of 1 to {MAX_EVENTS} events")
        now = int(request.now_ms())
        read: list[Exchange | Feedback] = []
        verdicts: list[dict[str, Any]] = []
        for event in events:
            try:
                read.append(self.read(event, now))
                verdicts.append({"status": "accepted", "id": read[-1].id})
            except HttpError as error:
                verdicts.append({"status": "rejected", "error": {"code": error.code, "message": error.message}})
        self._recorder.record(read, request)
        body: dict[str, Any] = {"accepted": len(read), "events": verdicts}
        if not read:
            body["error"] = {"code": "no_valid_event", "message": "none of the events is valid"}
        return Response(202 if read else 400, body)

    def read(self, event: object, now_ms: int) -> Exchange | Feedback:
        """Read one event, its kind in `type`: an exchange where it says nothing. Raises HttpError 400.

        `now_ms` is the time in Unix epoch milliseconds.
        """
        kind = event.get("type", "exchange") if isinstance(event, dict) else "exchange"
        if kind == "exchange":
            return read_exchange(event, self._settings, now_ms)
        if kind == "feedback":
            return read_feedback(event, self._settings, now_ms)
        raise HttpError(400, "invalid_type", "type is neither exchange nor feedback")

    def _authorise(self, request: Request) -> None:
        if not has_token(request, self._settings.collector_token):
            raise HttpError(401, "unauthorised", "the bearer token is missing or wrong", {"www-authenticate": "Bearer"})
