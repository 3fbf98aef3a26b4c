"""The command line: `python -m operate doctor | export | query | forget | release | practice | destroy`.

Exit codes: 0 done, 1 it could not be done or something is missing, 2 wrong arguments, 130 interrupted.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from botocore.exceptions import BotoCoreError, ClientError

from operate import destroy, doctor, forget, release
from operate.dead_letters import DeadLetterQueue
from operate.environment import NAMES, ROOT, SERVICES, Environment, OperationError
from operate.export import DEFAULT_DIRECTORY, Export, export
from operate.functions import Function
from operate.practice import practice
from operate.query import query
from operate.rows import WRITERS
from operate.stored import StoredItems

DAYS_KEPT = 90


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    # Whatever was started is to be stopped in order, also where a supervisor ends us.
    signal.signal(signal.SIGTERM, _interrupt)
    command: Callable[[argparse.Namespace], int] = chosen.run
    try:
        return command(chosen)
    except (OperationError, BotoCoreError) as error:
        print(f"error: {error}", file=sys.stderr)
    except ClientError as error:
        answer = error.response["Error"]
        print(f"error: AWS refuses {error.operation_name}: {answer.get('Message') or answer['Code']}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operate", description="Operate Edge Analytics on AWS.")
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        if name != "query":
            command.add_argument("--environment", choices=NAMES, default="dev", help="which (default: dev)")
        return command

    add("doctor", _doctor, "say what is missing on this machine and in an environment; change nothing")
    exporting = add("export", _export, "write the exchanges of a range of days into files; go on where it ended")
    today = datetime.now(UTC).date()
    exporting.add_argument(
        "--from", dest="first", type=_day, default=today - timedelta(days=DAYS_KEPT), help="first UTC day (2026-11-01)"
    )
    exporting.add_argument(
        "--to", dest="last", type=_day, default=today - timedelta(days=1), help="last UTC day (default: yesterday)"
    )
    exporting.add_argument("--site", action="append", help="only this site (may be repeated; default: all reported)")
    exporting.add_argument("--format", choices=WRITERS, default="parquet", help="(default: parquet)")
    exporting.add_argument("--directory", type=Path, default=DEFAULT_DIRECTORY, help="where to (default: build/export)")
    exporting.add_argument("--again", action="store_true", help="also the days that are there already")
    asking = add("query", _query, "ask questions, in SQL, of what was exported")
    asking.add_argument("sql", nargs="?", help="of the view `exchanges` (default: the questions of exchanges.sql)")
    asking.add_argument("--directory", type=Path, default=DEFAULT_DIRECTORY, help="where the export is")
    forgetting = add("forget", _forget, "erase what is kept of a session or a visitor, and make a receipt")
    subject = forgetting.add_mutually_exclusive_group(required=True)
    subject.add_argument("--session", help="the session's name")
    subject.add_argument("--visitor", help="the visitor's name, which is another one every day")
    forgetting.add_argument("--site", help="only of this site")
    forgetting.add_argument("--yes", action="store_true", help="erase without asking")
    forgetting.add_argument("--dry-run", action="store_true", help="only say what there is")
    forgetting.add_argument("--receipts", type=Path, default=ROOT / "receipts", help="where receipts go")
    releasing = add("release", _release, "deploy a service, test it through its alias, take it back if it fails")
    releasing.add_argument("service", choices=SERVICES)
    commands.add_parser(
        "practice", help="run an empty AWS on this machine, to follow docs/deploy.md against"
    ).set_defaults(run=_practice)
    destroying = add("destroy", _destroy, "take an environment down, and all that it holds")
    destroying.add_argument("--yes", action="store_true", help="without asking")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day; write it as 2026-11-01") from None


def _doctor(chosen: argparse.Namespace) -> int:
    missing = 0
    for finding in doctor.examine(Environment(chosen.environment, attempts=2)):
        print(finding, flush=True)
        missing += finding.status == doctor.MISSING
    print(f"{missing} missing" if missing else "nothing is missing")
    return 1 if missing else 0


def _export(chosen: argparse.Namespace) -> int:
    if chosen.first > chosen.last:
        raise OperationError(f"the first day, {chosen.first}, is after the last, {chosen.last}")
    environment = Environment(chosen.environment)
    sites = chosen.site or environment["report-sites"].split(",")
    wanted = Export(
        sites=sites,
        first_day=f"{chosen.first}",
        last_day=f"{chosen.last}",
        format=chosen.format,
        directory=chosen.directory,
        again=chosen.again,
    )
    stored = StoredItems(environment.client("dynamodb"), environment["table-name"])
    for line in export(wanted, stored, lambda: datetime.now(UTC)):
        print(line, flush=True)
    return 0


def _query(chosen: argparse.Namespace) -> int:
    for table in query(chosen.directory, chosen.sql):
        print(table)
    return 0


def _forget(chosen: argparse.Namespace) -> int:
    environment = Environment(chosen.environment)
    attribute = "session" if chosen.session else "visitor"
    subject = forget.Subject(attribute, getattr(chosen, attribute), chosen.site)
    queue = environment.client("sqs")
    stored = StoredItems(environment.client("dynamodb"), environment["table-name"])
    dead_letters = DeadLetterQueue(queue, environment["dead-letter-queue-url"])
    found = forget.find(subject, stored, dead_letters)
    print(f"{len(found.keys)} items in the table, {found.events} events in the dead-letter queue")
    for key in found.keys:
        print(f"  {' '.join(key)}")
    _tell_what_is_left(environment, queue, found)
    if chosen.dry_run or not found:
        return 0
    _confirm(chosen, f"Erase all of that? It cannot be undone. Type the {attribute} to erase it: ", subject.name)

    def roll_up(site: str, day: str) -> None:
        Function(environment, "reporter").invoke({"report": "daily", "site": site, "day": day})

    zone = ZoneInfo(environment["report-time-zone"])
    receipt = forget.erase(subject, found, stored, dead_letters, roll_up=roll_up, zone=zone)
    receipt = {"environment": environment.name, **receipt}
    file = chosen.receipts / f"forgotten-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    print(f"{json.dumps(receipt, indent=2)}\nThe receipt is in {file}")
    return 1 if receipt["rollups_not_renewed"] else 0


def _tell_what_is_left(environment: Environment, queue: Any, found: forget.Found) -> None:
    counted = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    answer = queue.get_queue_attributes(QueueUrl=environment["queue-url"], AttributeNames=list(counted))
    waiting = sum(int(answer["Attributes"][name]) for name in counted)
    if waiting:
        print(f"note: {waiting} messages are on their way to the table; run this again once they are stored")
    if found.unreadable:
        print(f"note: unreadable dead letters hold the name and stay: {', '.join(found.unreadable)}")


def _release(chosen: argparse.Namespace) -> int:
    for line in release.release(Function(Environment(chosen.environment), chosen.service)):
        print(line, flush=True)
    return 0


def _practice(_chosen: argparse.Namespace) -> int:
    practice(ROOT / "build" / "practice")
    return 0


def _destroy(chosen: argparse.Namespace) -> int:
    environment = Environment(chosen.environment)
    print(f"This deletes everything of {environment.name} in {environment.region}, the table included:")
    for step in destroy.steps(environment.name, environment.region):
        print(f"  {step}")
    _confirm(chosen, f"Type {environment.name} to go on: ", environment.name)
    for line in destroy.destroy(environment, destroy.run_step):
        print(line, flush=True)
    return 0


def _confirm(chosen: argparse.Namespace, question: str, answer: str) -> None:
    """Ask for a word on the terminal.

    Raises:
        OperationError: another one was given, or there is no terminal to ask on.
    """
    if chosen.yes:
        return
    if not sys.stdin.isatty():
        raise OperationError("nothing was done: there is no terminal to ask on; say YES=1 (--yes) to go on without")
    if input(question).strip() != answer:
        raise OperationError("nothing was done")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
