import json
import time
from typing import Any

import pytest
from jsonschema import Draft7Validator

from edge_worker.feedback import MOST_RATINGS
from edge_worker.identifier import random_id
from edge_worker.knowledge import Answer, Knowledge
from edge_worker.names import limit_key, without_proof
from edge_worker.redaction import OwnerPatterns
from scene import VARIABLES, Scene


class BrokenKnowledge(Knowledge):
    def answer(self, question: str) -> Answer:
        raise RuntimeError(f"no answer to {question}")


def test_a_question_is_answered_with_an_id_in_body_and_header() -> None:
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


def test_the_event_says_what_was_asked_and_answered(contract: Draft7Validator) -> None:
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
    assert event["id"] == without_proof(response.body["id"])
    assert int(event["id"].replace("-", "")[:12], 16) == event["asked_at"]
    assert event["latency_ms"]["total"] >= event["latency_ms"]["retrieval"] >= 0
    expected = {
        "site": "docs.example.com",
        "question": "I forgot my password",
        "answer": "Use the reset link.",
        "outcome": "answered",
        "language": "en",
        "referrer": "a.example",
        "user_agent": "Firefox",
        "origin": {"isolate": "k3x9q2ab", "sequence": 1},
    }
    assert expected.items() <= event.items()
    assert len(event["session"]) == 32
    assert "192.0.2.7" not in json.dumps(event)


def test_a_question_without_an_answer_is_recorded_without_one() -> None:
    scene = Scene()

    response = scene.ask("Who won the cup final?")

    assert (response.status, response.body["outcome"], response.body["sources"]) == (200, "unanswered", [])
    assert [(e["outcome"], "answer" in e, "sources" in e) for e in scene.events] == [("unanswered", False, False)]


def test_an_exchange_ends_in_an_event_also_when_answering_raises(contract: Draft7Validator) -> None:
    scene = Scene(BrokenKnowledge([]))

    response = scene.ask("What broke?")

    (event,) = scene.events
    contract.validate({"version": 1, "events": [event]})
    assert response.status == 500
    assert response.body == {"error": {"code": "internal_error", "message": "the question could not be answered"}}
    assert response.headers["edge-analytics-id"] == event["id"]
    assert (event["question"], event["outcome"]) == ("What broke?", "error")


def test_the_log_of_a_failure_says_where_but_not_what_was_asked() -> None:
    scene = Scene(BrokenKnowledge([]))

    scene.ask("What broke?")

    (line,) = scene.lines
    assert (line["message"], line["error"]) == ("answering failed", "RuntimeError")
    assert any("questions.py" in place for place in line["at"])
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
def test_a_bad_request_gets_a_code_and_makes_no_event(
    method: str, path: str, body: bytes, status: int, code: str
) -> None:
    scene = Scene()

    response = scene.request(method, path, body)

    assert (response.status, response.body["error"]["code"]) == (status, code)
    assert response.body["error"]["message"]
    assert scene.events == []


def test_a_wrong_method_is_told_the_right_ones() -> None:
    assert Scene().request("PUT", "/query").headers["allow"] == "POST, OPTIONS"


def test_a_question_longer_than_configured_is_refused() -> None:
    assert Scene(max_question_length=3).ask("Why?").status == 400


def test_health_tells_the_site_and_how_much_is_known() -> None:
    response = Scene().request("GET", "/health")

    assert (response.status, response.body) == (200, {"status": "ok", "site": "docs.example.com", "entries": 1})


def test_a_visitor_over_the_limit_is_refused_and_recorded(contract: Draft7Validator) -> None:
    scene = Scene()

    response = scene.ask("I forgot my password", {"cf-connecting-ip": "192.0.2.7"}, allowed=False)

    (event,) = scene.events
    contract.validate({"version": 1, "events": [event]})
    assert (response.status, response.body["error"]["code"], event["outcome"]) == (429, "too_many_requests", "refused")
    assert scene.served.limited_by == [limit_key(VARIABLES["VISITOR_KEY"], "192.0.2.7", event["asked_at"])]
    assert {"question", "answer", "session"}.isdisjoint(event)


