"""What a message may be, and how it is refused."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import CONTRACT, body, exchange, feedback
from processor.message import InvalidMessageError, parse_events
from strategies import events, json_values, texts

SCHEMA = json.loads((CONTRACT / "analytics-event/v1.schema.json").read_text("utf-8"))
ORACLE = jsonschema.Draft7Validator(SCHEMA)


def reason(text: object) -> str:
    with pytest.raises(InvalidMessageError) as caught:
        parse_events(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "the body is not text"),
        (b"{}", "the body is not text"),
        ("", "not JSON at character 0"),
        ("{", "not JSON at character 1"),
        ("\ufeff{}", "not JSON at character 0"),
        ("[" * 100_000, "the JSON is nested too deeply"),
        ('{"version": 1, "events": ' + "[" * 64 + "]" * 64 + "}", "the JSON is nested too deeply"),
        ('{"version": 1, "events": [' + "[" * 100_000, "the JSON is nested too deeply"),
        ('{"version": ' + "1" * 5000 + "}", "not JSON"),
        ('{"version": NaN}', "not JSON: NaN and Infinity are not numbers"),
        ('{"version": -Infinity}', "not JSON: NaN and Infinity are not numbers"),
        ('{"version": 1, "version": 1}', "an object names a property twice"),
        ('{"version": true, "events": []}', "message.version must be an integer"),
        ('{"version": 1.0, "events": []}', "message.version must be an integer"),
        ('{"version": 2, "events": []}', "message.version is 2, and only 1 is supported"),
        (
            '{"version": 99999999999999, "events": []}',
            "message.version is a very large number, and only 1 is supported",
        ),
        ("null", "message must be object"),
        ('{"version": 1, "events": []}', "message.events must contain at least 1 items"),
    ],
)
def test_a_message_that_is_no_message_is_rejected_with_its_reason(text: object, expected: str) -> None:
    assert reason(text) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"score": 10**400}, "message.events[0].score must be smaller than or equal to 1"),
        ({"asked_at": -1}, "message.events[0].asked_at must be bigger than or equal to 0"),
        ({"asked_at": True}, "message.events[0].asked_at must be integer"),
        ({"id": exchange()["id"] + "\n"}, "message.events[0].id must match pattern "),
        ({"id": exchange()["id"].upper()}, "message.events[0].id must match pattern "),
        ({"site": "a#day#2026-11-22"}, "message.events[0].site must match pattern "),
        ({"origin": None}, "message.events[0].origin must be object"),
    ],
)
def test_an_event_against_the_contract_is_rejected_with_its_place(changes: dict[str, Any], expected: str) -> None:
    assert reason(body(exchange(**changes))).startswith(expected)


def test_a_number_too_great_for_a_float_is_rejected() -> None:
    text = body(exchange(score=0)).replace('"score": 0', '"score": 1e999')

    assert reason(text) == "message.events[0].score must be smaller than or equal to 1"


def test_a_message_of_more_than_64_kilobytes_is_accepted() -> None:
    text = body(*[exchange(unknown="x" * 10_000)] * 20)

    assert len(text) > 3 * 65_536
    assert len(parse_events(text)) == 20


def test_nesting_in_a_property_that_nobody_knows_is_accepted() -> None:
    nested: Any = []
    for _ in range(50):
        nested = [nested]

    assert len(parse_events(body(exchange(unknown=nested), feedback()))) == 2


@given(st.text())
def test_any_text_is_either_understood_or_refused(text: str) -> None:
    try:
        parse_events(text)
    except InvalidMessageError:
        return
    assert ORACLE.is_valid(json.loads(text))


@given(st.lists(events, min_size=1, max_size=3), st.data())
def test_a_message_is_accepted_exactly_if_another_validator_of_the_same_schema_accepts_it(
    drawn: list[dict[str, Any]], data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(drawn))
    place[data.draw(st.sampled_from([*place, "user_agent", "visitor", "language"]))] = data.draw(json_values)
    try:
        text = json.dumps({"version": 1, "events": drawn}, allow_nan=False)
    except ValueError:
        return

    try:
        parse_events(text)
        accepted = True
    except InvalidMessageError:
        accepted = False

    assert accepted == ORACLE.is_valid(json.loads(text))


@given(texts.filter(len), st.sampled_from(["id", "site", "outcome", "country", "cache", "visitor", "score"]))
def test_a_reason_never_quotes_the_message(text: str, name: str) -> None:
    secret = f"SECRET-{text}-SECRET"

    assert "SECRET" not in reason(body(exchange(**{name: secret})))
    assert "SECRET" not in reason(body(exchange(**{name: {secret: secret}})))
    assert "SECRET" not in reason(f"{secret}{body(exchange())}")
