import asyncio
import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest

from edge_worker.act import ActHandler
from edge_worker.application import Application
from edge_worker.delivery import Delivery
from edge_worker.origin import Isolate
from edge_worker.queue import Queue
from edge_worker.settings import Settings, SettingsError
from scene import KNOWLEDGE, VARIABLES, FakeRequest

Vector = dict[str, Any]
CONTRACT = Path(__file__).parents[1] / "contract"
VECTORS = json.loads((CONTRACT / "act-link" / "v1.vectors.json").read_text("utf-8"))
EVENTS = json.loads((CONTRACT / "analytics-event" / "v1.schema.json").read_text("utf-8"))
QUERIES = {vector["link"]["action"]: vector["query"] for vector in reversed(VECTORS["links"])}
DECISIONS = ("fixed", "not_ours", "same")


class AtTime(FakeRequest):
    """A request at a moment of the contract's links."""

    seconds: int = VECTORS["now_seconds"]

    def now_ms(self) -> float:
        return self.seconds * 1000


class Owner:
    """An owner with a report's link, and what the queue took."""

    def __init__(self, *, takes: bool = True, key: str = VECTORS["key"], now: int = VECTORS["now_seconds"]) -> None:
        self.sent: list[Any] = []
        self.takes = takes
        self.now = now
        settings = replace(Settings.read(VARIABLES.get), act_key=key)
        self.application = Application(
            settings, KNOWLEDGE, Isolate("k3x9q2ab"), cast("Delivery", self), lambda _line: None
        )

    async def deliver(self, events: Any) -> bool:
        self.sent.append(events)
        return self.takes

    def open(self, query: str, method: str = "GET", headers: dict[str, str] | None = None) -> Any:
        request = AtTime(method, f"https://chat.example.com/edge-analytics/act?{query}", headers or {})
        request.seconds = self.now
        return asyncio.run(self.application.respond(request))


@pytest.mark.parametrize("action", DECISIONS)
@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("HEAD", {}),
        ("GET", {"sec-purpose": "prefetch;prerender"}),
        ("GET", {"purpose": "prefetch"}),
        ("GET", {"user-agent": "SafeLinks scanner"}),
    ],
)
def test_opening_a_link_shows_what_it_would_do_and_changes_nothing(
    action: str, method: str, headers: dict[str, str]
) -> None:
    owner = Owner()

    page = owner.open(QUERIES[action], method, headers)

    assert page.status == 200
    assert '<form method="post">' in page.text
    assert owner.sent == []


@pytest.mark.parametrize("action", DECISIONS)
def test_the_button_sends_a_decision_that_the_contract_accepts(action: str) -> None:
    owner = Owner()

    page = owner.open(QUERIES[action], "POST")

    assert page.status == 200
    assert "Saved" in page.text
    [[event]] = owner.sent
    jsonschema.validate({"version": 1, "events": [event]}, EVENTS)
    assert (event["type"], event["action"], event["decided_at"]) == ("decision", action, owner.now * 1000)


def test_whoever_repeats_it_sends_the_same_event() -> None:
    owner = Owner()

    for later in (0, 0, 60, 86_400):
        owner.now += later
        assert owner.open(QUERIES["fixed"], "POST").status == 200

    first, *others = [{name: value for name, value in sent[0].items() if name != "decided_at"} for sent in owner.sent]
    assert others == [first] * 3


def test_different_links_are_different_decisions() -> None:
    owner = Owner()

    for query in QUERIES.values():
        owner.open(query, "POST")

    assert len({sent[0]["id"] for sent in owner.sent}) == len(owner.sent) == len(DECISIONS)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_a_wrong_link_is_refused_with_a_clear_page(method: str, vector: Vector) -> None:
    owner = Owner()

    page = owner.open(vector["query"], method)

    assert page.status == (410 if vector["code"] == "expired" else 403)
    assert "Nothing was changed." in page.text
    assert "<form" not in page.text
    assert owner.sent == []


def test_a_link_of_another_environment_is_refused() -> None:
    assert Owner(key="another-environments-key-of-32-characters").open(QUERIES["fixed"], "POST").status == 403


def test_a_queue_that_does_not_take_it_is_said() -> None:
    page = Owner(takes=False).open(QUERIES["fixed"], "POST")

    assert page.status == 503
    assert "Not saved" in page.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_conversations_are_read_on_the_owners_machine(method: str) -> None:
    owner = Owner()

    page = owner.open(QUERIES["conversations"], method)

    assert "make conversations TOPIC=reset-password-3f2a SITE=docs.example.com" in page.text
    assert owner.sent == []


@pytest.mark.parametrize("query", [*QUERIES.values(), VECTORS["refused"][0]["query"]])
def test_a_page_loads_nothing_tells_nobody_and_is_not_kept(query: str) -> None:
    page = Owner().open(query)

    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex"
    assert not re.search(r"(src|url)\s*[=(]", page.text)
    assert not re.search(r"href=(?!\"\?action=)", page.text)


def test_the_style_of_a_page_is_the_one_its_policy_allows() -> None:
    page = Owner().open(QUERIES["fixed"])
    [style] = re.findall("<style>(.*)</style>", page.text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"style-src 'sha256-{digest}'" in page.headers["content-security-policy"]


def test_another_method_is_refused() -> None:
    assert Owner().open(QUERIES["fixed"], "DELETE").status == 405


def test_without_a_key_there_is_no_such_page() -> None:
    assert Owner(key="").open(QUERIES["fixed"]).status == 404


def test_a_short_key_is_a_wrong_configuration() -> None:
    with pytest.raises(SettingsError, match="ACT_KEY is not a secret of at least 32 characters"):
        Settings.read({**VARIABLES, "ACT_KEY": "short"}.get)


def delivery(*replies: Any) -> tuple[Delivery, list[Any]]:
    """A delivery whose queue replies so, one after the other, and what it logged."""
    lines: list[Any] = []
    waiting = list(replies)
    queue = Queue(
        *(VARIABLES[name] for name in ("QUEUE_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    )

    async def post(_request: Any, _seconds: float) -> Any:
        reply = waiting.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def sleep(_seconds: float) -> None:
        pass

    return Delivery(queue, Isolate("k3x9q2ab"), post, sleep, lines.append), lines


TAKEN = (200, '{"Successful": [{"Id": "0"}]}')


@pytest.mark.parametrize(
    ("replies", "is_taken"),
    [
        ([TAKEN], True),
        ([OSError("gone"), (503, ""), TAKEN], True),
        ([OSError("gone")] * 3, False),
        ([(403, '{"__type": "x#AccessDenied"}')], False),
    ],
)
def test_a_decision_is_taken_when_the_queue_says_so(replies: list[Any], is_taken: bool) -> None:
    sender, lines = delivery(*replies)
    settings = replace(Settings.read(VARIABLES.get), act_key=VECTORS["key"])
    handler = ActHandler(settings, sender.deliver, lines.append)
    request = AtTime("POST", f"https://chat.example.com/edge-analytics/act?{QUERIES['fixed']}", {})

    page = asyncio.run(handler.decide(request))

    assert page.status == (200 if is_taken else 503)
    assert bool(lines) != is_taken
