"""Checks a folder on its own, as `git subtree split` gives it: it must need nothing that lies beside it."""

import argparse
import os
import subprocess
import sys

from stack.paths import BUILD
from stack.terraform import cli_variables
from tests.checkout import copy

# Kept equal to its lock file and its code by the folder's own `make`; from nothing, lint alone takes twice as long.
_KEPT = (".venv", ".venv-scan", ".mypy_cache")
FOLDERS = ("reporter", "edge-worker", "infrastructure", "processor")


def main() -> int:
    """Copy the folder out of the repository, run its own `make check` there and return its exit code."""
    parser = argparse.ArgumentParser(prog="tests.split", description=__doc__)
    parser.add_argument("folder", choices=FOLDERS)
    folder = parser.parse_args().folder
    repository = copy(BUILD / "test" / "split" / folder, folder, keep=_KEPT)
    command = ["make", "--no-print-directory", "check", f"PYTHON={sys.executable}"]
    # The tools of this repository must not be found from there.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if folder == "infrastructure":
        variables |= cli_variables(BUILD / "test" / "split")
    return subprocess.run(command, cwd=repository, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
