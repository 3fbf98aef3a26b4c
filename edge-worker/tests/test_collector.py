import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from edge_worker.identifier import new_id, time_of
from edge_worker.names import rating_key, with_proof
from edge_worker.queue import MAX_MESSAGE_BYTES, deduplication_id
from edge_worker.recorder import MAX_MESSAGE_EVENTS
from edge_worker.web import HttpError
from scene import VARIABLES, FakeContext, Scene

RATING_KEY = rating_key(VARIABLES["AWS_SECRET_ACCESS_KEY"], VARIABLES["SITE"])
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
    rating_id = with_proof(event["id"], RATING_KEY)
    assert (response.status, response.body) == (
        202,
        {
            "accepted": 1,
            "events": [{"status": "accepted", "id": event["id"], "rating_id": rating_id}],
        },
    )
    kept = ("question", "outcome", "answer", "score", "sources", "latency_ms", "model", "cache", "country")
    assert {name: event[name] for name in kept} == {name: FULL[name] for name in kept}
    assert (event["language"], event["referrer"], event["user_agent"]) == ("en-GB", "www.example.com", "Firefox")
    assert (len(event["visitor"]), len(event["session"])) == (16, 32)
    assert "192.0.2.7" not in json.dumps(event)


@pytest.mark.parametrize(
    "event", [{}, {"question": ""}, {"question": "  \n"}, {"question": None}, {"answer": "Because."}]
)
def test_an_exchange_without_a_question_is_rejected(event: dict[str, Any]) -> None:
    collecting = scene()

    response = collecting.post("/v1/events", {"events": [event]}, BEARER)

    assert (response.status, collecting.events) == (400, [])
    assert response.body["events"][0]["error"] == {
        "code": "no_question",
        "message": "question is missing or empty: an exchange needs what was asked",
    }


def test_a_question_is_all_that_an_exchange_needs() -> None:
    collecting = scene()

    response = collecting.post("/v1/events", {"events": [{"question": "Why?"}]}, BEARER)

    assert [event["outcome"] for event in collecting.events] == ["unanswered"]
    assert "warnings" not in response.body["events"][0]


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


def test_a_batch_leaves_in_messages_that_the_processor_can_write_in_time() -> None:
    collecting = scene()

    collecting.post("/v1/events", {"events": [{"question": "Why?"}] * 100}, BEARER)

    assert [len(message) for message in collecting.recorded.messages] == [MAX_MESSAGE_EVENTS] * 4


def test_history_comes_with_its_ratings_at_the_time_they_were_given() -> None:
    collecting = scene()
    then = int(time.time() * 1000) - 40 * 86_400_000
    chosen = new_id(then, bytes(range(10)))
    given = datetime.fromtimestamp(then / 1000 + 60, UTC).isoformat(timespec="milliseconds")

    rating = {"type": "feedback", "id": chosen, "rating": "up", "sent_at": given}
    response = collecting.post("/v1/events", {"events": [{"id": chosen, "question": "Why?"}, rating]}, BEARER)

    assert [verdict["status"] for verdict in (response.body or {})["events"]] == ["accepted"] * 2
    assert collecting.events[1]["sent_at"] == then + 60_000


@pytest.mark.parametrize("sent_at", [None, "soon", 4_102_444_800_000])
def test_a_rating_without_a_time_that_can_be_is_of_now(sent_at: object) -> None:
    collecting = scene()
    now = int(time.time() * 1000)

    rating = {"type": "feedback", "id": new_id(now - 5000, bytes(10)), "rating": "up", "sent_at": sent_at}
    response = collecting.post("/v1/events", {"events": [rating]}, BEARER)

    assert response.status == 202
    assert now <= collecting.events[0]["sent_at"] <= now + 60_000


def test_each_event_gets_its_own_verdict() -> None:
    collecting = scene()

    response = collecting.post(
        "/v1/events", {"events": [{"question": ""}, {"question": "Why?"}, [], {"type": "visit"}]}, BEARER
    )

    assert response.status == 202
    assert response.body["accepted"] == len(collecting.events) == 1
    assert [verdict.get("error", {}).get("code") for verdict in response.body["events"]] == [
        "no_question",
        None,
        "invalid_event",
        "invalid_type",
    ]


def test_a_batch_without_a_valid_event_is_a_bad_request() -> None:
    response = scene().post("/v1/events", {"events": [{"question": []}]}, BEARER)

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


