"""PROXY_MAPPING: the configuration that says where a chatbot of its own kind has what."""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from edge_worker.bounded_json import parse_json
from edge_worker.formats.conversation import as_session, cookie_of
from edge_worker.formats.paths import Path
from edge_worker.formats.text_parts import text_of

_EXAMPLE = '{"question": "messages[role=user].-1.content", "answer": "choices.0.message.content"}'
_PLACES = ("header", "cookie")
_PATTERNS = ("record", "ignore")
# What says only which requests are recorded, and of which session: it goes with a format that is known.
_BESIDE_A_FORMAT = {"session", *_PATTERNS}

Paths = tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """A header or a cookie that has the session."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class ExchangeMapping:
    """Paths into the request for `question` and `session`, into the reply for most others; the first that matches.

    Attributes:
        answer_delta: Where a document of a streamed reply has the next piece of the answer.
        refusal: Whatever is there says that the question was refused; so for `error` and `tool_calls`.
        record: Patterns of URL paths (`/v1/chat*`) of which one must match; none for all.
        ignore: Patterns of URL paths to leave alone.
    """

    question: Paths = ()
    session: tuple[Path | SessionPlace, ...] = ()
    answer: Paths = ()
    answer_delta: Paths = ()
    outcome: Paths = ()
    refusal: Paths = ()
    error: Paths = ()
    tool_calls: Paths = ()
    score: Paths = ()
    sources: Paths = ()
    model: Paths = ()
    input_tokens: Paths = ()
    output_tokens: Paths = ()
    cached_tokens: Paths = ()
    reasoning_tokens: Paths = ()
    cost_usd: Paths = ()
    record: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "ExchangeMapping":
        """Read a JSON object.

        Raises:
            ValueError: it is none, or a field is wrong; the message says what to write instead.
        """
        try:
            document = parse_json(text)
        except json.JSONDecodeError as error:
            raise ValueError(
                f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}; write {_EXAMPLE}"
            ) from None
        if not isinstance(document, dict):
            raise ValueError(  # noqa: TRY004 - the text is wrong, not a type in the program
                f"not a JSON object of paths: write {_EXAMPLE}"
            )
        _check_names(document, [field.name for field in fields(cls)])
        return cls(**{name: _field(name, value) for name, value in document.items()})

    @property
    def reads_exchanges(self) -> bool:
        """Whether it reads question and answer itself, and takes no known format's reader."""
        return bool(self.question)

    def takes(self, path: str) -> bool:
        """Tell whether requests of this URL path are to be recorded."""
        is_recorded = not self.record or any(fnmatchcase(path, pattern) for pattern in self.record)
        return is_recorded and not any(fnmatchcase(path, pattern) for pattern in self.ignore)

    def session_of(self, document: Any, headers: Mapping[str, str]) -> str | None:
        """Take the session from the first place that has one."""
        for place in self.session:
            found: Iterable[Any]
            if isinstance(place, Path):
                found = place.find(document)
            else:
                found = [headers.get(place.name.lower()) if place.kind == "header" else cookie_of(headers, place.name)]
            for value in found:
                if session := as_session(value):
                    return session
        return None

    def needles(self) -> tuple[str, ...]:
        """Collect the texts by which documents in the middle of a long stream are found that hold a mapped field."""
        ignored = ("question", "session", "answer_delta", *_PATTERNS)
        names = (field.name for field in fields(self) if field.name not in ignored)
        return tuple({needle for name in names for path in getattr(self, name) if (needle := path.needle)})


def first_match(paths: Paths, document: Any, event: str = "") -> list[Any]:
    """Return what the first path finds that finds anything but null."""
    for path in paths:
        if found := [value for value in path.find(document, event) if value is not None]:
            return found
    return []


def first_text(paths: Paths, document: Any, event: str = "") -> str:
    """Return the text of the first path that leads to one, its parts put together."""
    for path in paths:
        if text := "".join(text_of(value) for value in path.find(document, event)):
            return text
    return ""


def _check_names(document: dict[str, Any], known: list[str]) -> None:
    for name in document.keys() - set(known):
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(known)}"
        raise ValueError(f"there is no field {name!r}: {hint}")
    needs_question = document.keys() - _BESIDE_A_FORMAT
    if needs_question and not document.get("question"):
        raise ValueError(
            f"question is missing beside {', '.join(sorted(needs_question))}: write where a request has it, such as "
            '"question": "messages[role=user].-1.content"'
        )


def _field(name: str, value: Any) -> tuple[Any, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise ValueError(
            f'{name} is neither a path nor a list of paths: write "{name}": "reply.text" or a list of such'
        )
    values = [each for each in values if each.strip() or len(values) > 1]
    try:
        return (
            tuple(_place(each) if name == "session" else each for each in values)
            if name
            in (
                "session",
                *_PATTERNS,
            )
            else tuple(Path.parse(each) for each in values)
        )
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _place(text: str) -> Path | SessionPlace:
    kind, _, name = text.partition(":")
    if kind.strip().lower() in _PLACES and name.strip():
        return SessionPlace(kind.strip().lower(), name.strip())
    return Path.parse(text)
