"""Counts what the proxy recorded and what not, and why, so that a configuration that matches nothing is noticed."""

from collections import Counter
from collections.abc import Mapping

from edge_worker.formats.exchange import Answer, Unrecorded, Why
from edge_worker.log import Log

UNMATCHED_IN_A_ROW = 20
"""After how many requests or replies of which none could be read the log says so."""


class Counts:
    """The counts of one isolate."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._recorded = 0
        self._unreadable = 0
        self._unrecorded: Counter[Why] = Counter()

    def count_unrecorded(self, reason: Unrecorded) -> None:
        """Count a request of which nothing is recorded."""
        self._unrecorded[reason.why] += 1
        if reason.why is Why.UNMATCHED and self._unrecorded[Why.UNMATCHED] == UNMATCHED_IN_A_ROW and not self._recorded:
            self._warn("no request could be read", reason.text)

    def count_recorded(self, answer: Answer | None) -> None:
        """Count an exchange; its answer is None where there was no reply."""
        self._recorded += 1
        self._unreadable += answer is not None and not answer.is_recognised
        if self._unreadable == UNMATCHED_IN_A_ROW == self._recorded:
            self._warn("no reply could be read", "none has what the format or PROXY_MAPPING expects of a reply")

    def as_json(self) -> Mapping[str, int]:
        """Return all counts by name."""
        return {
            "recorded": self._recorded,
            "unreadable_replies": self._unreadable,
            **{why.value: self._unrecorded[why] for why in Why},
        }

    def _warn(self, message: str, reason: str) -> None:
        advice = "compare a request and its reply with PROXY_FORMAT and PROXY_MAPPING by `make preview`"
        line = {"level": "warning", "message": message, "count": UNMATCHED_IN_A_ROW, "reason": reason}
        self._log({**line, "advice": advice})
