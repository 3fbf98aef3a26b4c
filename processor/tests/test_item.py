"""What is kept of events, and that merging knows no order."""

import json
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import CONTRACT, exchange, feedback, merged
from processor.item import DECISION_ATTRIBUTES, EXCHANGE_ATTRIBUTES, FEEDBACK_ATTRIBUTES, Item, Key, item_from_event
from strategies import events


def item(event: dict[str, Any]) -> Item:
    return item_from_event(event, lambda user_agent: {"device": "desktop"} if user_agent else {})


@st.composite
def items_of_one_key(draw: st.DrawFn) -> Item:
    return item(draw(events) | {"id": exchange()["id"], "site": "docs.example.com"})


@given(items_of_one_key(), items_of_one_key())
def test_merging_knows_no_order(one: Item, other: Item) -> None:
    assert one.merge(other) == other.merge(one)


@given(items_of_one_key(), items_of_one_key(), items_of_one_key())
def test_merging_knows_no_grouping(one: Item, two: Item, three: Item) -> None:
    assert one.merge(two).merge(three) == one.merge(two.merge(three))


@given(items_of_one_key(), items_of_one_key())
def test_merging_again_changes_nothing(one: Item, other: Item) -> None:
    both = one.merge(other)

    assert both.merge(one) == both.merge(other) == both.merge(both) == both


@given(items_of_one_key(), items_of_one_key())
def test_an_item_is_the_merge_of_its_parts(one: Item, other: Item) -> None:
    both = one.merge(other)

    (merged_again,) = merged(both.split_parts()).values()

    assert merged_again == both


def test_a_later_rating_replaces_an_earlier_one_whatever_comes_first() -> None:
    ratings = [feedback(sent_at=1, rating="up"), feedback(sent_at=2, rating="down"), feedback(sent_at=3, rating="up")]

    for order in permutations(ratings):
        (stored,) = merged(map(item, order)).values()
        assert stored.feedback is not None
        assert stored.feedback.attributes["rated_at"] == 3


@pytest.mark.parametrize("waiting", [0, 12, 2**53 - 1])
def test_what_waits_in_the_outbox_is_stored_with_the_exchange_that_tells(waiting: int) -> None:
    origin = exchange()["origin"] | {"waiting": waiting}

    stored = item(exchange(origin=origin))

    assert stored.exchange is not None
    assert stored.exchange.attributes["waiting"] == waiting
    assert stored.origins == item(exchange()).origins


def test_only_the_origin_tells_what_waits() -> None:
    stored = item(exchange(waiting=7))

    assert stored.exchange is not None
    assert "waiting" not in stored.exchange.attributes


def test_exchanges_of_one_id_on_two_sites_are_two_items() -> None:
    found = merged([item(exchange(site="one.example.com")), item(exchange(site="two.example.com"))])

    assert sorted(key.partition for key in found) == [
        "site#one.example.com#day#2025-11-21",
        "site#two.example.com#day#2025-11-21",
    ]


@pytest.mark.parametrize(
    ("identifier", "partition", "expires_at"),
    [
        ("00000000-0000-7000-8000-000000000000", "site#a#day#1970-01-01", 90 * 86_400),
        # 2026-11-22T23:59:59.999Z and the millisecond after it
        ("01a205b3-cfff-7000-8000-000000000000", "site#a#day#2026-11-22", 1_803_167_999),
        ("01a205b3-d000-7000-8000-000000000000", "site#a#day#2026-11-23", 1_803_168_000),
        ("dfffffff-ffff-7fff-bfff-ffffffffffff", "site#a#day#9774-08-21", 246_298_380_621),
    ],
)
def test_day_and_expiry_come_from_the_id_alone(identifier: str, partition: str, expires_at: int) -> None:
    key = Key("a", identifier)

    assert (key.partition, key.expires_at) == (partition, expires_at)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (0.1, Decimal("0.1")),
        (1.0, 1),
        (5e-324, 0),
        (1e-9, Decimal("1E-9")),
        (-0.0, 0),
        (0.123456789123, Decimal("0.123456789")),
    ],
)
def test_a_number_is_kept_as_dynamodb_can_hold_it(sent: float, kept: Decimal | int) -> None:
    part = item(exchange(score=sent)).exchange

    assert part is not None
    assert part.attributes["score"] == kept
    assert isinstance(part.attributes["score"], type(kept))


def test_half_a_surrogate_pair_is_kept_as_the_replacement_character() -> None:
    part = item(exchange(question="cut \ud83d", sources=["\udc00", "😀"])).exchange

    assert part is not None
    assert part.attributes["question"] == "cut \ufffd"
    assert part.attributes["sources"] == ["\ufffd", "😀"]


@given(events)
def test_neither_the_user_agent_nor_anything_unknown_is_kept(event: dict[str, Any]) -> None:
    found = item({**event, "user_agent": "AGENT", "unknown": "UNKNOWN"})

    kept = {
        **(found.exchange.attributes if found.exchange else {}),
        **(found.feedback.attributes if found.feedback else {}),
    }
    assert set(kept) <= {*EXCHANGE_ATTRIBUTES, *FEEDBACK_ATTRIBUTES}
    assert "AGENT" not in str(found)
    assert "UNKNOWN" not in str(found)


def test_the_attributes_are_those_of_the_stored_items_contract() -> None:
    schema = json.loads((CONTRACT / "stored-item/v1.schema.json").read_text("utf-8"))

    orders = {f"{part}_order" for part in ("exchange", "feedback", "decision")}
    described = set(schema["properties"]) - {"pk", "sk", "expires_at", "origins"} - orders

    assert described == {*EXCHANGE_ATTRIBUTES, *FEEDBACK_ATTRIBUTES, *DECISION_ATTRIBUTES}


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ({"isolate": "abcd", "sequence": 7}, "abcd/7"),
        ({"isolate": "abcd", "sequence": 7, "lost_before": 0}, "abcd/7"),
        ({"isolate": "abcd", "sequence": 7, "lost_before": 3}, "abcd/7/3"),
    ],
)
def test_an_origin_says_what_was_lost_before_it(origin: dict[str, Any], name: str) -> None:
    assert item(exchange(origin=origin)).origins == {name}
