"""`python -m operations dead-letters | redrive | rollback | sizes`; see the targets in the Makefile."""

import argparse
import json
import sys

import boto3

from operations.dead_letters import DeadLetterQueue, StoredEvents, listing, redrive
from operations.published import published
from operations.rollback import VersionError, roll_back
from operations.sizes import report


def main() -> None:
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(description="Operate a running processor.", prog="python -m operations")
    parser.add_argument("--environment", choices=["dev", "prod"], default="dev", help="whose (default: dev)")
    commands = parser.add_subparsers(dest="command", required=True)
    listed = commands.add_parser("dead-letters", help="show what could not be stored, and why")
    listed.add_argument("--bodies", action="store_true", help="show the messages' text too")
    driven = commands.add_parser("redrive", help="send dead letters back to the queue")
    driven.add_argument("--everything", action="store_true", help="also what would only be refused again")
    driven.add_argument("--wait", type=float, default=60, help="seconds to wait for them to be stored (default: 60)")
    rolled = commands.add_parser("rollback", help="let the alias point to an earlier version")
    rolled.add_argument("--version", help="which (default: the one before the present one)")
    commands.add_parser("sizes", help="measure messages, a JSON string on each line of the standard input")
    arguments = parser.parse_args()
    environment: str = arguments.environment
    if arguments.command == "sizes":
        print(report(json.loads(line) for line in sys.stdin))
        return
    if arguments.command == "rollback":
        function = published(environment, "processor-function-name")
        try:
            print(roll_back(boto3.client("lambda"), function, arguments.version))
        except VersionError as error:
            sys.exit(f"error: {error}")
        return
    queue = DeadLetterQueue(boto3.client("sqs"), published(environment, "dead-letter-queue-url"))
    if arguments.command == "dead-letters":
        lines = listing(queue, bodies=arguments.bodies)
    else:
        lines = redrive(
            queue,
            published(environment, "queue-url"),
            StoredEvents(boto3.client("dynamodb"), published(environment, "table-name")),
            everything=arguments.everything,
            wait=arguments.wait,
        )
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
