"""`make doctor`."""

import argparse

from operate import doctor
from operate.command_line import EXIT_FAILED, EXIT_OK, Commands
from operate.environment import Environment
from operate.finding import MISSING, UNKNOWN


def declare(commands: Commands) -> None:
    """Declare the command's arguments."""
    commands.add("doctor", _doctor, "say what is missing on this machine and in an environment; change nothing")


def _doctor(chosen: argparse.Namespace) -> int:
    missing = unknown = 0
    for finding in doctor.examine(Environment(chosen.environment, attempts=2)):
        print(finding, flush=True)
        missing += finding.status == MISSING
        unknown += finding.status == UNKNOWN
    summary = f"{missing} missing" if missing else "nothing is missing"
    print(f"{summary}, {unknown} unknown" if unknown else summary)
    return EXIT_FAILED if missing else EXIT_OK
