"""What is read of files, queues and replies is measured before a parser sees it."""

from pathlib import Path

import pytest

from operate.history.rows import read_rows
from operate.nesting import MAX_DEPTH, parse_json

DEEP = '{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1)


def test_a_row_that_is_nested_too_deeply_is_left_out_and_the_others_are_read(tmp_path: Path) -> None:
    lines, cells = tmp_path / "rows.jsonl", tmp_path / "rows.csv"
    lines.write_text(f'{{"question": "first"}}\n{DEEP}\n{"[" * 100_000}\n{{"question": "[[[{{"}}\n', encoding="utf-8")
    cells.write_text(f"question,messages\nfirst,{'[' * 100_000}\n", encoding="utf-8")

    assert list(read_rows(lines, is_csv=False)) == [{"question": "first"}, None, None, {"question": "[[[{"}]
    assert list(read_rows(cells, is_csv=True)) == [{"question": "first", "messages": "[" * 100_000}]


@pytest.mark.parametrize(
    "text", [DEEP, "[" * 100_000, "[]" * 70 + "[" * 65, "1" * 5_000], ids=["deep", "open", "row", "digits"]
)
def test_no_parser_sees_what_it_cannot_take(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested|Extra data|digits"):
        parse_json(text)


def test_what_is_as_deep_as_allowed_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH

    assert parse_json(f'{{"a": "{"[" * 200}", "b": [{", ".join(["[]"] * 200)}]}}')["a"] == "[" * 200
    assert parse_json(text)
