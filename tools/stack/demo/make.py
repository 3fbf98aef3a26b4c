"""Runs this repository's own make targets, as the operator of the stack would."""

import shutil

from stack.paths import ROOT
from stack.programs import ProgramError, program_variables, run
from stack.stack import Stack


def make(running: Stack, target: str, variables: dict[str, str], **secrets: str) -> str:
    """Run a target against the stack and return what it printed.

    Args:
        running: the stack.
        target: of the Makefile.
        variables: as on the command line.
        **secrets: environment variables.

    Raises:
        ProgramError: it fails, or there is no make.
    """
    program = shutil.which("make") or shutil.which("gmake")
    if program is None:
        raise ProgramError("make is not installed")
    words = [f"{name}={value}" for name, value in variables.items()]
    return run(
        [program, "--silent", "--no-print-directory", target, *words],
        cwd=ROOT,
        env=program_variables(**running.emulator.variables, **secrets),
        log=running.directory / "logs" / f"make-{target}.log",
    )
