"""Runs a command of the stack's so that Ctrl-C, SIGTERM and a failing program end it in order."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

from stack.programs import ProgramError, leave_foreign_settings


def run_command(command: Callable[[], int]) -> int:
    """Run a command and return its exit code; 1 if a program it needs failed, 130 if it was interrupted."""
    signal.signal(signal.SIGTERM, _interrupt)
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


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
