import asyncio
import json
from dataclasses import replace

import pytest

from edge_worker.application import Application
from edge_worker.knowledge import Entry, Knowledge
from edge_worker.origin import Isolate
from edge_worker.settings import Settings
from edge_worker.web import HttpError, Request
from test_settings import VARIABLES

SETTINGS = Settings.read(VARIABLES.get)
KNOWLEDGE = Knowledge([Entry("1", "I forgot my password.", "Use the reset link.", "accounts")])


class BrokenKnowledge(Knowledge):
    def answer(self, question):
        raise RuntimeError(f"no answer to {question}")


class Recorder:
    """Takes the place of the delivery: keeps the messages."""

    def __init__(self):
        self.messages = []

    async def send(self, messages):
        self.messages += messages


class Scene:
    """An application, and what it sent and logged."""

    def __init__(self, knowledge=KNOWLEDGE, **settings):
        self.recorder = Recorder()
        self.lines = []
        self.application = Application(
            replace(SETTINGS, **settings), knowledge, Isolate("k3x9q2ab"), self.recorder, self.lines.append
        )

    def request(self, method, path, body=b"", headers=None):
        async def read(limit):
            if len(body) > limit:
                raise HttpError(413, "body_too_large", "too large")
            return body

        async def exchange():
            deferred = []
            request = Request(method, path, headers or {}, read)
            response = await self.application.respond(request, deferred.append)
            assert not self.recorder.messages, "an event was sent before the response"
            for work in deferred:
                await work
            return response

        return asyncio.run(exchange())

    def ask(self, question, headers=None, **more):
        return self.request("POST", "/query", json.dumps({"question": question, **more}).encode(), headers)

    @property
    def events(self):
        return [event for message in self.recorder.messages for event in message]


def test_a_question_is_answered_with_an_id_in_body_and_header():
    scene = Scene()

    response = scene.ask("I forgot my password")

    assert response.status == 200
    assert response.body == {
        "id": response.headers["edge-analytics-id"],
        "answer": "Use the reset link.",
        "outcome": "answered",
        "score": 1.0,
        "sources": ["accounts"],
    }


def test_the_event_says_what_was_asked_and_answered(contract):
    scene = Scene()

    response = scene.ask(
        "I forgot my password",
        {
            "cf-connecting-ip": "192.0.2.7",
            "user-agent": "Firefox",
            "accept-language": "en",
            "referer": "https://a.example/b",
        },
        session="s1",
    )

    (event,) = scene.events
    contract.validate({"version": 1, "events": [event]})
    assert event["id"] == response.body["id"]
    assert int(event["id"].replace("-", "")[:12], 16) == event["asked_at"]
    assert event["latency_ms"]["total"] >= event["latency_ms"]["retrieval"] >= 0
    expected = {
        "site": "docs.example.com",
        "question": "I forgot my password",
        "answer": "Use the reset link.",
        "outcome": "answered",
        "session": "s1",
        "language": "en",
        "referrer": "a.example",
        "user_agent": "Firefox",
        "origin": {"isolate": "k3x9q2ab", "sequence": 1},
    }
    assert expected.items() <= event.items()
    assert "192.0.2.7" not in json.dumps(event)


def test_a_question_without_an_answer_is_recorded_without_one():
    scene = Scene()

    response = scene.ask("Who won the cup final?")

    assert (response.status, response.body["outcome"], response.body["sources"]) == (200, "unanswered", [])
    assert [(e["outcome"], "answer" in e, "sources" in e) for e in scene.events] == [("unanswered", False, False)]


def test_an_exchange_ends_in_an_event_also_when_answering_raises(contract):
    scene = Scene(BrokenKnowledge([]))

    response = scene.ask("What broke?")

    (event,) = scene.events
    contract.validate({"version": 1, "events": [event]})
    assert response.status == 500
    assert response.body == {"error": {"code": "internal_error", "message": "the question could not be answered"}}
    assert response.headers["edge-analytics-id"] == event["id"]
    assert (event["question"], event["outcome"]) == ("What broke?", "error")


def test_the_log_of_a_failure_says_where_but_not_what_was_asked():
    scene = Scene(BrokenKnowledge([]))

    scene.ask("What broke?")

    (line,) = scene.lines
    assert (line["message"], line["error"]) == ("answering failed", "RuntimeError")
    assert any("application.py" in place for place in line["at"])
    assert "What broke?" not in json.dumps(line)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/query", b"no json", 400, "invalid_json"),
        ("POST", "/query", b"{}", 400, "no_question"),
        ("POST", "/query", b"x" * 70_000, 413, "body_too_large"),
        ("GET", "/query", b"", 405, "method_not_allowed"),
        ("POST", "/health", b"", 405, "method_not_allowed"),
        ("GET", "/", b"", 404, "not_found"),
        ("BREW", "/pot", b"", 404, "not_found"),
    ],
)
def test_a_bad_request_gets_a_code_and_makes_no_event(method, path, body, status, code):
    scene = Scene()

    response = scene.request(method, path, body)

    assert (response.status, response.body["error"]["code"]) == (status, code)
    assert response.body["error"]["message"]
    assert scene.events == []


def test_a_wrong_method_is_told_the_right_ones():
    assert Scene().request("PUT", "/query").headers["allow"] == "POST"


def test_a_question_longer_than_configured_is_refused():
    assert Scene(max_question_length=3).ask("Why?").status == 400


def test_health_tells_the_site_and_how_much_is_known():
    response = Scene().request("GET", "/health")

    assert (response.status, response.body) == (200, {"status": "ok", "site": "docs.example.com", "entries": 1})
