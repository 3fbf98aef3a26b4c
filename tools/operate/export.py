"""Takes exchanges out of the table: a file for each site and UTC day, and a file of DuckDB queries over all of them.

It may be interrupted at any moment and continues with the missing days when it is run again. It never holds
more than a page of items.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from operate.environment import ROOT, OperationError
from operate.export_rows import WRITERS, Row, days, row_of, source
from operate.stored_items import StoredItems, partition

_QUERIES = Path(__file__).with_name("exchanges.sql")
# As processor/contract/stored-item has it in the partition key: nothing that leads out of a folder.
_SITE = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")
_CHANGES = timedelta(days=15)
"""How long after its end a day may still change: a message can be redriven until it has been in the DLQ for 14 days."""


@dataclass(frozen=True)
class Export:
    """What to export and where to."""

    sites: Sequence[str]
    first_day: str
    last_day: str
    format: str
    directory: Path
    again: bool = False
    """Also the days that are there already."""
    known_sites: Sequence[str] = ()
    """Sites that are reported. Of others, a file is written only for days that have exchanges."""


def export(
    wanted: Export,
    stored: StoredItems,
    now: Callable[[], datetime],
    may_shrink: Callable[[str], bool] = lambda _question: False,
) -> Iterator[str]:
    """Write what is missing; yield a line about each file.

    Args:
        wanted: what to export.
        stored: where from.
        now: the present moment.
        may_shrink: is asked before a file is replaced by one with fewer rows.

    Raises:
        OperationError: a site's name cannot be one, or nobody knows it.
    """
    for site in wanted.sites:
        if not _SITE.fullmatch(site):
            raise OperationError(f"SITE={site!r} cannot be a site; write it as docs.example.com")
    done = _Done(wanted.directory / "exported.json")
    rows = 0
    for site in wanted.sites:
        found = 0
        for day in days(wanted.first_day, wanted.last_day):
            file = wanted.directory / site / f"{day}.{wanted.format}"
            name = str(file.relative_to(wanted.directory))
            if file.exists() and not wanted.again and done.is_good(name, day, now()):
                found += done.rows(name)
                yield f"{file}  there already"
                continue
            begun = now()
            with _partial(file) as partial:
                count = WRITERS[wanted.format](_rows(stored, site, day), partial)
                if count == 0 and site not in wanted.known_sites and not file.exists():
                    continue
                before = done.rows(name) if file.exists() else 0
                if count < before and not may_shrink(
                    f"{file} has {before} rows, and the table only {count} of that day. Replace it? Type yes: "
                ):
                    yield f"{file}  kept with its {before} rows, since the table has only {count} (YES=1 replaces it)"
                    continue
                partial.replace(file)
            done.add(name, count, begun)
            found += count
            rows += count
            yield f"{file}  {count} rows"
        if not found and site not in wanted.known_sites:
            known = ", ".join(wanted.known_sites) or "none"
            raise OperationError(f"SITE={site} has no exchange in these days; reported sites: {known}")
    queries = _write_queries(wanted)
    yield f"{rows} rows written; queries of them: {queries} (make query runs them)"


@contextmanager
def _partial(file: Path) -> Iterator[Path]:
    """Give the name of a file to write to that takes the place of another, and leave none behind."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)
        with suppress(OSError):  # it is not empty
            file.parent.rmdir()


def _rows(stored: StoredItems, site: str, day: str) -> Iterator[Row]:
    for item in stored.of_day(site, day):
        yield row_of(item, partition(site, day), item[stored.keys.sort_key])


def _write_queries(wanted: Export) -> Path:
    file = wanted.directory / "exchanges.sql"
    view = f"CREATE OR REPLACE VIEW exchanges AS {source(wanted.format, wanted.directory)};"
    wanted.directory.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{view}\n\n{_QUERIES.read_text(encoding='utf-8')}", encoding="utf-8")
    return file


class _Done:
    """Which files are finished, and from when their content is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._files = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def is_good(self, name: str, day: str, now: datetime) -> bool:
        """Whether a file holds its whole day and nothing can have changed since, or it was made within a day."""
        if name not in self._files:
            return False
        made = datetime.fromisoformat(self._files[name]["exported_at"])
        end = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
        return made >= end and (made >= end + _CHANGES or now - made < timedelta(days=1))

    def rows(self, name: str) -> int:
        """How many rows a file had when it was written."""
        return int(self._files.get(name, {}).get("rows", 0))

    def add(self, name: str, rows: int, made: datetime) -> None:
        self._files[name] = {"rows": rows, "exported_at": made.isoformat(timespec="seconds")}
        partial = self._file.with_name(f"{self._file.name}.partial")
        partial.write_text(json.dumps(self._files, indent=2, sort_keys=True), encoding="utf-8")
        partial.replace(self._file)


DEFAULT_DIRECTORY = ROOT / "build" / "export"
