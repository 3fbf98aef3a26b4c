"""`make release` and `make rollback`."""

import argparse

from operate.command_line import EXIT_OK, Commands, add_service
from operate.environment import Environment
from operate.lambda_function import Function
from operate.release import release
from operate.rollback import roll_back


def declare(commands: Commands) -> None:
    """Declare the commands' arguments."""
    add_service(
        commands.add("release", _release, "deploy a service, test it through its alias, roll it back if it fails")
    )
    rolling_back = commands.add("rollback", _rollback, "let a service's alias point to an earlier version")
    add_service(rolling_back)
    rolling_back.add_argument("--version", help="which (default: the newest before the present one)")


def _release(chosen: argparse.Namespace) -> int:
    for line in release(Function(Environment(chosen.environment), chosen.service)):
        print(line, flush=True)
    return EXIT_OK


def _rollback(chosen: argparse.Namespace) -> int:
    print(roll_back(Function(Environment(chosen.environment), chosen.service), chosen.version))
    return EXIT_OK
