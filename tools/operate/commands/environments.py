"""`make practice` and `make destroy`."""

import argparse

from operate.command_line import EXIT_OK, Commands, confirm
from operate.destroy import destroy, run_step, steps
from operate.environment import ROOT, Environment
from operate.practice import practice


def declare(commands: Commands) -> None:
    """Declare the commands' arguments."""
    commands.add(
        "practice", _practice, "run an empty AWS on this machine, to follow docs/deploy.md against", environment=False
    )
    destroying = commands.add("destroy", _destroy, "delete an environment, and all that it holds")
    destroying.add_argument("--yes", action="store_true", help="without asking")


def _practice(_chosen: argparse.Namespace) -> int:
    practice(ROOT / "build" / "practice")
    return EXIT_OK


def _destroy(chosen: argparse.Namespace) -> int:
    environment = Environment(chosen.environment)
    print(f"This deletes everything of {environment.name} in {environment.region}, the table included:")
    for step in steps(environment.name, environment.region):
        print(f"  {step}")
    confirm(f"Type {environment.name} to continue: ", environment.name, yes=chosen.yes)
    for line in destroy(environment, run_step):
        print(line, flush=True)
    return EXIT_OK
