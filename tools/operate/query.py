"""Asks questions of what was exported, where DuckDB's own program is not installed."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from operate.environment import OperationError

# A terminal obeys control characters, and this is text of strangers. Line ends and tabs do no harm.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


def query(directory: Path, sql: str | None) -> Iterator[str]:
    """Yield a table of the answer to each question.

    Args:
        directory: where `export` has written to.
        sql: questions of one's own of the view `exchanges`; by default those of the file of queries.

    Raises:
        OperationError: there is no export there, or the SQL is wrong.
    """
    file = directory / "exchanges.sql"
    if not file.is_file():
        raise OperationError(f"{file} is not there: run make export first")
    view, queries = file.read_text(encoding="utf-8").split(";\n", 1)
    with duckdb.connect() as database:
        try:
            database.execute(view)
            # DuckDB makes subqueries of them, in which neither a semicolon nor a comment after it may stand.
            for statement in database.extract_statements(_COMMENT.sub("", sql or queries)):
                answer = database.query(statement.query.strip().removesuffix(";"))
                if answer is not None:
                    yield _CONTROL.sub("\ufffd", f"{answer}".rstrip())
        except duckdb.Error as error:
            raise OperationError(f"DuckDB says: {error}") from None