def test_an_opted_out_visitor_is_answered_and_only_counted() -> None:
    scene = Scene()

    response = scene.ask(
        "I forgot my password", {"sec-gpc": "1", "user-agent": "Firefox", "cf-connecting-ip": "192.0.2.7"}
    )

    assert response.body["answer"] == "Use the reset link."
    assert {"question", "answer", "visitor", "session", "user_agent"}.isdisjoint(scene.events[0])


def test_the_owner_may_decide_to_record_all() -> None:
    scene = Scene(respect_opt_out=False)

    scene.ask("I forgot my password", {"dnt": "1"})

    assert scene.events[0]["question"] == "I forgot my password"


def test_personal_data_does_not_leave_the_edge() -> None:
    scene = Scene()

    scene.ask("I forgot the password of ann@example.com")

    assert scene.events[0]["question"] == "I forgot the password of [email]"


def test_a_sample_is_recorded_with_its_rate() -> None:
    scene = Scene(sample_rate=0.5)

    for _ in range(200):
        scene.ask("I forgot my password")

    assert 60 < len(scene.events) < 140
    assert {event["sample_rate"] for event in scene.events} == {0.5}
    assert [event["origin"]["sequence"] for event in scene.events] == list(range(1, len(scene.events) + 1))


def test_a_rating_of_an_exchange_outside_the_sample_is_outside_too() -> None:
    scene = Scene(sample_rate=0.5)
    ids = [scene.ask("I forgot my password").body["id"] for _ in range(50)]
    recorded = {event["id"] for event in scene.events}
    scene.recorded.batches.clear()

    for exchange_id in ids:
        assert scene.post("/feedback", {"id": exchange_id, "rating": "up"}).status == 202
        scene.recorded.batches, rated = [], scene.events
        assert [event["id"] for event in rated] == [each for each in [without_proof(exchange_id)] if each in recorded]


def test_a_rating_is_recorded(contract: Draft7Validator) -> None:
    scene = Scene()
    answered = scene.ask("I forgot my password").body["id"]
    scene.recorded.batches.clear()

    response = scene.post("/feedback", {"id": answered, "rating": "down", "comment": "Mail ann@example.com"})

    (event,) = scene.events
    contract.validate({"version": 1, "events": [event]})
    assert (response.status, response.body) == (202, {"id": answered, "rating": "down"})
    assert (event["id"], event["rating"], event["comment"]) == (without_proof(answered), "down", "Mail [email]")


@pytest.mark.parametrize("form", ["{id}", "{id}.", "{id}.0123456789abcdef", "{id}.{other}"])
def test_a_rating_of_an_answer_that_nobody_got_is_refused(form: str) -> None:
    scene = Scene()
    mine = scene.ask("I forgot my password").body["id"]
    scene.recorded.batches.clear()

    for _ in range(20):
        invented = form.format(id=random_id(int(time.time() * 1000)), other=mine.partition(".")[2])
        assert scene.post("/feedback", {"id": invented, "rating": "down"}).status == 400

    assert scene.events == []


def test_a_refused_or_failed_question_has_no_answer_to_rate() -> None:
    scene = Scene()
    refused = scene.ask("I forgot my password", allowed=False).headers["edge-analytics-id"]

    assert scene.post("/feedback", {"id": refused, "rating": "up"}).status == 400


def test_one_exchange_is_rated_a_few_times_only() -> None:
    scene = Scene()
    answered = scene.ask("I forgot my password").body["id"]

    statuses = [scene.post("/feedback", {"id": answered, "rating": "up"}).status for _ in range(MOST_RATINGS + 5)]

    assert statuses == [202] * MOST_RATINGS + [429] * 5
    assert len(scene.events) == 1 + MOST_RATINGS


def test_another_browser_does_not_make_another_sender() -> None:
    scene, keys = Scene(), set()

    for number in range(5):
        scene.ask("I forgot my password", {"cf-connecting-ip": "192.0.2.7", "user-agent": f"Browser/{number}"})
        keys |= set(scene.served.limited_by)

    assert len(keys) == 1


@pytest.mark.parametrize("session", ["ann@example.com", "s1", "4111111111111111"])
def test_a_session_is_recorded_as_a_hash_only(session: str) -> None:
    scene = Scene()

    scene.ask("I forgot my password", session=session)

    assert session not in json.dumps(scene.events)
    assert len(scene.events[0]["session"]) == 32


