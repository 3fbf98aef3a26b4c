import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from edge_worker.identifier import new_id, time_of
from edge_worker.queue import MAX_MESSAGE_BYTES
from edge_worker.web import HttpError
from scene import FakeContext, Scene

TOKEN = "a-token-of-sixteen"
BEARER = {"authorization": f"Bearer {TOKEN}"}
FULL = {
    "type": "exchange",
    "question": "Why?",
    "outcome": "partial",
    "answer": "Because.",
    "score": 0.5,
    "sources": ["a", "b"],
    "latency_ms": {"total": 412.5, "retrieval": 38, "model": 361.2},
    "model": {"name": "small-1", "input_tokens": 812, "output_tokens": 64, "cost_usd": 0.00042},
    "cache": "miss",
    "session": "s1",
    "country": "GB",
    "language": "en-GB,en;q=0.5",
    "referrer": "https://www.example.com/page?x=1",
    "user_agent": "Firefox",
    "ip": "192.0.2.7",
}


def scene() -> Scene:
    return Scene(collector_token=TOKEN)


def test_an_exchange_made_elsewhere_is_recorded(contract: Draft7Validator) -> None:
    collecting = scene()

    response = collecting.post("/v1/events", {"events": [FULL]}, BEARER)

    (event,) = collecting.events
    contract.validate({"version": 1, "events": [event]})
    assert (response.status, response.body) == (
        202,
        {"accepted": 1, "events": [{"status": "accepted", "id": event["id"]}]},
    )
    kept = ("question", "outcome", "answer", "score", "sources", "latency_ms", "model", "cache", "session", "country")
    assert {name: event[name] for name in kept} == {name: FULL[name] for name in kept}
    assert (event["language"], event["referrer"], event["user_agent"]) == ("en-GB", "www.example.com", "Firefox")
    assert len(event["visitor"]) == 16
    assert "192.0.2.7" not in json.dumps(event)


def test_the_least_that_an_exchange_needs_is_nothing() -> None:
    collecting = scene()

    collecting.post("/v1/events", {"events": [{}]}, BEARER)

    assert [event["outcome"] for event in collecting.events] == ["unanswered"]


def test_an_answer_makes_it_answered() -> None:
    collecting = scene()

    collecting.post("/v1/events", {"events": [{"question": "Why?", "answer": "Because."}]}, BEARER)

    assert [event["outcome"] for event in collecting.events] == ["answered"]


def test_the_caller_may_choose_the_id_and_rate_it_in_the_same_batch() -> None:
    collecting = scene()
    chosen = new_id(int(time.time() * 1000) - 5000, bytes(range(10)))

    batch = [{"id": chosen, "question": "Why?"}, {"type": "feedback", "id": chosen, "rating": "up"}]
    collecting.post("/v1/events", {"events": batch}, BEARER)

    assert [(event["type"], event["id"]) for event in collecting.events] == [("exchange", chosen), ("feedback", chosen)]
    assert collecting.events[0]["asked_at"] == time_of(chosen)
    assert len(collecting.recorded.messages) == 1


def test_each_event_gets_its_own_verdict() -> None:
    collecting = scene()

    response = collecting.post(
        "/v1/events", {"events": [{"question": 5}, {"question": "Why?"}, [], {"type": "visit"}]}, BEARER
    )

    assert response.status == 202
    assert response.body["accepted"] == len(collecting.events) == 1
    assert [verdict.get("error", {}).get("code") for verdict in response.body["events"]] == [
        "invalid_question",
        None,
        "invalid_event",
        "invalid_type",
    ]


def test_a_batch_without_a_valid_event_is_a_bad_request() -> None:
    response = scene().post("/v1/events", {"events": [{"question": 5}]}, BEARER)

    assert (response.status, response.body["error"]["code"], response.body["accepted"]) == (400, "no_valid_event", 0)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", f"bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ü€"],
)
def test_without_the_token_nothing_is_read(authorization: Any) -> None:
    collecting = scene()
    headers = {"authorization": authorization} if authorization is not None else {}

    response = collecting.post("/v1/events", {"events": [FULL]}, headers)

    assert (response.status, response.body["error"]["code"], collecting.events) == (401, "unauthorised", [])
    assert response.headers["www-authenticate"] == "Bearer"


def test_without_a_configured_token_there_is_no_collector() -> None:
    response = Scene().post("/v1/events", {"events": [FULL]}, {"authorization": "Bearer "})

    assert response.status == 404


