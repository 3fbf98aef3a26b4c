"""Finds values in JSON documents by paths such as `messages[role=user].-1.content`.

A path is a list of steps: a property's name, the index of a list's element (from its end where negative), `*` for every
element, `[name=value]` or `[name!=value]` for the elements of a list whose property is (not) that, or for the document
itself. `[@event=name]` compares the name of a server-sent event. `$` is the document itself.
"""

import re
from dataclasses import dataclass
from typing import Any

WHOLE = "$"
_STEP = re.compile(r"\.?(?:\[([^\[\]]*)\]|([^.\[\]]+))")
_FILTER = re.compile(r"\s*([\w@-]+)\s*(!?=)=?\s*(.*?)\s*")
_INDEX = re.compile(r"-?[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class _Filter:
    name: str
    value: str
    is_equal: bool

    def keeps(self, element: Any, event: str) -> bool:
        found = event if self.name == "@event" else element.get(self.name) if isinstance(element, dict) else None
        is_same = found is not None and (found if isinstance(found, str) else str(found).lower()) == self.value
        return is_same == self.is_equal


class _Kept(list[Any]):
    """What a filter kept of a list. A property's name is looked up in each."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path, taken apart."""

    text: str
    steps: tuple[str | _Filter, ...]

    @classmethod
    def parse(cls, text: str) -> "Path":
        """Take a path apart.

        Raises:
            ValueError: it is none; the message says what to write instead.
        """
        steps: list[str | _Filter] = []
        rest = text.strip().removeprefix(WHOLE)
        position = 0
        while position < len(rest):
            match = _STEP.match(rest, position)
            if not match:
                raise ValueError(f"{text!r} is no path: write steps such as choices.0.message.content")
            position = match.end()
            steps.append(match[2] if match[1] is None else _bracket(match[1], text))
        if not text.strip():
            raise ValueError("an empty path: leave the field out, or write steps such as choices.0.message.content")
        return cls(text, tuple(steps))

    def find(self, document: Any, event: str = "") -> list[Any]:
        """Return all values at the path, in order; none where it leads nowhere."""
        values = [document]
        for step in self.steps:
            values = [below for value in values for below in _below(value, step, event)]
        return values

    @property
    def needle(self) -> str | None:
        """A text that a document must hold for the path to lead anywhere in it."""
        names = [step for step in self.steps if isinstance(step, str) and step != "*" and not _INDEX.fullmatch(step)]
        return f'"{names[-1]}"' if names else None


def _bracket(inside: str, path: str) -> str | _Filter:
    inside = inside.strip()
    if inside == "*" or _INDEX.fullmatch(inside):
        return inside
    if len(inside) > 1 and inside[0] in "'\"" and inside[-1] == inside[0]:
        return inside[1:-1]
    if inside.startswith("?"):
        raise ValueError(f"{path!r} has a JSONPath filter: write [role=user] instead")
    match = _FILTER.fullmatch(inside)
    if not match:
        raise ValueError(f"{path!r} has [{inside}], which is neither an index nor a filter such as [role=user]")
    return _Filter(match[1], match[3].strip("'\""), match[2] == "=")


def _below(value: Any, step: str | _Filter, event: str) -> list[Any]:
    if isinstance(step, _Filter):
        if isinstance(value, list):
            kept = _Kept(element for element in value if step.keeps(element, event))
            return [kept] if kept else []
        return [value] if step.keeps(value, event) else []
    if isinstance(value, dict):
        return [value[step]] if step in value else []
    return _in_list(value, step) if isinstance(value, list) else []


def _in_list(elements: list[Any], step: str) -> list[Any]:
    if step == "*":
        return list(elements)
    if _INDEX.fullmatch(step):
        return [elements[int(step)]] if -len(elements) <= int(step) < len(elements) else []
    if isinstance(elements, _Kept):
        return [element[step] for element in elements if isinstance(element, dict) and step in element]
    return []
