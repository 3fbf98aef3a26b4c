import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.validation import Query, parse_query
from edge_worker.web import HttpError


def refusal(body: bytes) -> str:
    with pytest.raises(HttpError) as caught:
        parse_query(body, 2000)
    assert caught.value.status == 400
    return caught.value.code


def test_a_question_with_a_session_is_read() -> None:
    assert parse_query(b'{"question": " Why? ", "session": "abc", "more": 1}', 2000) == Query("Why?", "abc")


def test_the_session_may_be_missing() -> None:
    assert parse_query(b'{"question": "Why?"}', 2000) == Query("Why?", None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"Why?", "invalid_json"),
        (b'"Why?"', "invalid_json"),
        (b"[" * 60_000, "invalid_json"),
        (b'{"question": NaN}', "invalid_question"),
        (b'{"question": "\xff"}', "invalid_encoding"),
        (b"{}", "no_question"),
        (b'{"question": null}', "no_question"),
        (b'{"question": " \\n"}', "no_question"),
        (b'{"question": "\\u0000"}', "no_question"),
        (b'{"question": 5}', "invalid_question"),
        (b'{"question": ["Why?"]}', "invalid_question"),
        (b'{"question": "Why?", "session": 5}', "invalid_session"),
        (json.dumps({"question": "Why?", "session": "x" * 65}).encode(), "invalid_session"),
        (json.dumps({"question": "x" * 2001}).encode(), "question_too_long"),
    ],
)
def test_another_body_is_refused_with_a_code(body: bytes, code: str) -> None:
    assert refusal(body) == code


def test_the_longest_question_is_taken() -> None:
    assert parse_query(json.dumps({"question": "x" * 2000}).encode(), 2000).question == "x" * 2000


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
)


@given(
    st.binary()
    | st.builds(lambda v: json.dumps(v).encode(), json_values | st.fixed_dictionaries({"question": json_values}))
)
def test_a_body_is_read_or_refused_and_nothing_else(body: Any) -> None:
    query, status = None, None
    try:
        query = parse_query(body, 2000)
    except HttpError as error:
        status = error.status

    assert status == 400 or (query and query.question)
