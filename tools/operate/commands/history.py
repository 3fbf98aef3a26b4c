"""`make import`."""

import argparse
import itertools
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from operate.command_line import EXIT_OK, Commands
from operate.environment import OperationError
from operate.history.mapping import MAPPINGS, Event
from operate.history.rows import read_rows
from operate.history.sending import KEPT_DAYS, Collector, Outcome, Progress, hand_in, mapped

_TOKEN = "COLLECTOR_TOKEN"  # noqa: S105 - the name of a variable
_SHOWN = 10
_SECONDS_BETWEEN_LINES = 2.0
_LOCAL = ("127.0.0.1", "localhost", "::1")


def declare(commands: Commands) -> None:
    """Declare the command's arguments."""
    importing = commands.add(
        "import",
        _import,
        f"bring up to {KEPT_DAYS} days of history in through the collector; continue where it was interrupted",
        environment=False,
    )
    importing.add_argument("--file", type=Path, required=True, help="what another system exported")
    importing.add_argument("--format", choices=MAPPINGS, help="what it is (default: by the file's name, csv or jsonl)")
    importing.add_argument("--site", help="make sure that the collector is this site's")
    importing.add_argument(
        "--collector", help="its address, https://…/v1/events (its token is read from the environment: COLLECTOR_TOKEN)"
    )
    importing.add_argument("--dry-run", action="store_true", help=f"show {_SHOWN} mapped rows, and send nothing")


def _import(chosen: argparse.Namespace) -> int:
    if not chosen.file.is_file():
        raise OperationError(f"there is no file {chosen.file}: name it with FILE=…")
    is_csv = chosen.file.suffix.lower() == ".csv"
    read = MAPPINGS[chosen.format or ("csv" if is_csv else "jsonl")]
    now = int(time.time() * 1000)
    outcome = Outcome()
    rows = read_rows(chosen.file, is_csv=is_csv or chosen.format == "csv")
    if chosen.dry_run:
        for event in _of_first_rows(mapped(rows, read, now, outcome)):
            print(json.dumps(event, ensure_ascii=False))
        print(f"dry run, nothing was handed in: {outcome}")
        return EXIT_OK
    collector = _collector(chosen.collector, chosen.site)
    progress = Progress(chosen.file, collector.url)
    if done := progress.rows_done():
        print(f"continuing after row {done:,}", flush=True)
        outcome.rows = sum(1 for _ in itertools.islice(rows, done))
    shown_at = time.monotonic()
    events = mapped(rows, read, now, outcome)
    for so_far in hand_in(events, collector, outcome):
        # The batch that is on its way has one row more than was handed in.
        progress.save(so_far.rows - 1)
        if time.monotonic() - shown_at > _SECONDS_BETWEEN_LINES:
            shown_at = time.monotonic()
            print(so_far, flush=True)
    progress.save(outcome.rows)
    print(f"done: {outcome}")
    return EXIT_OK


def _of_first_rows(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events of the first rows: exchanges, and the ratings that belong to them."""
    rows = 0
    for event in events:
        rows += event.get("type") != "feedback"
        if rows > _SHOWN:
            return
        yield event


def _collector(address: str | None, site: str | None) -> Collector:
    token = os.environ.get(_TOKEN, "")
    if not address or not token:
        raise OperationError(
            "say where to: COLLECTOR=https://…/v1/events, and its token in the environment COLLECTOR_TOKEN"
        )
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise OperationError(f"{address} is no https:// address of a collector")
    path = parts.path.rstrip("/")
    path = path if path.endswith("/v1/events") else f"{path}/v1/events"
    if site:
        _check_site(urlunsplit((parts.scheme, parts.netloc, f"{path.removesuffix('/v1/events')}/health", "", "")), site)
    return Collector(urlunsplit((parts.scheme, parts.netloc, path, "", "")), token)


def _check_site(health: str, site: str) -> None:
    try:
        with urllib.request.urlopen(health, timeout=30) as reply:  # noqa: S310 - its scheme was checked
            found = json.loads(reply.read()).get("site")
    except (OSError, ValueError, AttributeError) as error:
        raise OperationError(f"{health} does not say which site it is: {error}") from None
    if found != site:
        raise OperationError(f"the collector is of the site {found}, not of {site}")
