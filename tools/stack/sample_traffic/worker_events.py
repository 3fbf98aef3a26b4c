"""Answers questions with the Worker's own code and prints the queue entries of their events.

A program of its own, run with the Worker's folders as its `PYTHONPATH`: nothing else here imports the Worker. It
reads a line of JSON for each question from the standard input and writes one for each entry to the standard output.
"""

import json
import os
import sys
import time
from functools import partial
from pathlib import Path

from edge_worker.event import Event, Exchange, Feedback, Latency, Rating, exchange_event, feedback_event
from edge_worker.identifier import random_id
from edge_worker.knowledge import Knowledge
from edge_worker.origin import Isolate
from edge_worker.queue import entry
from edge_worker.visitor import read_visitor

_READING_MS = 12_000


def main() -> None:
    """Take the knowledge file, the site and the visitor key from the command line."""
    file, site, visitor_key = sys.argv[1:]
    knowledge = Knowledge.load(Path(file))
    isolate = Isolate(os.urandom(4).hex())
    for line in sys.stdin:
        asked = json.loads(line)
        headers = {name.lower(): value for name, value in asked["headers"].items()}
        exchange = Exchange(
            id=random_id(asked["asked_at"]),
            site=site,
            asked_at=asked["asked_at"],
            question=asked["question"],
            session=asked["session"],
            visitor=partial(read_visitor, headers, None, visitor_key, asked["asked_at"]),
        )
        begun = time.perf_counter()
        answer = knowledge.answer(asked["question"])
        took = (time.perf_counter() - begun) * 1000
        answer.complete(exchange)
        exchange.latency = Latency(total=took, retrieval=took)
        _print(exchange_event(exchange, isolate.next_origin()))
        if asked["good_answers"] is not None:
            rating: Rating = "up" if answer.text in asked["good_answers"] else "down"
            feedback = Feedback(exchange.id, site, rating, sent_at=asked["asked_at"] + _READING_MS)
            _print(feedback_event(feedback, isolate.next_origin()))


def _print(event: Event) -> None:
    print(json.dumps({"id": event["id"], "type": event["type"], "entry": entry([event])}))


if __name__ == "__main__":
    main()
