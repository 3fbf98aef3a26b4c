from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.json_path import find

REPLY = {"choices": [{"message": {"content": "Hi"}}, {"message": {"content": "Ho"}}], "usage": {"prompt_tokens": 7}}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("usage.prompt_tokens", [7]),
        ("choices.0.message.content", ["Hi"]),
        ("choices.-1.message.content", ["Ho"]),
        ("choices.*.message.content", ["Hi", "Ho"]),
        ("$", [REPLY]),
        ("choices.2.message", []),
        ("choices.-3.message", []),
        ("choices.first", []),
        ("usage.*", []),
        ("usage.prompt_tokens.more", []),
        ("", []),
    ],
)
def test_a_path_leads_to_its_values(path: str, values: list[Any]) -> None:
    assert find(REPLY, path) == values


json_values = st.recursive(
    st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text("ab0-"), s)
)


@given(json_values, st.lists(st.sampled_from(["a", "b", "0", "-1", "*", "--1", "-", ""])).map(".".join))
def test_any_path_into_any_document_gives_a_list(document: Any, path: Any) -> None:
    assert isinstance(find(document, path), list)
