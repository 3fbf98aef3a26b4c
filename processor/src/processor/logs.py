"""Structured logs: one JSON object a line, on standard output, wherever the function runs."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

_STANDARD_ATTRIBUTES = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonFormatter(logging.Formatter):
    """A record, with everything passed as `extra`, as one line of JSON."""

    def __init__(self, request_id: str) -> None:
        super().__init__()
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; an exception adds its type and traceback, not its text, which may quote its input."""
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": self._request_id,
            **{name: value for name, value in record.__dict__.items() if name not in _STANDARD_ATTRIBUTES},
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["traceback"] = traceback.format_tb(record.exc_info[2])
        return json.dumps(line, default=str)


def configure_logging(request_id: str) -> None:
    """Send the package's records to standard output, marked with the Lambda request they belong to."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(request_id))
    logger = logging.getLogger("processor")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    # Lambda's own handler at the root would write every line a second time.
    logger.propagate = False