@pytest.mark.parametrize("document", [{}, {"events": []}, {"events": {}}, {"events": [{}] * 101}])
def test_a_batch_holds_one_to_a_hundred_events(document: dict[str, Any]) -> None:
    response = scene().post("/v1/events", document, BEARER)

    assert (response.status, response.body["error"]["code"]) == (400, "invalid_events")


def test_a_large_batch_is_split_into_messages_of_one_billed_request() -> None:
    collecting = scene()
    events = [{"question": "é" * 500} for _ in range(40)]

    response = collecting.request(
        "POST", "/v1/events", json.dumps({"events": events}, ensure_ascii=False).encode(), BEARER
    )

    sizes = [len(json.dumps({"version": 1, "events": m}, separators=(",", ":"))) for m in collecting.recorded.messages]
    assert response.body["accepted"] == len(collecting.events) == 40
    assert len(sizes) == 2
    assert max(sizes) <= MAX_MESSAGE_BYTES


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "7"}, "invalid_id"),
        ({"id": new_id(0, bytes(10))}, "invalid_id"),
        ({"asked_at": -1}, "invalid_asked_at"),
        ({"asked_at": 5}, "invalid_asked_at"),
        ({"asked_at": 10**15}, "invalid_asked_at"),
        ({"asked_at": 1.5}, "invalid_asked_at"),
        ({"asked_at": True}, "invalid_asked_at"),
        ({"outcome": "great"}, "invalid_outcome"),
        ({"outcome": []}, "invalid_outcome"),
        ({"answer": []}, "invalid_answer"),
        ({"score": 1.1}, "invalid_score"),
        ({"score": "1"}, "invalid_score"),
        ({"score": float("nan")}, "invalid_score"),
        ({"sources": "a"}, "invalid_sources"),
        ({"sources": [1]}, "invalid_sources"),
        ({"latency_ms": 5}, "invalid_latency_ms"),
        ({"latency_ms": {}}, "invalid_latency_ms"),
        ({"latency_ms": {"total": -1}}, "invalid_total"),
        ({"latency_ms": {"total": float("inf")}}, "invalid_total"),
        ({"model": "small-1"}, "invalid_model"),
        ({"model": {"input_tokens": 5}}, "invalid_model"),
        ({"model": {"name": "m", "input_tokens": 1.5}}, "invalid_input_tokens"),
        ({"cache": "warm"}, "invalid_cache"),
        ({"session": "x" * 65}, "invalid_session"),
        ({"ip": 5}, "invalid_ip"),
        ({"country": "GBR"}, "invalid_country"),
        ({"opt_out": "yes"}, "invalid_opt_out"),
    ],
)
def test_a_wrong_property_is_named(change: dict[str, Any], code: str) -> None:
    response = scene().post("/v1/events", {"events": [FULL | change]}, BEARER)

    assert response.body["events"][0]["error"]["code"] == code


def test_an_opted_out_visitor_of_another_program_is_only_counted() -> None:
    collecting = scene()

    collecting.post("/v1/events", {"events": [FULL | {"opt_out": True}]}, BEARER)

    assert {"question", "answer", "visitor", "session", "user_agent"}.isdisjoint(collecting.events[0])


def test_another_worker_tracks_without_a_token() -> None:
    collecting = Scene()
    context = FakeContext()

    exchange_id = collecting.application.track({"question": "Why?", "answer": "Because."}, context)

    assert time_of(exchange_id) <= time.time() * 1000
    assert len(context.deferred) == 1
    context.deferred[0].close()


def test_another_worker_hears_what_is_wrong() -> None:
    with pytest.raises(HttpError, match="invalid_rating"):
        Scene().application.track({"type": "feedback", "id": new_id(int(time.time() * 1000), bytes(10))}, FakeContext())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda s: st.lists(s) | st.dictionaries(st.text(), s),
)


@given(st.dictionaries(st.sampled_from(sorted(FULL)), json_values))
def test_what_is_accepted_keeps_the_contract(contract: Draft7Validator, change: Any) -> None:
    collecting = scene()

    response = collecting.post("/v1/events", {"events": [FULL | change]}, BEARER)

    assert response.status in (202, 400)
    assert len(collecting.events) == response.body["accepted"]
    for message in collecting.recorded.messages:
        contract.validate({"version": 1, "events": message})
