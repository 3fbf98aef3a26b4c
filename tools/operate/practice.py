"""An empty AWS on this machine, to follow docs/deploy.md against with no account."""

import shlex
import shutil
import sys
import threading
from contextlib import suppress
from pathlib import Path

from operate.environment import ROOT, OperationError
from stack.emulator import Emulator, emulator
from stack.programs import ProgramError
from stack.sam import package_platform
from stack.terraform import cli_variables


def practice_variables(aws: Emulator, directory: Path) -> dict[str, str]:
    """Return the environment variables with which every command of docs/deploy.md works on an emulator.

    Raises:
        OperationError: Terraform would not find its AWS provider.
    """
    try:
        terraform = cli_variables(directory)
    except ProgramError as error:
        raise OperationError(f"{error}") from error
    return {
        **aws.variables,
        **terraform,
        # The emulator runs functions on this machine's Python and processor.
        "LAMBDA_PYTHON_VERSION": f"{sys.version_info.major}.{sys.version_info.minor}",
        "LAMBDA_PLATFORM": package_platform(),
        "SAM_CLI_TELEMETRY": "0",
    }


def copied_infrastructure(directory: Path) -> Path:
    """Copy the Terraform code into a folder, without any state or setting of the user's, and return where it is."""
    copy = directory / "infrastructure"
    left_out = shutil.ignore_patterns(
        ".terraform", "*.tfstate*", "terraform.tfstate.d", "*.auto.tfvars*", "backend_override.tf", "build", ".venv*"
    )
    shutil.copytree(ROOT / "infrastructure", copy, ignore=left_out)
    return copy


def practice(directory: Path) -> None:
    """Run an empty AWS until Ctrl-C, and print what a second terminal needs.

    Raises:
        OperationError: it does not start.
    """
    try:
        with emulator(directory) as aws:
            print("In a second terminal, in this folder:\n")
            print('export PATH="$PWD/.tools/bin:$PWD/.venv/bin:$PATH"')
            for name, value in practice_variables(aws, directory).items():
                print(f"export {name}={shlex.quote(value)}")
            print("\nCtrl-C here ends it, and all that it holds.", flush=True)
            with suppress(KeyboardInterrupt):  # how it is meant to end
                threading.Event().wait()
    except ProgramError as error:
        raise OperationError(f"{error}") from error
