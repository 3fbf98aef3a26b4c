"""Questions from a file: one a line, or CSV with a column that says how often each was asked."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_QUESTION_HEADINGS: Final = ("question", "questions", "text", "query")
_COUNT_HEADINGS: Final = ("count", "counts", "asked", "times", "n")
_DIGITS: Final = 9


class UnreadableFileError(ValueError):
    """The file is not there, or what it holds is not a list of questions."""


def read_questions(path: Path) -> list[tuple[str, int]]:
    """Return each question with how often it was asked, in the order of the file; blank lines are none.

    A name that ends in .csv, or a first line of known headings, makes it CSV. Bytes that are no
    UTF-8 become replacement characters.

    Raises:
        UnreadableFileError: it cannot be read, or a count in it is not a whole number above zero.

    """
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise UnreadableFileError(f"cannot read {path}: {error.strerror}") from None
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    heading = [cell.strip().casefold() for cell in lines[0].split(",")]
    has_heading = heading[0] in _QUESTION_HEADINGS and (len(heading) == 1 or heading[1] in _COUNT_HEADINGS)
    if path.suffix.casefold() == ".csv" or (has_heading and len(heading) > 1):
        return list(_rows(text))
    return [(line, 1) for line in lines if line.strip()]


def _rows(text: str) -> Iterator[tuple[str, int]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=False)
    question, count = 0, 1
    try:
        for number, row in enumerate(reader):
            if number == 0 and (columns := _columns(row)) is not None:
                question, count = columns
            elif len(row) > question and row[question].strip():
                yield row[question], _count(row, count, reader.line_num)
    except csv.Error as error:
        raise UnreadableFileError(f"line {reader.line_num} is not CSV: {error}") from None


def _columns(row: Sequence[str]) -> tuple[int, int] | None:
    """Return the columns of question and count where the row is a heading."""
    names = [cell.strip().casefold() for cell in row]
    question = next((names.index(name) for name in _QUESTION_HEADINGS if name in names), None)
    count = next((names.index(name) for name in _COUNT_HEADINGS if name in names), None)
    if question is None or (count is None and len(row) > 1):
        return None
    return question, len(row) if count is None else count


def _count(row: Sequence[str], column: int, line: int) -> int:
    cell = row[column].strip() if len(row) > column else ""
    if not cell:
        return 1
    if not (cell.isascii() and cell.isdigit() and len(cell) <= _DIGITS and int(cell) > 0):
        raise UnreadableFileError(f"line {line}: the count must be a whole number above zero, not {cell[:20]!r}")
    return int(cell)
