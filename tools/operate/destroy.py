"""Takes an environment down, in the opposite order of its making."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from operate.environment import ROOT, Environment, OperationError
from operate.interruptible import run_visibly


@dataclass(frozen=True)
class Step:
    """A command of the way down."""

    purpose: str
    command: Sequence[str]
    directory: Path = ROOT
    variables: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.purpose}: {' '.join(self.command)}"


def steps(environment: str, region: str, variables_of: Mapping[str, Mapping[str, object]] | None = None) -> list[Step]:
    """Return the commands that undo docs/deploy.md for an environment, in order.

    The account's workspace stays: it belongs to all environments.

    Args:
        environment: `dev` or `prod`.
        region: of its stacks.
        variables_of: Terraform variables by workspace that are not in its own files.
    """
    listed = []
    for service in ("reporter", "processor"):
        stack = f"edge-analytics-{environment}-{service}"
        listed.append(
            Step(
                f"delete the stack {stack}, the function and its versions",
                ["sam", "delete", "--stack-name", stack, "--region", region, "--no-prompts"],
            )
        )
    for workspace in ("reporter", "processor", "worker"):
        directory = ROOT / "infrastructure" / "workspaces" / workspace
        variables = {"TF_WORKSPACE": f"edge-analytics-{workspace}-{environment}"}
        listed += [
            Step(f"find the state of {workspace}", ["terraform", "init", "-input=false"], directory, variables),
            Step(
                f"delete what the workspace {workspace} made",
                [
                    "terraform",
                    "destroy",
                    "-auto-approve",
                    "-input=false",
                    f"-var=environment={environment}",
                    *(_option(name, value) for name, value in (variables_of or {}).get(workspace, {}).items()),
                ],
                directory,
                variables,
            ),
        ]
    return listed


def _option(name: str, value: object) -> str:
    return f"-var={name}={value if isinstance(value, str) else json.dumps(value)}"


def destroy(
    environment: Environment,
    run: Callable[[Step], int],
    variables_of: Mapping[str, Mapping[str, object]] | None = None,
) -> Iterator[str]:
    """Do all steps; yield a line before each. Run again after a failure: what is gone already does no harm.

    Raises:
        OperationError: a step fails.
    """
    table = environment.published.get("table-name")
    if table:
        yield f"let {table} be deleted, which it is protected from"
        environment.client("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)
    user = environment.published.get("sender-user-name")
    if user:
        iam = environment.client("iam")
        keys = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        yield f"delete the {len(keys)} access keys of {user}, which Terraform does not know"
        for key in keys:
            iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    for step in steps(environment.name, environment.region, variables_of):
        yield str(step)
        if run(step) != 0:
            raise OperationError(f"this failed: {step}. What it said is above; run again once that is fixed")
    worker = f"make -C edge-worker delete ENVIRONMENT={environment.name}"
    yield f"All of it is gone but the Worker ({worker}) and what the account's workspace made"


def run_step(step: Step) -> int:
    """Run a step's command and return its exit code."""
    programs = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    variables = {**os.environ, **step.variables, "PATH": programs}
    return run_visibly(step.command, step.directory, variables)
