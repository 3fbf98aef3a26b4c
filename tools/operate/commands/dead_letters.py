"""`make dlq` and `make redrive`."""

import argparse
import sys

from operate.command_line import EXIT_OK, Commands
from operate.dead_letter_queue import DeadLetterQueue
from operate.environment import Environment
from operate.processor_rules import processor_rules
from operate.redrive import listing, redrive
from operate.stored_items import StoredItems
from stack.command import number_up_to

_A_DAY_SECONDS = 86_400


def declare(commands: Commands) -> None:
    """Declare the commands' arguments."""
    dlq = commands.add("dlq", _dlq, "list the dead-letter queue: since when, id, reason; change nothing")
    dlq.add_argument("--bodies", action="store_true", help="print the messages' text too")
    redriving = commands.add("redrive", _redrive, "send messages of the dead-letter queue back to the queue")
    redriving.add_argument("--everything", action="store_true", help="also what would only be refused again")
    redriving.add_argument(
        "--wait", type=number_up_to(_A_DAY_SECONDS), default=60.0, help="seconds to wait for storage (default: 60)"
    )


def _dlq(chosen: argparse.Namespace) -> int:
    environment = Environment(chosen.environment)
    queue = DeadLetterQueue(environment.client("sqs"), environment["dead-letter-queue-url"])
    print("reading the dead-letter queue ...", file=sys.stderr, flush=True)
    with processor_rules() as rules:
        for line in listing(queue, rules, bodies=chosen.bodies):
            print(line, flush=True)
    return EXIT_OK


def _redrive(chosen: argparse.Namespace) -> int:
    environment = Environment(chosen.environment)
    queue = DeadLetterQueue(environment.client("sqs"), environment["dead-letter-queue-url"])
    stored = StoredItems(environment.client("dynamodb"), environment["table-name"])
    print("reading the dead-letter queue ...", file=sys.stderr, flush=True)
    with processor_rules() as rules:
        lines = redrive(
            queue, environment["queue-url"], rules, stored, everything=chosen.everything, wait_seconds=chosen.wait
        )
        for line in lines:
            print(line, flush=True)
    return EXIT_OK
