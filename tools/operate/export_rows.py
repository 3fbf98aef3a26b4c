"""What an exported exchange looks like: one flat row, the same columns in every format."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]

COLUMNS = {
    "site": "VARCHAR",
    "day": "DATE",
    "id": "VARCHAR",
    "asked_at": "TIMESTAMP",
    "question": "VARCHAR",
    "outcome": "VARCHAR",
    "answer": "VARCHAR",
    "score": "DOUBLE",
    "sources": "VARCHAR[]",
    "total_ms": "DOUBLE",
    "retrieval_ms": "DOUBLE",
    "model_ms": "DOUBLE",
    "model": "VARCHAR",
    "input_tokens": "BIGINT",
    "output_tokens": "BIGINT",
    "cached_tokens": "BIGINT",
    "reasoning_tokens": "BIGINT",
    "cost_usd": "DOUBLE",
    "cache": "VARCHAR",
    "tool_rounds": "BIGINT",
    "session": "VARCHAR",
    "visitor": "VARCHAR",
    "country": "VARCHAR",
    "language": "VARCHAR",
    "referrer": "VARCHAR",
    "device": "VARCHAR",
    "bot": "VARCHAR",
    "sample_rate": "DOUBLE",
    "waiting": "INTEGER",
    "rating": "VARCHAR",
    "comment": "VARCHAR",
    "rated_at": "TIMESTAMP",
}
"""Names and DuckDB's types. Times are UTC."""

_KEY = re.compile(r"site#(?P<site>[^#]+)#day#(?P<day>[^#]+)")
_NESTED = {
    "total_ms": ("latency_ms", "total"),
    "retrieval_ms": ("latency_ms", "retrieval"),
    "model_ms": ("latency_ms", "model"),
    "model": ("model", "name"),
    "input_tokens": ("model", "input_tokens"),
    "output_tokens": ("model", "output_tokens"),
    "cached_tokens": ("model", "cached_tokens"),
    "reasoning_tokens": ("model", "reasoning_tokens"),
    "cost_usd": ("model", "cost_usd"),
}
# A spreadsheet takes a cell that begins with one of these for a formula, full-width forms included, and skips others
# before one; where it splits at semicolons, tabs or line ends, a cell begins behind each. These come from strangers.
_SIGN = r"=+\-@|%\uff1d\uff0b\uff0d\uff20\u2212\u207a-\u207c\u208a-\u208c\ufe62-\ufe66\ufe6b"
# White space, quotes, controls, and what cannot be seen (Default_Ignorable_Code_Point).
_SKIPPED = (
    r"\s'\"\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_FORMULA = re.compile(rf"(?:^|(?<=[;\t\r\n]))([{_SKIPPED}]*[{_SIGN}])")


def row_of(item: Mapping[str, Any], partition: str, identifier: str) -> Row:
    """Return the row of a stored item (processor/contract/stored-item); what it has no value for is None.

    Args:
        item: its attributes, with Python's types.
        partition: its partition key, which gives the site and the day.
        identifier: its sort key.
    """
    key = _KEY.fullmatch(partition)
    row: Row = dict.fromkeys(COLUMNS)
    for name, type_ in COLUMNS.items():
        outer, inner = _NESTED.get(name, (name, None))
        value = item.get(outer)
        row[name] = _plain(value.get(inner) if inner and value is not None else value, type_)
    return row | {"site": key and key["site"], "day": key and key["day"], "id": identifier}


def _plain(value: Any, type_: str) -> Any:
    if value is None:
        return None
    if type_ == "TIMESTAMP":
        return datetime.fromtimestamp(int(value) / 1000, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    if type_ == "BIGINT":
        return int(value)
    return float(value) if type_ == "DOUBLE" else value


def write_jsonl(rows: Iterable[Row], file: Path) -> int:
    """Write a line of JSON for each row and return how many there were."""
    count = 0
    with file.open("w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_csv(rows: Iterable[Row], file: Path) -> int:
    """Write comma-separated values with a header, safe to open in a spreadsheet, and return how many rows there were.

    A text that a spreadsheet would calculate gets an apostrophe in front; lists are written as JSON.
    """
    count = 0
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS)
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _cell(value) for name, value in row.items()})
            count += 1
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps([_cell(each) for each in value], ensure_ascii=False)
    return harmless(value) if isinstance(value, str) else value


def harmless(value: str) -> str:
    """Return a text that no spreadsheet calculates, whichever separator it splits at."""
    return _FORMULA.sub(r"'\1", value)


def write_parquet(rows: Iterable[Row], file: Path) -> int:
    """Write a Parquet file, by way of lines of JSON beside it, and return how many rows there were."""
    lines = file.with_name(f"{file.name}.jsonl")
    try:
        count = write_jsonl(rows, lines)
        with duckdb.connect() as database:
            database.execute("SET memory_limit = '256MB'; SET threads = 1")
            database.execute(
                f"COPY (SELECT * FROM {_jsonl(lines)}) TO {text(file)} (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608 - quoted by text()
            )
    finally:
        lines.unlink(missing_ok=True)
    return count


WRITERS = {"parquet": write_parquet, "csv": write_csv, "jsonl": write_jsonl}


def source(format_: str, directory: Path) -> str:
    """Return the SQL by which DuckDB reads everything that was exported to a directory in a format."""
    files = directory / "*" / f"*.{format_}"
    match format_:
        case "parquet":
            return f"SELECT * FROM read_parquet({text(files)})"  # noqa: S608 - quoted by text()
        case "jsonl":
            return f"SELECT * FROM {_jsonl(files)}"  # noqa: S608 - quoted by text()
        case _:
            types = {name: "VARCHAR" if type_.endswith("[]") else type_ for name, type_ in COLUMNS.items()}
            return (
                "SELECT * REPLACE (from_json(sources, '[\"VARCHAR\"]') AS sources) "  # noqa: S608 - quoted by text()
                f"FROM read_csv({text(files)}, header = true, columns = {_struct(types)})"
            )


def text(value: object) -> str:
    """Return a string literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def _jsonl(files: Path) -> str:
    return f"read_json({text(files)}, format = 'newline_delimited', columns = {_struct(COLUMNS)})"


def _struct(types: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {text(type_)}" for name, type_ in types.items()) + "}"


def days(first: str, last: str) -> Iterator[str]:
    """Yield all UTC days from the first to the last, both included, as `2026-11-22`."""
    begin, end = (datetime.fromisoformat(day).toordinal() for day in (first, last))
    for ordinal in range(begin, end + 1):
        yield datetime.fromordinal(ordinal).date().isoformat()
