"""Lets uv fetch what `sam build` will install for the local stack, into its cache."""

import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOOLS))

from stack.paths import PROCESSOR, REPORTER  # noqa: E402 - found by the line above
from stack.programs import program_variables  # noqa: E402 - as above
from stack.sam import build_variables  # noqa: E402 - as above

for source in (PROCESSOR, REPORTER):
    with tempfile.TemporaryDirectory() as folder:
        command = ["make", "--no-print-directory", "--silent", "-C", str(source), "build-Function"]
        variables = program_variables(ARTIFACTS_DIR=folder, **build_variables())
        if subprocess.run(command, env=variables, check=False).returncode != 0:
            sys.exit(1)
