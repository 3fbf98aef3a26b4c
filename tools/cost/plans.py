"""What Terraform would create, from its own plans of the unchanged workspaces: offline, nothing is applied."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cost.resources import Resource
from stack.emulator import ACCOUNT, REGION, Emulator, emulator
from stack.paths import INFRASTRUCTURE
from stack.programs import exclusively
from stack.progress import Progress
from stack.sam import ENVIRONMENT
from stack.stack import PREFIX, RECIPIENT, VARIABLES
from stack.terraform import workspaces

_ACCOUNT_VARIABLES: dict[str, Any] = {
    "budget_email": RECIPIENT,
    "github_repository": {"owner": "example", "owner_id": 1, "name": "edge-analytics", "id": 1},
    "hcp_organization": "example",
}
_VARIABLES = {"account": _ACCOUNT_VARIABLES, **VARIABLES}

_NAME = f"edge-analytics-{ENVIRONMENT}"
_PLACE = f"{REGION}:{ACCOUNT}"
# What the workspaces look up of each other, as it would be once they were applied.
_PUBLISHED = {
    "queue-arn": f"arn:aws:sqs:{_PLACE}:{_NAME}-events.fifo",
    "dead-letter-queue-arn": f"arn:aws:sqs:{_PLACE}:{_NAME}-events-dead-letter.fifo",
    "alert-topic-arn": f"arn:aws:sns:{_PLACE}:{_NAME}-alerts",
    "table-name": f"{_NAME}-events",
    "table-arn": f"arn:aws:dynamodb:{_PLACE}:table/{_NAME}-events",
    "processor-function-name": f"{_NAME}-processor",
}


def planned_resources(directory: Path) -> list[Resource]:
    """Return every resource of all workspaces, each environment's once, as `terraform plan` describes it.

    Takes half a minute, and no time at all where nothing has changed since the last time.

    Args:
        directory: for the plans and their logs; what is in it is used again.

    Raises:
        ProgramError: the emulator that answers the workspaces' look-ups does not start, or Terraform fails.
    """
    directory = directory.resolve()
    stored, digest = directory / "planned.json", _digest()
    if stored.is_file():
        found = json.loads(stored.read_text(encoding="utf-8"))
        if found["digest"] == digest:
            return [Resource(**resource) for resource in found["resources"]]
    resources = _plan_all(directory)
    document = {"digest": digest, "resources": [vars(resource) for resource in resources]}
    stored.write_text(json.dumps(document), encoding="utf-8")
    return resources


def resources_of_plan(plan: dict[str, Any]) -> list[Resource]:
    """Return the resources that a plan leaves behind once it is applied, named by their addresses.

    Args:
        plan: the document that `terraform show -json` prints.
    """
    found: list[Resource] = []
    modules = [plan["planned_values"].get("root_module", {})]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        found += [
            Resource(resource["address"], resource["type"], resource["values"])
            for resource in module.get("resources", [])
            if resource["mode"] == "managed"
        ]
    return sorted(found, key=lambda resource: resource.name)


def _plan_all(directory: Path) -> list[Resource]:
    with (
        exclusively(directory),
        Progress(sys.stderr).step("Terraform: plan all workspaces"),
        emulator(directory) as aws,
    ):
        _publish(aws)
        return resources_of_plan(workspaces(directory, aws).plan_together(_VARIABLES))


def _publish(aws: Emulator) -> None:
    ssm = aws.client("ssm")
    for name, value in _PUBLISHED.items():
        ssm.put_parameter(Name=f"{PREFIX}{name}", Value=value, Type="String", Overwrite=True)


def _digest() -> str:
    """Return a fingerprint of everything that the plans are made from."""
    digest = hashlib.sha256(json.dumps([_VARIABLES, _PUBLISHED]).encode())
    sources = [INFRASTRUCTURE / "parameters.json"]
    for folder in ("modules", "workspaces"):
        sources += sorted([*(INFRASTRUCTURE / folder).rglob("*.tf"), *(INFRASTRUCTURE / folder).rglob("*.json")])
    for file in sources:
        if ".terraform" not in file.parts:
            digest.update(f"{file.relative_to(INFRASTRUCTURE)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
