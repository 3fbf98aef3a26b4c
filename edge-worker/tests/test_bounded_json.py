import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.bounded_json import MAX_DEPTH, parse_json

values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.text("[]{}\\\"',:"),
    lambda below: st.lists(below) | st.dictionaries(st.text('[]{}\\"x'), below),
    max_leaves=200,
)


@given(values, st.booleans())
def test_what_is_not_too_deep_is_read_as_it_is(value: Any, is_ascii: Any) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)

    assert parse_json(text) == parse_json(text.encode("utf-8", "surrogatepass") if is_ascii else text) == value


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"[":', "}]")])
def test_a_document_as_deep_as_allowed_is_read_and_a_deeper_one_refused(opening: str, closing: str) -> None:
    levels = MAX_DEPTH // (opening.count("[", 0, 1) + opening.count("{"))

    assert parse_json(opening * levels + "1" + closing * levels)
    with pytest.raises(ValueError, match="nested deeper than 64"):
        parse_json(opening * (levels + 1) + "1" + closing * (levels + 1))


@given(st.text('[]{}\\"a', max_size=400))
def test_brackets_in_texts_are_not_levels(text: Any) -> None:
    document = [text] * 100

    assert parse_json(json.dumps(document)) == document


def test_many_shallow_arrays_are_not_deep() -> None:
    assert len(parse_json("[" + "[[{}]]," * 10_000 + "[]]")) == 10_001


@pytest.mark.parametrize(
    "content",
    [
        "[" * 1_000_000,
        '{"a":' * 200_000,
        "[" * 500_000 + "]" * 500_000,
        "]" * 100_000 + "[" * 100_000,
        '"' + '\\"' * 500_000,
        "[[" * 65 + '"' + "\\" * 500_001,
        "[{" * 1000,
        "[}" * 1000,
        "9" * 60_000,
        "",
        '"',
        b"\xff",
    ],
    ids=lambda content: str(content[:8]),
)
def test_whatever_is_no_document_is_refused_at_once(content: str | bytes) -> None:
    begun = time.process_time()

    with pytest.raises(ValueError):  # noqa: PT011 - the texts differ
        parse_json(content)

    # Backtracking would take minutes.
    assert time.process_time() - begun < 10


def test_the_largest_body_of_nothing_but_brackets_takes_little_longer_than_its_parsing() -> None:
    body = f"[{('[' * 60 + ']' * 60 + ',') * 8_700}0]"

    def quickest(parse: Callable[[str], Any]) -> float:
        def seconds() -> float:
            begun = time.process_time()
            parse(body)
            return time.process_time() - begun

        return min(seconds() for _ in range(2))

    assert quickest(parse_json) < 10 * quickest(json.loads)


def test_text_that_is_not_utf_8_is_told_apart() -> None:
    with pytest.raises(UnicodeDecodeError):
        parse_json(b'{"a": "\xff"}')
