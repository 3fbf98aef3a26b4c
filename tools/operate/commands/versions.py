"""`make build`, `make release` and `make rollback`."""

import argparse

from operate.command_line import EXIT_OK, Commands, add_service
from operate.environment import Environment
from operate.lambda_function import Function
from operate.old_packages import remove_old_packages
from operate.release import make_build, make_deploy, make_deploy_built, release
from operate.rollback import roll_back


def declare(commands: Commands) -> None:
    """Declare the commands' arguments."""
    building = commands.add("build", _build, "install what a service's deployment needs and build it")
    add_service(building)
    releasing = commands.add("release", _release, "deploy a service, test it through its alias, roll back if it fails")
    add_service(releasing)
    releasing.add_argument(
        "--canary",
        choices=("yes", "no"),
        default="yes",
        help="no: all traffic at once also where a new version gets a part of it first (default: %(default)s)",
    )
    releasing.add_argument("--built", action="store_true", help="deploy what `build` has built, and install nothing")
    rolling_back = commands.add("rollback", _rollback, "point a service's alias to an earlier version")
    add_service(rolling_back)
    rolling_back.add_argument("--version", help="which (default: the newest before the present one)")


def _build(chosen: argparse.Namespace) -> int:
    make_build(chosen.service, chosen.environment)
    return EXIT_OK


def _release(chosen: argparse.Namespace) -> int:
    function = Function(Environment(chosen.environment), chosen.service)
    deploy = make_deploy_built if chosen.built else make_deploy
    for line in release(function, deploy, canary=chosen.canary == "yes"):
        print(line, flush=True)
    for line in remove_old_packages(function):
        print(line, flush=True)
    return EXIT_OK


def _rollback(chosen: argparse.Namespace) -> int:
    print(roll_back(Function(Environment(chosen.environment), chosen.service), chosen.version))
    return EXIT_OK
