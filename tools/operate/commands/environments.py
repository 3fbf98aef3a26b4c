"""`make practice` and `make destroy`."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from operate.answers import DEFAULT_FILE, complete, load
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
    destroying.add_argument("--answers", type=Path, default=DEFAULT_FILE, help="what make up was told (answers.toml)")
    destroying.add_argument("--yes", action="store_true", help="without asking")


def _practice(_chosen: argparse.Namespace) -> int:
    practice(ROOT / "build" / "practice")
    return EXIT_OK


def _destroy(chosen: argparse.Namespace) -> int:
    environment = Environment(chosen.environment)
    variables = _variables(chosen.answers, environment.name)
    account = environment.client("sts").get_caller_identity()["Account"]
    where = os.environ.get("AWS_ENDPOINT_URL", "AWS")
    print(f"In account {account}, Region {environment.region}, at {where}:")
    print(f"this deletes everything of {environment.name}, the table included:")
    for step in steps(environment.name, environment.region, variables):
        print(f"  {step}")
    confirm(f"Type {environment.name} to continue: ", environment.name, yes=chosen.yes)
    for line in destroy(environment, run_step, variables):
        print(line, flush=True)
    return EXIT_OK


def _variables(answers: Path, name: str) -> Mapping[str, Mapping[str, object]]:
    """Return what `make up` was told of an environment; nothing where it was made by hand."""
    given = load(answers, name)
    return complete(given, None, examples=True, where=f"{answers} [{name}]").variables if given else {}
