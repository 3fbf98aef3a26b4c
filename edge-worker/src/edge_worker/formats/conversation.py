"""Finds the last question of a person in a conversation, and counts the rounds of tool calls since."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any

LOOP_ROUNDS = 5
"""From how many rounds of tool calls on a conversation is followed in case no answer ever comes."""
_SESSION_LENGTH = 512


class Speaker(Enum):
    """Who speaks in a turn."""

    PERSON = auto()
    ASSISTANT = auto()
    TOOL_CALLS = auto()
    TOOL_RESULTS = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, or one item of it."""

    speaker: Speaker
    text: str = ""
    has_other_parts: bool = False


@dataclass(frozen=True, slots=True)
class LastQuestion:
    """The last words of a person; none where their last message had none."""

    text: str | None
    tool_rounds: int = 0
    loop: bytes | None = None


def last_question(messages: Sequence[Any], turn_of: Callable[[Any], Turn]) -> LastQuestion:
    """Walk back to the last message of a person that has words.

    Tool calls that stand together are one round. An image alone is a question without words, unless the person wrote
    something beside it that has not been answered.
    """
    rounds, is_in_round, is_unanswered = 0, False, False
    loop_end = len(messages)
    for position in range(len(messages) - 1, -1, -1):
        turn = turn_of(messages[position])
        if turn.speaker is Speaker.PERSON:
            if words := turn.text.strip():
                return LastQuestion(words, rounds, _loop(messages, turn_of, position, rounds))
            is_unanswered = is_unanswered or turn.has_other_parts
        elif turn.speaker is Speaker.TOOL_CALLS:
            rounds += not is_in_round
        elif turn.speaker is Speaker.ASSISTANT and is_unanswered:
            break
        is_in_round = turn.speaker is Speaker.TOOL_CALLS
        loop_end = position
    return LastQuestion(None, rounds if loop_end < len(messages) and not is_unanswered else 0)


def _loop(messages: Sequence[Any], turn_of: Callable[[Any], Turn], asked: int, rounds: int) -> bytes | None:
    """Name the conversation from the question to the tool round from which on it is followed.

    Every later request of the same loop repeats these messages, and gets the same name.
    """
    if rounds < LOOP_ROUNDS:
        return None
    seen, is_in_round = 0, False
    for position in range(asked, len(messages)):
        is_call = turn_of(messages[position]).speaker is Speaker.TOOL_CALLS
        seen += is_call and not is_in_round
        is_in_round = is_call
        if seen == LOOP_ROUNDS:
            text = json.dumps(messages[asked : position + 1], sort_keys=True)
            return hashlib.sha256(text.encode()).digest()
    return None


def session_of(document: Mapping[str, Any], headers: Mapping[str, str], paths: Iterable[str]) -> str | None:
    """Take the session from the first of the places that has one: `a.b` in the body, `header:x`, `cookie:x`."""
    for path in paths:
        place, name, first, others = _place(path)
        if place == "header":
            value: Any = headers.get(name)
        elif place == "cookie":
            value = cookie_of(headers, name)
        else:
            value = document.get(first)
            for step in others:
                value = value.get(step) if isinstance(value, dict) else None
        if value is not None and (session := as_session(value)):
            return session
    return None


@cache
def _place(path: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Take a path apart: header or cookie and its name, or the steps into the body. The settings name all there are."""
    place, _, name = path.partition(":")
    if name and place in ("header", "cookie"):
        return place, name.lower() if place == "header" else name, "", ()
    first, *others = path.split(".")
    return "", "", first, tuple(others)


def as_session(value: Any) -> str | None:
    """Turn a value into a session's name: a text or a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return value.strip()[:_SESSION_LENGTH] or None if isinstance(value, str) else None


def cookie_of(headers: Mapping[str, str], name: str) -> str | None:
    """Take a cookie's value from the request's headers."""
    for pair in headers.get("cookie", "").split(";"):
        key, _, value = pair.partition("=")
        if key.strip() == name:
            return value.strip().strip('"') or None
    return None
