"""Reads files row by row: JSON Lines, one JSON list, CSV."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from operate.environment import OperationError
from operate.nesting import parse_json

Row = Mapping[str, Any]
_LONGEST_FIELD = 10_000_000


def read_rows(path: Path, *, is_csv: bool) -> Iterator[Row | None]:
    """Yield each row's fields; None for a row that cannot be read.

    Raises:
        OperationError: the file cannot be read, or is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if is_csv:
                csv.field_size_limit(_LONGEST_FIELD)
                yield from (_unflattened(row) for row in csv.DictReader(file))
                return
            start = file.read(1)
            while start.isspace():
                start = file.read(1)
            file.seek(0)
            yield from _listed(file.read()) if start == "[" else map(_parsed, filter(str.strip, file))
    except OSError as error:
        raise OperationError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise OperationError(f"{path} is not UTF-8: save it as such") from None
    except csv.Error as error:
        raise OperationError(f"{path} is not CSV: {error}") from None


def _listed(text: str) -> Iterator[Row | None]:
    try:
        rows = parse_json(text)
    except ValueError:
        raise OperationError("the file begins with [ and is not a JSON list") from None
    yield from (row if isinstance(row, dict) else None for row in rows)


def _parsed(line: str) -> Row | None:
    try:
        row = parse_json(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _unflattened(row: Mapping[str | None, Any]) -> Row:
    """Parse cells that hold JSON, as exports have them for messages."""
    return {str(name): _cell(value) for name, value in row.items() if name is not None and value not in (None, "")}


def _cell(value: Any) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return parse_json(value)
    except ValueError:
        return value
