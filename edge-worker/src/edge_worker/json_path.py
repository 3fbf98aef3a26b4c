"""Finds values in JSON documents by paths such as `choices.0.message.content` or `citations.*.title`."""

from typing import Any

WHOLE = "$"


def find(document: Any, path: str) -> list[Any]:
    """Return all values at the path, in order; none where it leads nowhere.

    A step is a property's name, the index of a list's element (from its end where negative), or `*` for every element.
    `$` is the document itself.
    """
    values = [document]
    for step in path.split(".") if path != WHOLE else []:
        values = [below for value in values for below in _below(value, step)]
    return values


def _below(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return [value[step]] if step in value else []
    if isinstance(value, list):
        if step == "*":
            return value
        if step.removeprefix("-").isdecimal() and -len(value) <= int(step) < len(value):
            return [value[int(step)]]
    return []
