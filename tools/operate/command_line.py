"""What the commands have in common: how they are declared, and how they ask before they destroy something."""

import argparse
import sys
from collections.abc import Callable
from typing import Any

from operate.environment import NAMES, SERVICES, OperationError

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130

Run = Callable[[argparse.Namespace], int]


class Commands:
    """The commands of `python -m operate`."""

    def __init__(self, subparsers: "argparse._SubParsersAction[Any]") -> None:
        self._subparsers = subparsers

    def add(self, name: str, run: Run, text: str, *, environment: bool = True) -> argparse.ArgumentParser:
        """Declare a command and return its parser.

        Args:
            name: what is typed.
            run: does it and returns the exit code.
            text: one line for `--help`.
            environment: whether it works on an environment, chosen by `--environment`.
        """
        parser: argparse.ArgumentParser = self._subparsers.add_parser(name, help=text, description=text)
        parser.set_defaults(run=run)
        if environment:
            parser.add_argument("--environment", choices=NAMES, default="dev", help="which one (default: %(default)s)")
        return parser


def add_service(parser: argparse.ArgumentParser) -> None:
    """Declare which service a command is about."""
    parser.add_argument("--service", choices=SERVICES, default="processor", help="which (default: %(default)s)")


def confirm(question: str, answer: str, *, yes: bool) -> None:
    """Ask for a word on the terminal.

    Args:
        question: what is printed.
        answer: the word that means yes.
        yes: do not ask.

    Raises:
        OperationError: another word was given, or there is no terminal to ask on.
    """
    if yes:
        return
    sys.stdout.flush()  # what is asked about is to be read before the question, also where both go into a file
    if not sys.stdin.isatty():
        raise OperationError("nothing was done: there is no terminal to ask on; YES=1 (--yes) skips the question")
    if input(question).strip() != answer:
        raise OperationError("nothing was done")
