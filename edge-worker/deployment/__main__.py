"""Builds and deploys the Worker, renews its secrets, looks after it: the command line."""

import argparse
import os
import sys
import time
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

from deployment.keys import renew_conversations_page, renew_secrets, renew_visitor_key
from deployment.published import read_published
from deployment.wrangler import PASSED_ON, DeploymentError, build, deploy, pass_on, run_with_node


def main() -> None:
    """Run the command line."""
    arguments = _arguments()
    try:
        if arguments.command == "build":
            build(arguments.environment, "build/worker", run_with_node)
        elif arguments.command in PASSED_ON:
            pass_on(arguments.command, arguments.environment, run_with_node)
        elif arguments.command == "visitor-key":
            renew_visitor_key(arguments.environment, run_with_node)
        elif arguments.command == "deploy":
            deploy(arguments.environment, _queue_url(arguments), run_with_node, _variables(arguments))
        else:
            _renew(arguments)
    except (DeploymentError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))


def _renew(arguments: argparse.Namespace) -> None:
    """Renew what takes a key of AWS."""
    given = (arguments.environment, _client("ssm", arguments), _client("iam", arguments), run_with_node, _pause)
    if arguments.command == "secrets":
        renew_secrets(*given)
        return
    secret = renew_conversations_page(*given)
    print(f"The page asks for this secret, which is shown once: keep it with your passwords.\n{secret}")


def _variables(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the Worker's variables that the environment variable SITE, if there is one, asks for."""
    site = os.environ.get("SITE")
    return {"SITE": site, "AWS_REGION": arguments.region} if site else {}


def _queue_url(arguments: argparse.Namespace) -> str:
    """Return the queue's URL as the environment variable QUEUE_URL has it, else as it is published."""
    given = os.environ.get("QUEUE_URL")
    return given or read_published(_client("ssm", arguments), arguments.environment, "queue-url")


def _client(service: str, arguments: argparse.Namespace) -> Any:
    return botocore.session.get_session().create_client(service, region_name=arguments.region)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployment", description=__doc__)
    parser.add_argument(
        "command", choices=["build", "deploy", "secrets", "conversations-page", "visitor-key", *PASSED_ON]
    )
    parser.add_argument("--environment", choices=["dev", "prod"], default="dev")
    parser.add_argument("--region", default="eu-west-2", help="where the infrastructure is (default: %(default)s)")
    return parser.parse_args()


def _pause(seconds: float, reason: str) -> None:
    print(f"Waiting {seconds:.0f} s until {reason} ...", flush=True)
    time.sleep(seconds)


if __name__ == "__main__":
    main()
