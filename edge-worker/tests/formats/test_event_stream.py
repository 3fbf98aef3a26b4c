import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.formats.event_stream import EventStream, fields_of


def events(text: str | bytes, tail: bytes = b"", *, is_sse: bool = True) -> list[tuple[str, str]]:
    body = text.encode() if isinstance(text, str) else text
    return list(EventStream(body, tail, is_sse=is_sse).events())


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_lines_end_in_any_of_three_ways(end: str) -> None:
    assert events(f"event: a{end}data: 1{end}{end}data: 2{end}{end}") == [("a", "1"), ("message", "2")]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_no_other_character_ends_a_line(character: str) -> None:
    assert events(f"data: a{character}b\n\n") == [("message", f"a{character}b")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("data: a\ndata:  b\n\n", ["a\n b"]),
        ("data\n\n", [""]),
        ("data:a\n\n", ["a"]),
        (": comment\ndata: a\n:\n\n", ["a"]),
        ("\ufeffdata: a\n\n", ["a"]),
        ("data: a", ["a"]),
        ("data: a\n", ["a"]),
        ("\n\n\ndata: a\n\n\n\ndata: b\n\n", ["a", "b"]),
        ("id: 1\nretry: 5\n\n", []),
        ("event: ping\n\ndata: a\n\n", ["a"]),
        ("dataX: a\n\n", []),
        ("", []),
    ],
)
def test_fields_are_read_as_the_whatwg_says(text: str, found: list[str]) -> None:
    assert [data for _, data in events(text)] == found


def test_a_name_belongs_to_its_own_event_only() -> None:
    assert events("event: a\n\ndata: b\n\n") == [("message", "b")]


def test_json_lines_are_read_without_a_last_line_end() -> None:
    assert [data for _, data in events('{"a": 1}\r\n\n{"b": 2}', is_sse=False)] == ['{"a": 1}', '{"b": 2}']


def test_what_was_cut_between_beginning_and_end_is_left_out() -> None:
    assert events("data: 1\n\ndata: 2a", b"b2\n\ndata: 3\n\n") == [("message", "1"), ("message", "3")]


@given(st.lists(st.sampled_from(["data", ":", " ", "\n", "event", "x"]), max_size=12).map("".join))
def test_an_event_with_one_line_is_read_as_any_other(block: str) -> None:
    block = re.sub(r"\n+", "\n", block).strip("\n")
    name, data = fields_of(block)

    assert events(block) == ([] if data is None else [(name, data)])


@given(st.lists(st.text("ab\u2028", max_size=3), max_size=40), st.integers(0, 40))
def test_skimming_yields_what_was_not_read_and_matters(texts: list[str], read: int) -> None:
    stream = EventStream("".join(f"data: {json.dumps(text)}\n\n" for text in texts).encode(), b"", is_sse=True)
    seen = [data for _, (_, data) in zip(range(read), stream.events(), strict=False)]

    skimmed = [data for _, data in stream.skim(["b"])]

    unread = [json.dumps(text) for text in texts][len(seen) :]
    # What is within the last blocks is yielded in any case.
    matters = [text for position, text in enumerate(unread) if "b" in text or position >= len(unread) - 8]
    assert skimmed == matters


def test_skimming_a_long_stream_reads_little_of_it() -> None:
    stream = EventStream(b"data: x\n\n" * 5000 + b"data: error\n\n" + b"data: x\n\n" * 5000, b"", is_sse=True)

    assert [data for _, data in stream.skim(["error"])] == ["error"] + ["x"] * 8
