"""Checks a folder on its own, as `git subtree split` gives it: it must need nothing that lies beside it."""

import argparse
import subprocess
import sys

from local.paths import BUILD
from tests.checkout import copy

FOLDERS = ("edge-worker", "infrastructure", "reporter", "processor")


def main() -> int:
    """Copy the folder out of the repository, run its own `make check` there and return its exit code."""
    parser = argparse.ArgumentParser(prog="tests.split", description=__doc__)
    parser.add_argument("folder", choices=FOLDERS)
    folder = parser.parse_args().folder
    repository = copy(BUILD / "test" / "split" / folder, folder)
    command = ["make", "--no-print-directory", "check", f"PYTHON={sys.executable}"]
    return subprocess.run(command, cwd=repository, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
