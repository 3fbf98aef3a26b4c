"""`make export` and `make query`."""

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from operate.command_line import EXIT_OK, Commands
from operate.environment import Environment, OperationError
from operate.export import DEFAULT_DIRECTORY, Export, export
from operate.export_rows import WRITERS
from operate.query import query
from operate.stored_items import StoredItems

_DAYS_KEPT = 90


def declare(commands: Commands) -> None:
    """Declare the commands' arguments."""
    exporting = commands.add(
        "export", _export, "write the exchanges of a range of days to files; continue where it was interrupted"
    )
    today = datetime.now(UTC).date()
    exporting.add_argument(
        "--from", dest="first", type=_day, default=today - timedelta(days=_DAYS_KEPT), help="first UTC day (2026-11-01)"
    )
    exporting.add_argument(
        "--to", dest="last", type=_day, default=today - timedelta(days=1), help="last UTC day (default: yesterday)"
    )
    exporting.add_argument("--site", action="append", help="only this site (may be repeated; default: all reported)")
    exporting.add_argument("--format", choices=WRITERS, default="parquet", help="(default: %(default)s)")
    exporting.add_argument("--directory", type=Path, default=DEFAULT_DIRECTORY, help="where to (default: build/export)")
    exporting.add_argument("--again", action="store_true", help="also the days that are there already")
    exporting.add_argument("--yes", action="store_true", help="replace files also by ones with fewer rows")
    querying = commands.add("query", _query, "query in SQL what was exported", environment=False)
    querying.add_argument("--sql", help="of the view `exchanges` (default: the queries of exchanges.sql)")
    querying.add_argument("--directory", type=Path, default=DEFAULT_DIRECTORY, help="where the export is")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day; write it as 2026-11-01") from None


def _export(chosen: argparse.Namespace) -> int:
    if chosen.first > chosen.last:
        raise OperationError(f"the first day, {chosen.first}, is after the last, {chosen.last}")
    environment = Environment(chosen.environment)
    known = environment["report-sites"].split(",")
    wanted = Export(
        sites=chosen.site or known,
        first_day=f"{chosen.first}",
        last_day=f"{chosen.last}",
        format=chosen.format,
        directory=chosen.directory,
        again=chosen.again,
        known_sites=known,
    )

    def may_shrink(question: str) -> bool:
        return chosen.yes or (sys.stdin.isatty() and input(question).strip() == "yes")

    stored = StoredItems(environment.client("dynamodb"), environment["table-name"])
    for line in export(wanted, stored, lambda: datetime.now(UTC), may_shrink):
        print(line, flush=True)
    return EXIT_OK


def _query(chosen: argparse.Namespace) -> int:
    for table in query(chosen.directory, chosen.sql):
        print(table)
    return EXIT_OK
