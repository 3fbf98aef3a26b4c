"""That the fault tests themselves can fail: what they send, and how they judge what arrives."""

import json
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from tests.chaos.traffic import Expected, Traffic, traffic
from tests.chaos.verdict import judge

EVENTS = 2_000


def bodies(sent: Traffic) -> list[str]:
    return [entry["MessageBody"] for entry in sent.entries]


def table(sent: Traffic) -> list[dict[str, Any]]:
    """The items as they must be."""
    return [item(site, identifier, expected) for (site, identifier), expected in sent.items.items()]


def item(site: str, identifier: str, expected: Expected) -> dict[str, Any]:
    attributes: dict[str, Any] = {"pk": f"site#{site}#day#2026-11-22", "sk": identifier, "origins": expected.origins}
    if expected.question is not None:
        attributes |= {"asked_at": expected.asked_at, "question": expected.question}
    if expected.rating is not None:
        attributes |= {"rated_at": expected.rated_at, "rating": expected.rating}
    return {name: TypeSerializer().serialize(value) for name, value in attributes.items()}


def test_the_same_seed_sends_the_same_kinds_of_messages_and_another_does_not() -> None:
    one, again, other = traffic(EVENTS, 1), traffic(EVENTS, 1), traffic(EVENTS, 2)

    assert [len(body) for body in bodies(one)] == [len(body) for body in bodies(again)]
    assert [len(body) for body in bodies(one)] != [len(body) for body in bodies(other)]


def test_the_events_are_as_many_as_asked_for_a_tenth_sent_twice_a_hundredth_malformed() -> None:
    sent = traffic(EVENTS, 1)
    valid = [body for body in bodies(sent) if body not in sent.malformed]
    distinct = set(valid)

    assert sum(len(json.loads(body)["events"]) for body in distinct) == EVENTS
    assert len(valid) - len(distinct) == round(len(distinct) * 0.1)
    assert len(sent.malformed) == round(len(distinct) * 0.01)
    assert sum(len(expected.origins) for expected in sent.items.values()) == EVENTS


def test_what_is_where_it_must_be_is_good() -> None:
    sent = traffic(EVENTS, 1)

    verdict = judge(sent, table(sent), sorted(sent.malformed), seconds=1)

    assert verdict.is_good
    assert verdict.stored == verdict.expected == len(sent.items)


def test_an_item_that_is_not_there_is_missing_with_all_of_its_events() -> None:
    sent = traffic(EVENTS, 1)

    verdict = judge(sent, table(sent)[1:], sorted(sent.malformed), seconds=1)

    assert verdict.missing == len(next(iter(sent.items.values())).origins)
    assert not verdict.is_good


def test_an_item_that_says_something_else_is_missing() -> None:
    sent = traffic(EVENTS, 1)
    items = table(sent)
    changed = next(found for found in items if "question" in found)
    changed["question"] = {"S": "superseded"}

    verdict = judge(sent, items, sorted(sent.malformed), seconds=1)

    assert (verdict.missing, verdict.is_good) == (1, False)


def test_an_item_of_another_day_or_of_no_event_is_double() -> None:
    sent = traffic(EVENTS, 1)
    items = table(sent)
    copy = {**items[0], "pk": {"S": items[0]["pk"]["S"].replace("-22", "-23")}}
    stray = {**items[0], "sk": {"S": "stray"}}

    verdict = judge(sent, [*items, copy, stray], sorted(sent.malformed), seconds=1)

    assert (verdict.double, verdict.is_good) == (2, False)


def test_a_valid_message_among_the_dead_letters_is_wrong() -> None:
    sent = traffic(EVENTS, 1)
    valid = next(body for body in bodies(sent) if body not in sent.malformed)

    verdict = judge(sent, table(sent), [*sorted(sent.malformed), valid], seconds=1)

    assert (verdict.wrongly_dead_lettered, verdict.is_good) == (1, False)
