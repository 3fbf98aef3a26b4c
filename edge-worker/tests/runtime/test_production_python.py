"""The unchanged entry in the Python that production runs, called as other Workers call it.

workerd's pinned release has an older Python and none of its RPC, so this is Pyodide under Node, with the real SDK.
"""

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from edge_worker.identifier import new_id
from scene import VARIABLES

pytestmark = pytest.mark.runtime

FOLDER = Path(__file__).resolve().parents[2]
HOST = Path(__file__).with_name("production_python.mjs")
SECONDS = 120
RATED = new_id(int(time.time() * 1000), bytes(range(10)))


def run(*calls: Any, **variables: Any) -> Any:
    given = json.dumps({"folder": str(FOLDER), "env": VARIABLES | variables, "calls": calls})
    done = subprocess.run(
        [shutil.which("node") or "node", HOST],
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=FOLDER,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def ran() -> Any:
    exchange = {
        "question": "Why?",
        "answer": "Because.",
        "score": 0.5,
        "sources": ["faq/1"],
        "latency_ms": {"total": 7},
    }
    query = {"url": "https://chat.example.com/query", "body": {"question": "What is Edge Analytics?"}}
    return run(
        ["track", exchange],
        ["feedback", {"id": "no id", "rating": "up"}],
        ["track", {"question": 7}],
        ["fetch", query],
        ["feedback", {"id": RATED, "rating": "down", "comment": "no"}],
    )


@pytest.fixture(scope="module")
def left() -> Any:
    """A visitor who left twice: before the upstream answered, and in the middle of its answer."""
    asked = [{"url": f"https://chat.example.com/{path}", "body": {"q": path}} for path in ("never", "begins")]
    return run(
        *(["fetch", question] for question in asked),
        UPSTREAM_URL="https://upstream.example.com",
        PROXY_MAPPING='{"question": "q"}',
    )


def sent_events(ran: Any) -> Any:
    return [
        event
        for request in ran["sent"]
        for entry in request["body"]["Entries"]
        for event in json.loads(entry["MessageBody"])["events"]
    ]


def test_it_is_the_python_of_the_compatibility_date(ran: Any) -> None:
    assert ran["python"].startswith("3.14.")


def test_another_worker_records_an_exchange_and_gets_its_id(ran: Any, contract: Draft7Validator) -> None:
    events = {event["id"]: event for event in sent_events(ran)}
    event = events[ran["results"][0]["value"]]

    contract.validate({"version": 1, "events": [event]})
    assert (event["question"], event["answer"], event["score"]) == ("Why?", "Because.", 0.5)
    assert (event["sources"], event["latency_ms"]) == (["faq/1"], {"total": 7})


def test_another_worker_rates_an_exchange(ran: Any) -> None:
    assert ran["results"][4] == {"value": RATED}
    (event,) = (event for event in sent_events(ran) if event["id"] == RATED)
    assert (event["type"], event["rating"], event["comment"]) == ("feedback", "down", "no")


def test_another_worker_hears_what_is_wrong(ran: Any) -> None:
    assert "invalid_id" in ran["results"][1]["error"]
    assert "invalid_question" in ran["results"][2]["error"]


def test_a_visitor_is_answered(ran: Any) -> None:
    body = ran["results"][3]["value"]

    assert body["outcome"] == "answered"
    assert body["id"] in {event["id"] for event in sent_events(ran)}


def test_what_leaves_is_signed(ran: Any) -> None:
    assert {request["url"] for request in ran["sent"]} == {"https://sqs.eu-west-2.amazonaws.com/"}
    assert all("AKIDEXAMPLE" in request["headers"]["authorization"] for request in ran["sent"])


@pytest.mark.parametrize("path", ["never", "begins"])
def test_a_visitor_who_leaves_before_the_upstream_has_answered_is_recorded(left: Any, path: str) -> None:
    (event,) = (event for event in sent_events(left) if event["question"] == path)

    assert event["outcome"] == "abandoned"
    assert event["latency_ms"]["total"] > 50