@pytest.mark.parametrize("document", [{}, {"events": []}, {"events": {}}, {"events": [{"question": "Why?"}] * 101}])
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


ASKED_AT = int(time.time() * 1000) - 86_400_000


@pytest.mark.parametrize(
    ("change", "warned", "kept"),
    [
        ({"id": "7"}, "id is '7', not a UUID of version 7", None),
        ({"id": new_id(0, bytes(10))}, "id was made too long ago", None),
        ({"asked_at": -1}, "asked_at is -1", None),
        ({"asked_at": ASKED_AT + 0.25}, "asked_at is", {"asked_at": ASKED_AT}),
        ({"asked_at": ASKED_AT // 1000}, "asked_at is", {"asked_at": ASKED_AT // 1000 * 1000}),
        ({"asked_at": True}, "asked_at is True", None),
        ({"asked_at": 1764000000000.5 - 10**11}, "asked_at is no whole number", None),
        ({"asked_at": 10**15}, "asked_at is in the future", None),
        ({"outcome": "great"}, "outcome is 'great', none of answered", {"outcome": "answered"}),
        ({"outcome": []}, None, {"outcome": "answered"}),
        ({"outcome": "PARTIAL"}, "outcome is 'PARTIAL': 'partial' is taken", {"outcome": "partial"}),
        ({"answer": {"a": 1}}, "answer is an object", {"answer": None}),
        ({"answer": [{"type": "text", "text": "Because."}]}, "answer is a list", {"answer": "Because."}),
        ({"score": 1.02}, "score is 1.02", {"score": 1}),
        ({"score": 87}, "score is 87", {"score": None}),
        ({"score": -0.1}, "score is -0.1", {"score": None}),
        ({"score": "0.5"}, "score is '0.5'", {"score": 0.5}),
        ({"score": float("nan")}, "score is nan", {"score": None}),
        ({"sources": "a"}, "sources is not a list", {"sources": ["a"]}),
        ({"sources": [1, "b"]}, "sources is not a list", {"sources": ["1", "b"]}),
        ({"sources": [{"title": "faq"}, {"x": 1}]}, "1 of 2", {"sources": ["faq"]}),
        ({"latency_ms": 412.5}, "latency_ms is a number", {"latency_ms": {"total": 412.5}}),
        ({"latency_ms": {"model": 5}}, "latency_ms has no total", {"latency_ms": None}),
        ({"latency_ms": {"total": -2}}, "latency_ms.total is -2", {"latency_ms": None}),
        ({"latency_ms": {"total": 12.5, "model": -0.4}}, "latency_ms.model is -0.4", {"latency_ms": {"total": 12.5}}),
        ({"latency_ms": {"total": float("inf")}}, "latency_ms.total is inf", {"latency_ms": None}),
        ({"latency_ms": "fast"}, "latency_ms is 'fast'", {"latency_ms": None}),
        ({"model": "gpt-4o"}, "model is a name alone", {"model": {"name": "gpt-4o"}}),
        ({"model": {"input_tokens": 5}}, "model has no name", {"model": {"name": "unknown", "input_tokens": 5}}),
        (
            {"model": {"name": "m", "input_tokens": 12.0}},
            "model.input_tokens",
            {"model": {"name": "m", "input_tokens": 12}},
        ),
        ({"model": {"name": "m", "cost_usd": -1}}, "model.cost_usd is -1", {"model": {"name": "m"}}),
        ({"cache": "warm"}, "cache is 'warm'", {"cache": None}),
        ({"session": 12345}, "session is 12345", {}),
        ({"session": "s" * 65}, "session has more than 64 characters", None),
        ({"ip": 5}, "ip is 5", None),
        ({"country": "GBR"}, "country is 'GBR'", {"country": None}),
        ({"country": "gb"}, "country is 'gb': GB is taken", {"country": "GB"}),
        ({"referrer": "https://a.example/?q=" + "x" * 3000}, "referrer has more than", {"referrer": "a.example"}),
        ({"referrer": "https://" + "a" * 300}, "referrer is", {"referrer": None}),
        ({"type": "Exchange"}, None, {}),
        ({"language": 5}, "language is 5", {"language": None}),
        ({"language": "?"}, "language is '?'", {"language": None}),
        ({"tool_rounds": 2}, None, {"tool_rounds": 2}),
        ({"tool_rounds": 1.5}, "tool_rounds is 1.5", {"tool_rounds": 2}),
        ({"opt_out": "yes"}, "opt_out is 'yes'", {"question": None}),
        ({"opt_out": "no"}, "opt_out is 'no'", {"question": "Why?"}),
        ({"opt_out": 2}, "opt_out is 2", {"question": None}),
        ({"question": 5}, "question is 5", {"question": "5"}),
    ],
)
def test_a_field_that_is_off_is_named_and_the_question_kept(
    contract: Draft7Validator, change: dict[str, Any], warned: str | None, kept: dict[str, Any] | None
) -> None:
    collecting = scene()

    response = collecting.post("/v1/events", {"events": [{"question": "Why?", "answer": "Because.", **change}]}, BEARER)

    (event,), (verdict,) = collecting.events, response.body["events"]
    contract.validate({"version": 1, "events": [event]})
    assert verdict["status"] == "accepted"
    assert warned is None or any(warned in warning for warning in verdict["warnings"])
    assert warned is not None or "warnings" not in verdict
    assert {name: event.get(name) for name in kept or {}} == (kept or {})


@pytest.mark.parametrize("zone", ["Z", "+00:00", "", "+02:00"])
def test_a_time_may_be_written_as_iso_8601_has_it(zone: str) -> None:
    collecting = scene()
    moment = datetime.fromtimestamp(ASKED_AT // 1000, UTC)
    text = (moment + timedelta(hours=2) * (zone == "+02:00")).strftime("%Y-%m-%dT%H:%M:%S") + zone

    response = collecting.post("/v1/events", {"events": [{"question": "Why?", "asked_at": text}]}, BEARER)

    assert collecting.events[0]["asked_at"] == ASKED_AT // 1000 * 1000
    assert "warnings" not in response.body["events"][0]


def test_what_was_asked_before_the_time_that_is_kept_is_rejected() -> None:
    response = scene().post("/v1/events", {"events": [{"question": "Why?", "asked_at": "2020-01-01"}]}, BEARER)

    assert response.body["events"][0]["error"]["message"].startswith("it was asked more than 89 days ago")


@pytest.mark.parametrize(
    "body",
    [
        b'{"events": [{"question": "One?"}, {"question": undefined}, {"question": "Two?"}]}',
        b'{"events": [{"question": "One?"}, ' + b'{"a":' * 99 + b"1" + b"}" * 99 + b', {"question": "Two?"}]}',
        b'[{"question": "One?"}, {"question": "\\x"}, {"question": "Two?"}]',
        b'{"question": "One?"}\n{"question": \n{"question": "Two?"}',
    ],
    ids=["no JSON", "too deep", "a list", "JSON Lines"],
)
def test_an_event_that_cannot_be_read_does_not_sink_the_batch(body: bytes) -> None:
    collecting = scene()

    response = collecting.request("POST", "/v1/events", body, BEARER)

    assert [event["question"] for event in collecting.events] == ["One?", "Two?"]
    assert [verdict["status"] for verdict in response.body["events"]] == ["accepted", "rejected", "accepted"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"question": "One?"}',
        b'[{"question": "One?"}]',
        b'\xef\xbb\xbf{"events": [{"question": "One?"}]}',
        b'{"type": "exchange", "question": "One?"}',
    ],
)
def test_a_batch_is_taken_in_any_of_its_forms(body: bytes) -> None:
    collecting = scene()

    collecting.request("POST", "/v1/events", body, BEARER)

    assert [event["question"] for event in collecting.events] == ["One?"]


@pytest.mark.parametrize(
    "body", [b"", b"x", b"{", b"[", b"5", b'{"a": 1}', b'{"events": 5}', b"[" * 9999, b'{"events": [', b"\xff"]
)
def test_a_body_that_is_no_batch_is_a_bad_request(body: bytes) -> None:
    assert scene().request("POST", "/v1/events", body, BEARER).status == 400


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_of_the_token_may_have_any_case(scheme: str) -> None:
    response = scene().post("/v1/events", {"events": [FULL]}, {"authorization": f"{scheme} {TOKEN}"})

    assert response.status == 202


def test_an_exchange_that_is_handed_in_twice_has_two_numbers_and_reaches_the_queue_twice() -> None:
    collecting = scene()
    chosen = new_id(int(time.time() * 1000), bytes(10))

    for _ in range(2):
        collecting.post("/v1/events", {"events": [{"id": chosen, "question": "Why?"}]}, BEARER)

    assert [event["origin"]["sequence"] for event in collecting.events] == [1, 2]
    assert len({deduplication_id(message) for message in collecting.recorded.messages}) == 2


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
