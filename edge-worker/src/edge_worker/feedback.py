"""Takes visitors' ratings of answers: `POST /feedback`."""

from collections import OrderedDict

from edge_worker.privacy import asks_not_to_be_recorded
from edge_worker.questions import TOO_MANY
from edge_worker.recorder import Recorder
from edge_worker.settings import Settings
from edge_worker.validation import MAX_BODY_BYTES, parse_object, read_feedback
from edge_worker.visitor import limited_by
from edge_worker.web import Request, Response

MOST_RATINGS = 10
"""Of one exchange, from one isolate; each is an event, and the last is the one that counts."""
_REMEMBERED = 10_000


class FeedbackHandler:
    """Records thumbs and comments."""

    def __init__(self, settings: Settings, recorder: Recorder) -> None:
        self._settings = settings
        self._recorder = recorder
        self._counted: OrderedDict[str, int] = OrderedDict()

    async def respond(self, request: Request) -> Response:
        """Take `{"id", "rating", "comment"?}`. Raises HttpError where it is something else."""
        now = int(request.now_ms())
        document = parse_object(await request.body(MAX_BODY_BYTES))
        feedback = read_feedback(document, self._settings, now, is_trusted=False)
        if not (await request.allows(limited_by(request, self._settings, now)) and self._counts(feedback.id)):
            raise TOO_MANY
        if self._settings.respect_opt_out and asks_not_to_be_recorded(request.headers):
            feedback.comment = None
        self._recorder.record([feedback], request)
        return Response(202, {"id": document["id"], "rating": feedback.rating})

    def _counts(self, exchange_id: str) -> bool:
        """Count a rating of an exchange; tell whether it is one of the few that a visitor changes their mind for."""
        count = self._counted.pop(exchange_id, 0) + 1
        self._counted[exchange_id] = count
        if len(self._counted) > _REMEMBERED:
            self._counted.popitem(last=False)
        return count <= MOST_RATINGS
