"""`python -m deployment`: deploys what `sam build` has built, as a new version if anything about it is new."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deployment.aws import DeploymentError, deployed, published_values
from deployment.configuration import Configuration, Template
from deployment.revision import Deployed, content_digest, next_revision, with_default

FOLDER = Path(__file__).parents[1]
SAM_CONFIGURATION = FOLDER / "samconfig.toml"


def main() -> int:
    """Deploy; return the exit code of `sam deploy`, 1 if it could not begin, 2 for a usage error."""
    arguments = _arguments()
    try:
        return _deploy(arguments)
    except DeploymentError as error:
        print(f"error: {error}", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"error: {error.filename} was not found: run `make build`, and see `make help`", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"error: AWS cannot be asked what is deployed: {error}", file=sys.stderr)
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployment", description="Deploy the built service.")
    parser.add_argument("--environment", choices=["dev", "prod"], default="dev", help="default: dev")
    parser.add_argument("--template", type=Path, default=FOLDER / ".aws-sam/build/template.yaml", help="what was built")
    parser.add_argument(
        "--canary", choices=["yes", "no"], help="whether to shift traffic gradually; no to ship a fix at once"
    )
    parser.add_argument(
        "parameters", nargs="*", type=_parameter, metavar="NAME=VALUE", help="of the template, before samconfig.toml's"
    )
    return parser.parse_args()


def _parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _deploy(arguments: argparse.Namespace) -> int:
    configuration = Configuration.read(SAM_CONFIGURATION, arguments.environment)
    region = os.environ.get("AWS_REGION") or configuration.region
    template = Template.read(arguments.template)
    parameters = template.known({**configuration.parameters, **dict(arguments.parameters)})
    if arguments.canary:
        parameters |= template.known({"CanaryDeployment": str(arguments.canary == "yes").lower()})

    published = template.published(parameters)
    session = boto3.Session(region_name=region)
    values = published_values(session.client("ssm"), published.values())
    before = deployed(
        session.client("cloudformation"),
        session.client("lambda"),
        configuration.stack_name,
        values[published["FunctionName"]],
    )
    revision = next_revision(content_digest(arguments.template, _content(parameters), values), before)
    _announce(revision, before)
    if before.rolled_back and "CanaryDeployment" in parameters:
        print("without a gradual shift: CodeDeploy begins only where it ended, and the alias was moved since")
        parameters["CanaryDeployment"] = "false"

    # A transformation that is given no parameters, as an emulator's, takes the default.
    text = arguments.template.read_text("utf-8")
    arguments.template.write_text(with_default(text, revision), "utf-8")
    return _sam_deploy(arguments, region, {**parameters, "Revision": revision})


def _content(parameters: Mapping[str, str]) -> dict[str, str]:
    """Leave out what decides how a version is deployed, but not what it is."""
    return {name: value for name, value in parameters.items() if name not in {"CanaryDeployment", "Revision"}}


def _announce(revision: str, before: Deployed) -> None:
    if before.rolled_back:
        print(f"the alias was rolled back from version {before.version} to {before.alias_version}")
    state = "deployed already" if revision == before.revision else f"new; deployed: {before.revision or 'none'}"
    print(f"revision {revision} ({state})", flush=True)


def _sam_deploy(arguments: argparse.Namespace, region: str, parameters: Mapping[str, str]) -> int:
    command = [
        os.environ.get("SAM") or "sam",
        "deploy",
        "--config-file",
        str(SAM_CONFIGURATION),
        "--config-env",
        arguments.environment,
        "--template-file",
        str(arguments.template),
        "--region",
        region,
        "--no-progressbar",
        "--parameter-overrides",
        *(f"{name}={_quoted(value)}" for name, value in sorted(parameters.items())),
    ]
    return subprocess.run(command, check=False).returncode


def _quoted(value: str) -> str:
    """Quote for SAM, which would end an unquoted value at its first space."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


if __name__ == "__main__":
    sys.exit(main())
