"""Parses and validates queue messages against the event contract. Free of AWS."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn, TypeAlias

import fastjsonschema

from processor.nesting import is_too_deep

SUPPORTED_VERSION = 1

Event: TypeAlias = dict[str, Any]


class InvalidMessageError(ValueError):
    """The message can never be stored. The text says why, and never quotes what the message holds."""


def parse_events(body: object) -> list[Event]:
    """Return the events of a message, properties that the contract does not know included.

    Args:
        body: The message's text. Anything else is invalid, and so is JSON that is malformed or ambiguous.

    Raises:
        InvalidMessageError: The message does not conform to the contract.
    """
    message = _parse_json(body)
    if isinstance(message, dict):
        _check_version(message.get("version", SUPPORTED_VERSION))
    try:
        _validator()(message)
    except fastjsonschema.JsonSchemaValueException as error:
        # Made of the schema's own text and of positions, as error.value is left out.
        raise InvalidMessageError(error.message.replace("data", "message", 1)) from None
    events: list[Event] = message["events"]
    return events


def _parse_json(body: object) -> Any:
    if not isinstance(body, str):
        raise InvalidMessageError("the body is not text")
    if is_too_deep(body):
        raise InvalidMessageError("the JSON is nested too deeply")
    try:
        return json.loads(body, parse_constant=_reject_constant, object_pairs_hook=_unique_names)
    except InvalidMessageError:
        raise
    except ValueError as error:
        # JSONDecodeError would quote nothing but a position; a number of thousands of digits is a plain ValueError.
        position = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidMessageError(f"not JSON{position}") from None


def _reject_constant(_name: str) -> NoReturn:
    raise InvalidMessageError("not JSON: NaN and Infinity are not numbers")


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names are unique; RFC 8259 does not define the meaning of any other."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidMessageError("an object names a property twice")
    return value


def _check_version(version: object) -> None:
    """Reject what JSON Schema's `const: 1` would accept in Python (true, 1.0), and name the version."""
    if isinstance(version, bool) or not isinstance(version, int):
        raise InvalidMessageError("message.version must be an integer")
    if version != SUPPORTED_VERSION:
        shown = str(version) if abs(version) < 10**9 else "a very large number"
        raise InvalidMessageError(f"message.version is {shown}, and only {SUPPORTED_VERSION} is supported")


@cache
def _validator() -> Callable[[object], object]:
    schema = json.loads(files("contract").joinpath("analytics-event/v1.schema.json").read_text("utf-8"))
    validator: Callable[[object], object] = fastjsonschema.compile(schema)
    return validator
