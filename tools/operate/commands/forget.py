"""`make forget`."""

import argparse
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from operate import forget
from operate.command_line import EXIT_FAILED, EXIT_OK, Commands, confirm
from operate.dead_letter_queue import DeadLetterQueue
from operate.environment import ROOT, Environment
from operate.lambda_function import Function
from operate.stored_items import StoredItems


def declare(commands: Commands) -> None:
    """Declare the command's arguments."""
    parser = commands.add("forget", _forget, "erase what is kept of a session or a visitor, and write a receipt")
    subject = parser.add_mutually_exclusive_group(required=True)
    subject.add_argument("--session", help="the session's name")
    subject.add_argument("--visitor", help="the visitor's name, which changes every day")
    parser.add_argument("--site", help="only of this site")
    parser.add_argument("--yes", action="store_true", help="erase without asking")
    parser.add_argument("--dry-run", action="store_true", help="only print what would be erased")
    parser.add_argument("--receipts", type=Path, default=ROOT / "receipts", help="where receipts go")


def _forget(chosen: argparse.Namespace) -> int:
    environment = Environment(chosen.environment)
    attribute = "session" if chosen.session else "visitor"
    subject = forget.Subject(attribute, getattr(chosen, attribute), chosen.site)
    queue = environment.client("sqs")
    stored = StoredItems(environment.client("dynamodb"), environment["table-name"])
    dead_letters = DeadLetterQueue(queue, environment["dead-letter-queue-url"])
    print(f"Searching {environment.name} for the {attribute} {subject.name!r}" + _of_site(chosen.site), flush=True)
    found = forget.find(subject, stored, dead_letters)
    print(f"{len(found.keys)} items in the table, {found.events} events in the dead-letter queue")
    for key in found.keys:
        print(f"  {' '.join(key)}")
    if found.unreadable:
        print(f"note: unreadable messages of the dead-letter queue hold the name and go: {', '.join(found.unreadable)}")
    if chosen.dry_run or not found:
        _print_not_reached(_on_their_way(environment, queue), {})
        return EXIT_OK
    question = f"Erase all of that? It cannot be undone. Type the {attribute} to erase it: "
    confirm(question, subject.name, yes=chosen.yes)

    def roll_up(site: str, day: str) -> None:
        Function(environment, "reporter").invoke({"report": "daily", "site": site, "day": day})

    zone = ZoneInfo(environment["report-time-zone"])
    receipt = forget.erase(subject, found, stored, dead_letters, roll_up=roll_up, zone=zone)
    receipt = {"environment": environment.name, **receipt, "on_their_way": _on_their_way(environment, queue)}
    file = chosen.receipts / f"forgotten-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    print(f"{json.dumps(receipt, indent=2)}\nThe receipt is in {file}")
    if receipt["still_there"]:
        print(f"Still there: {', '.join(receipt['still_there'])}")
    else:
        print("All of the table and of the dead-letter queue was searched for what was erased: nothing is left")
    _print_not_reached(receipt["on_their_way"], receipt["waiting_in_outbox"])
    return EXIT_FAILED if receipt["rollups_not_refreshed"] or receipt["still_there"] else EXIT_OK


def _of_site(site: str | None) -> str:
    return f" of the site {site!r}" if site else ", all sites"


def _on_their_way(environment: Environment, queue: Any) -> int:
    """Return about how many messages the queue has for the processor."""
    counted = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    answer = queue.get_queue_attributes(QueueUrl=environment["queue-url"], AttributeNames=list(counted))
    return sum(int(answer["Attributes"][name]) for name in counted)


def _print_not_reached(on_their_way: int, in_outbox: Mapping[str, int]) -> None:
    """Say what may still come, and how to know that it has."""
    if on_their_way:
        print(f"note: {on_their_way} messages are on their way to the table; run this again once they are stored")
    for site, events in in_outbox.items():
        print(f"note: when last seen, {events} events waited in the outbox of {site}'s Worker; run this again later")
    print(
        "note: what waits in a Worker's outbox is not reached, for at most 14 days. Its /health tells with the"
        ' collector\'s token how many events wait; once it says "waiting": 0 and they are stored, run this again'
    )
