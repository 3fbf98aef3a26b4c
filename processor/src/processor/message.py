"""What a queue message says: from its text to events that keep the contract. Knows nothing of AWS."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn, TypeAlias

import fastjsonschema

SUPPORTED_VERSION = 1

Event: TypeAlias = dict[str, Any]


class InvalidMessageError(ValueError):
    """The message can never be stored. The text says why, and never quotes what the message holds."""


def events_in(body: object) -> list[Event]:
    """The events of a message, as the contract describes them, properties it does not know included.

    Args:
        body: The message's text. Anything else is invalid, and so is text that means nothing or more than one thing.

    Raises:
        InvalidMessageError: The message does not keep the contract.
    """
    message = _decoded(body)
    if isinstance(message, dict):
        _check_version(message.get("version", SUPPORTED_VERSION))
    try:
        _validator()(message)
    except fastjsonschema.JsonSchemaValueException as error:
        # Made of the schema's own text and of positions, as error.value is left out.
        raise InvalidMessageError(error.message.replace("data", "message", 1)) from None
    events: list[Event] = message["events"]
    return events


def _decoded(body: object) -> Any:
    if not isinstance(body, str):
        raise InvalidMessageError("the body is not text")
    try:
        return json.loads(body, parse_constant=_refuse_constant, object_pairs_hook=_unambiguous)
    except InvalidMessageError:
        raise
    except RecursionError:
        raise InvalidMessageError("the JSON is nested too deeply") from None
    except ValueError as error:
        # JSONDecodeError would quote nothing but a position; a number of thousands of digits is a plain ValueError.
        position = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidMessageError(f"not JSON{position}") from None


def _refuse_constant(_name: str) -> NoReturn:
    raise InvalidMessageError("not JSON: NaN and Infinity are no numbers")


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are unique; RFC 8259 leaves open what any other means."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidMessageError("an object names a property twice")
    return value


def _check_version(version: object) -> None:
    """Refuses what JSON Schema's `const: 1` would accept in Python (true, 1.0), and says which version it was."""
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
