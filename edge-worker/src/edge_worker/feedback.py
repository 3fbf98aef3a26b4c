"""Takes visitors' ratings of answers: `POST /feedback`."""

from functools import partial

from edge_worker.privacy import asks_not_to_be_recorded
from edge_worker.questions import TOO_MANY
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.validation import MAX_BODY_BYTES, parse_object, read_feedback
from edge_worker.visitor import read_visitor
from edge_worker.web import Request, Response


class FeedbackHandler:
    """Records thumbs and comments."""

    def __init__(self, settings: Settings, recorder: Recorder) -> None:
        self._settings = settings
        self._recorder = recorder

    async def respond(self, request: Request) -> Response:
        """Take `{"id", "rating", "comment"?}`. Raises HttpError where it is something else."""
        now = int(request.now_ms())
        feedback = read_feedback(parse_object(await request.body(MAX_BODY_BYTES)), self._settings, now)
        if not await request.allows(partial(self._visitor_name, request, now)):
            raise TOO_MANY
        if self._settings.respect_opt_out and asks_not_to_be_recorded(request.headers):
            feedback.comment = None
        self._recorder.record([feedback], request)
        return Response(202, {"id": feedback.id, "rating": feedback.rating})

    def _visitor_name(self, request: Request, now_ms: int) -> str:
        return read_visitor(request.headers, request.country, self._settings.visitor_key, now_ms).visitor or ""
