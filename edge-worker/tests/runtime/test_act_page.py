"""The page behind a report's links, in workerd: scanners change nothing, a button sends one decision."""

import base64
import hashlib
import hmac
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from configuration import VARIABLES
from queue_server import QueueServer
from worker_client import ACT_KEY, CONVERSATIONS_SECRET, Worker

pytestmark = pytest.mark.runtime


def link(asked: str = "fixed", /, **changes: str) -> str:
    fields = {
        "action": asked,
        "topic": "000000042",
        "site": VARIABLES["SITE"],
        "week": "2026-W47",
        "expires": str(int(time.time()) + 86_400),
        "other": "",
    }
    message = "\n".join(["edge-analytics act 1", *fields.values()])
    digest = hmac.digest(ACT_KEY.encode(), message.encode(), hashlib.sha256)
    fields |= {"signature": base64.urlsafe_b64encode(digest).decode().rstrip("=")} | changes
    return f"/edge-analytics/act?{urlencode({name: value for name, value in fields.items() if value})}"


def test_a_scanner_changes_nothing_and_a_button_decides_once(worker: Worker, queue: QueueServer) -> None:
    path = link()
    opened = [
        worker.send("GET", path),
        worker.send("HEAD", path),
        worker.send("GET", path, headers={"Sec-Purpose": "prefetch"}),
    ]
    with ThreadPoolExecutor(4) as at_once:
        pressed = list(at_once.map(lambda _: worker.send("POST", path, b""), range(4)))

    assert [reply.status for reply in opened] == [200] * 3
    assert '<form method="post">' in opened[0].text
    assert opened[1].text == ""
    assert [reply.status for reply in pressed] == [200] * 4
    assert all("Saved" in reply.text for reply in pressed)
    sent = queue.wait_for(4)
    assert {(event["type"], event["action"], event["topic"]) for event in sent} == {("decision", "fixed", "000000042")}
    assert len({event["id"] for event in sent}) == 1


def test_conversations_are_shown_for_the_pages_own_secret_only(worker: Worker, queue: QueueServer) -> None:
    name, soon = "019aa6c5-1c00-7abc-8def-0123456789ab", {"N": str(int(time.time()) + 60)}
    said = {"question": {"S": "Why <b>?"}, "answer": {"S": "Nur so."}, "outcome": {"S": "partial"}}
    queue.table = {
        "GetItem": {"Item": {"ids": {"L": [{"S": name}]}}},
        "BatchGetItem": {"Responses": {"events": [{"sk": {"S": name}, "expires_at": soon, **said}]}},
    }
    path = link("conversations")

    opened, wrong = worker.send("GET", path), worker.send("POST", path, b"secret=wrong")
    assert queue.hosts == []
    shown = worker.send("POST", path, f"secret={CONVERSATIONS_SECRET}".encode())

    assert [reply.status for reply in (opened, wrong, shown)] == [200, 403, 200]
    assert "Nur so." not in opened.text + wrong.text
    assert "<bdi>Why &lt;b&gt;?</bdi>" in shown.text
    assert "Nur so." in shown.text
    assert queue.hosts == [f"dynamodb.{VARIABLES['AWS_REGION']}.amazonaws.com"] * 2
    assert shown.headers["cache-control"] == "no-store"


def test_a_page_keeps_to_itself(worker: Worker) -> None:
    reply = worker.send("GET", link())

    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("changes", [{"action": "not_ours"}, {"topic": "000000043"}, {"signature": "A" * 43}])
def test_a_changed_link_is_refused(worker: Worker, queue: QueueServer, changes: dict[str, str]) -> None:
    replies = [worker.send(method, link(**changes)) for method in ("GET", "POST")]

    assert [reply.status for reply in replies] == [403, 403]
    assert all("Nothing was changed." in reply.text for reply in replies)
    assert queue.events == []