def test_the_owners_patterns_are_cut_out() -> None:
    scene = Scene(redact_patterns=OwnerPatterns.parse('["EMP-[0-9]{6}"]'))

    scene.ask("Where is the desk of EMP-123456?")

    assert scene.events[0]["question"] == "Where is the desk of [redacted]?"


def test_an_opted_out_visitor_s_comment_is_not_recorded() -> None:
    scene = Scene()
    answered = scene.ask("I forgot my password").body["id"]
    scene.recorded.batches.clear()

    scene.post("/feedback", {"id": answered, "rating": "up", "comment": "Thanks"}, {"dnt": "1"})

    assert "comment" not in scene.events[0]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "invalid_id"),
        ({"id": "x", "rating": "up"}, "invalid_id"),
        ({"id": 5, "rating": "up"}, "invalid_id"),
        ({"id": "019aa6c5-1c00-7abc-8def-0123456789ab", "rating": "up"}, "invalid_id"),  # of the year before
        ({"id": "d19aa6c5-1c00-7abc-8def-0123456789ab", "rating": "up"}, "invalid_id"),  # of a year far ahead
    ],
)
def test_a_rating_of_no_recent_answer_is_refused(document: dict[str, Any], code: str) -> None:
    response = Scene().post("/feedback", document)

    assert (response.status, response.body["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rating": None}, "invalid_rating"),
        ({"rating": "sideways"}, "invalid_rating"),
        ({"rating": ["up"]}, "invalid_rating"),
        ({"comment": 5}, "invalid_comment"),
    ],
)
def test_another_rating_is_refused(change: dict[str, Any], code: str) -> None:
    scene = Scene()
    answered = scene.ask("I forgot my password").body["id"]
    scene.recorded.batches.clear()

    response = scene.post("/feedback", {"id": answered, "rating": "up", **change})

    assert (response.status, response.body["error"]["code"], scene.events) == (400, code, [])


def test_our_own_page_may_ask() -> None:
    response = Scene().ask("I forgot my password", {"origin": "https://chat.example.com"})

    assert response.status == 200


def test_a_page_on_the_list_may_ask_and_read_the_id() -> None:
    scene = Scene(allowed_origins=frozenset({"https://www.example.com"}))

    response = scene.ask("I forgot my password", {"origin": "https://www.example.com"})

    assert response.status == 200
    assert response.headers["access-control-allow-origin"] == "https://www.example.com"
    assert response.headers["access-control-expose-headers"] == "edge-analytics-id, retry-after"
    assert response.headers["vary"] == "origin"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://chat.example.com", "https://www.example.com.evil"]
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_another_page_may_not_ask(method: str, origin: str) -> None:
    scene = Scene(allowed_origins=frozenset({"https://www.example.com"}))

    response = scene.request(method, "/query", b'{"question": "Why?"}', {"origin": origin})

    assert (response.status, response.body["error"]["code"], scene.events) == (403, "origin_not_allowed", [])
    assert "access-control-allow-origin" not in response.headers


def test_any_page_may_ask_where_the_list_says_so() -> None:
    response = Scene(allowed_origins=frozenset("*")).ask("Why?", {"origin": "https://a.example"})

    assert (response.status, response.headers["access-control-allow-origin"]) == (200, "https://a.example")


def test_a_browser_s_preflight_is_answered() -> None:
    scene = Scene(allowed_origins=frozenset({"https://www.example.com"}))

    response = scene.request("OPTIONS", "/query", headers={"origin": "https://www.example.com"})

    assert (response.status, response.body) == (204, None)
    assert response.headers["access-control-allow-methods"] == "POST"
    assert response.headers["access-control-allow-headers"] == "content-type"


def test_an_error_can_be_read_by_the_page_that_made_it() -> None:
    scene = Scene(allowed_origins=frozenset({"https://www.example.com"}))

    response = scene.request("POST", "/query", b"", {"origin": "https://www.example.com"})

    assert (response.status, response.headers["access-control-allow-origin"]) == (400, "https://www.example.com")
