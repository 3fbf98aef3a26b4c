import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from edge_worker.event import (
    Exchange,
    Feedback,
    Latency,
    Model,
    Visitor,
    exchange_event,
    feedback_event,
)
from edge_worker.identifier import new_id
from edge_worker.origin import Origin
from edge_worker.queue import deduplication_id, message_body

EXAMPLES = Path(__file__).parent.parent / "contract" / "analytics-event" / "examples"
ORIGIN = Origin("k3x9q2ab", 17)

texts = st.one_of(st.none(), st.text(st.characters(codec=None)), st.text(min_size=450, max_size=700))
# The runtime's clock can go back a little while several requests run, and a request can hang.
milliseconds = st.floats(min_value=-10, max_value=10**9)
exchanges = st.builds(
    Exchange,
    id=st.builds(new_id, st.integers(0, 0xDFFF_FFFF_FFFF), st.binary(min_size=10, max_size=10)),
    site=st.just("docs.example.com"),
    asked_at=st.integers(0, 246_290_604_621_823),
    question=texts,
    outcome=st.sampled_from(["answered", "partial", "unanswered", "refused", "error", "abandoned"]),
    answer=texts,
    score=st.none() | st.floats(0, 1),
    sources=st.lists(st.text(max_size=150), max_size=15),
    latency=st.none() | st.builds(Latency, milliseconds, st.none() | milliseconds, st.none() | milliseconds),
    model=st.none()
    | st.builds(
        Model, st.just("small-1"), *[st.none() | st.integers(0, 1000)] * 2, st.none(), st.none() | st.integers(0, 9)
    ),
    tool_rounds=st.integers(0, 10**6),
    session=st.none() | st.text("abc", min_size=1, max_size=64),
    visitor=st.just(Visitor)
    | st.builds(Visitor, st.just("9f86d081884c7d65"), st.just("GB"), opted_out=st.booleans()).map(
        lambda visitor: lambda: visitor
    ),
    sample_rate=st.floats(0.0001, 1),
)
origins = st.builds(Origin, st.just("k3x9q2ab"), st.integers(1, 10**6), st.integers(0, 10**6))


@given(exchanges, origins)
def test_every_exchange_makes_an_event_of_the_contract(contract: Draft7Validator, exchange: Any, origin: Any) -> None:
    body = message_body([exchange_event(exchange, origin)])

    contract.validate(json.loads(body))


@given(exchanges)
def test_an_event_is_far_below_one_billed_request(exchange: Any) -> None:
    # A hundred of the largest do not fit one message; the collector splits them. A single one always fits.
    assert len(message_body([exchange_event(exchange, ORIGIN)])) < 20_000


@given(exchanges)
def test_a_message_is_ascii_so_that_characters_are_bytes(exchange: Any) -> None:
    assert message_body([exchange_event(exchange, ORIGIN)]).isascii()


def exchange(**known: Any) -> Exchange:
    return Exchange(id="019aa6c5-1c00-7abc-8def-0123456789ab", site="docs.example.com", asked_at=1763734526976, **known)


def test_what_is_known_of_an_exchange_is_in_its_event() -> None:
    example = json.loads((EXAMPLES / "valid" / "exchange-full.json").read_text(encoding="utf-8"))["events"][0]

    event = exchange_event(
        exchange(
            question=example["question"],
            outcome="answered",
            answer=example["answer"],
            score=0.87,
            sources=["accounts/reset-password"],
            latency=Latency(412.5, 38, 361.2),
            model=Model("small-1", 812, 64, 0.00042, cached_tokens=512, reasoning_tokens=24),
            tool_rounds=2,
            cache="miss",
            session="f3b1c2d4",
            visitor=lambda: Visitor("9f86d081884c7d65", "GB", "en-GB", "www.example.com", example["user_agent"]),
        ),
        ORIGIN,
    )

    assert event == example


def test_an_opted_out_visitor_is_counted_without_a_word() -> None:
    example = json.loads((EXAMPLES / "valid" / "exchange-not-recorded.json").read_text(encoding="utf-8"))["events"][0]

    event = exchange_event(
        exchange(
            question="How do I reset my password?",
            outcome="answered",
            answer="Choose ...",
            score=0.87,
            sources=["accounts/reset-password"],
            latency=Latency(412.5, 38, 361.2),
            model=Model("small-1", 812, 64, 0.00042),
            cache="miss",
            session="f3b1c2d4",
            visitor=lambda: Visitor("9f86d081884c7d65", "GB", "en-GB", "www.example.com", "Firefox", opted_out=True),
        ),
        ORIGIN,
    )

    assert event == example


def test_an_exchange_is_an_error_until_something_better_is_known() -> None:
    assert exchange_event(exchange(), ORIGIN)["outcome"] == "error"


def test_a_rating_makes_an_event_of_the_contract(contract: Draft7Validator) -> None:
    rating = Feedback("019aa6c5-1c00-7abc-8def-0123456789ab", "docs.example.com", "down", 1763734535976, "No " * 200)

    event = feedback_event(rating, Origin("k3x9q2ab", 18, 2))

    contract.validate(json.loads(message_body([event])))
    assert (event["rating"], event["origin"]["lost_before"], len(event["comment"])) == ("down", 2, 300)


@pytest.mark.parametrize("path", sorted((EXAMPLES / "valid").glob("*.json")), ids=lambda path: path.stem)
def test_valid_examples_are_valid(contract: Draft7Validator, path: Any) -> None:
    contract.validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", sorted((EXAMPLES / "invalid").glob("*.json")), ids=lambda path: path.stem)
def test_invalid_examples_are_invalid(contract: Draft7Validator, path: Any) -> None:
    assert not contract.is_valid(json.loads(path.read_text(encoding="utf-8")))


def numbered(name: str, sequence: int) -> dict[str, Any]:
    return {"id": name, "type": "exchange", "origin": {"isolate": "k3x9q2ab", "sequence": sequence}}


def test_an_event_that_is_sent_again_is_dropped_but_an_exchange_that_is_handed_in_again_is_not() -> None:
    assert deduplication_id([numbered("a", 1)]) == deduplication_id([numbered("a", 1)])
    assert deduplication_id([numbered("a", 1)]) != deduplication_id([numbered("a", 2)])


def test_a_batch_is_not_dropped_because_its_first_event_was_sent_before() -> None:
    first, second, third = (numbered(name, sequence) for sequence, name in enumerate("abc", 1))

    made = {deduplication_id(events) for events in ([first], [first, second], [first, third], [first, second, third])}

    assert len(made) == 4
    assert all(len(value) <= 128 for value in made)


@pytest.mark.parametrize("part", ["question", "answer"])
def test_personal_data_is_cut_out_before_the_text_is_cut_short(part: str) -> None:
    event = exchange_event(exchange(**{part: "x" * (len("[email]") + 270) + " ann.of.a.long.name@example.com"}), ORIGIN)

    assert "ann" not in event[part]


def test_personal_data_is_cut_out_of_comments() -> None:
    rating = Feedback("019aa6c5-1c00-7abc-8def-0123456789ab", "docs.example.com", "up", 0, "Call 020 7946 0958")

    assert feedback_event(rating, ORIGIN)["comment"] == "Call [phone]"
