"""Runs a command of the stack's so that Ctrl-C, SIGTERM and a failing program end it in order."""

import argparse
import math
import re
import sys
from collections.abc import Callable
from typing import ClassVar, NoReturn

from stack.interrupts import stop_when_told
from stack.programs import ProgramError, leave_foreign_settings


class MakeArgumentParser(argparse.ArgumentParser):
    """Names the make variable in its errors, since most people have typed that one."""

    _VARIABLES: ClassVar = {"exchanges": "QUERIES", "first": "FROM", "last": "TO"}

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with 2."""

        def named(option: re.Match[str]) -> str:
            name = option[1]
            return f"argument {self._VARIABLES.get(name, name.upper().replace('-', '_'))}= (--{name})"

        super().error(re.sub(r"argument --([a-z-]+)", named, message))


def number_up_to(most: int) -> Callable[[str], float]:
    """Return the `type` of an argument that is a number from 0 to `most`."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not 0 <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to {most}")
        return number

    return read


def run_command(command: Callable[[], int]) -> int:
    """Run a command and return its exit code; 1 if a program it needs failed, 130 if it was interrupted."""
    stop_when_told()
    leave_foreign_settings()
    try:
        return command()
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
