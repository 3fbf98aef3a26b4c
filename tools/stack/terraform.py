"""Applies the unchanged Terraform workspaces to the emulator."""

import json
import os
import re
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.emulator import ACCOUNT, Emulator
from stack.paths import INFRASTRUCTURE, ROOT
from stack.programs import ProgramError, program_variables, run
from stack.terraform_imports import IMPORT_IDS

_REGISTRY = "registry.terraform.io"
FETCHED = ROOT / ".tools" / "terraform-plugins"
"""Providers that were fetched from the registry."""
_COPIED = ("modules", "workspaces", "parameters.json")
_NOT_COPIED = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "*.auto.tfvars*")

# Terraform's message about what exists already, and the address that it names in its next paragraph.
_EXISTING = re.compile(r"Error: [^\n]*already ?exists[^\n]*\n[^\n]*\n\s*with (\S+),", re.IGNORECASE)

# Merged over each workspace: state in a file instead of HCP Terraform, and no question asked of the real AWS.
_OVERRIDE: dict[str, Any] = {
    "terraform": {"backend": {"local": {}}},
    "provider": {
        "aws": {
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
            "skip_region_validation": True,
            "skip_requesting_account_id": False,
        }
    },
}


class ProviderNotFoundError(ProgramError):
    """Terraform's AWS provider was not found. The message says what to do."""


@dataclass(frozen=True)
class Workspaces:
    """A copy of the infrastructure folder, whose workspaces can be applied to one emulator."""

    directory: Path
    emulator: Emulator
    logs: Path
    cli_variables: Mapping[str, str]

    def prepare(self, workspace: str, variables: Mapping[str, Any]) -> None:
        """Put the override and the variables beside the workspace's files and initialise it.

        Raises:
            ProgramError: `terraform init` fails.
        """
        folder = self.folder(workspace)
        (folder / "local_override.tf.json").write_text(json.dumps(_OVERRIDE, indent=2))
        (folder / "local.auto.tfvars.json").write_text(json.dumps(dict(variables), indent=2))
        self.terraform(workspace, "init", "-input=false", "-no-color")

    def apply(self, workspace: str) -> None:
        """Create or update what the workspace describes.

        Where a first attempt fails, what exists already is imported and a second one goes on from there. On a busy
        machine the provider has been told that a role existed which it had just made: it repeats a request whose answer
        is lost.

        Raises:
            ProgramError: `terraform apply` fails.
        """
        command = ("apply", "-input=false", "-no-color", "-auto-approve", "-parallelism=20")
        try:
            self.terraform(workspace, *command)
        except ProgramError as error:
            print(f"trying again: {str(error).splitlines()[0]}", file=sys.stderr)
            self._import(workspace, _EXISTING.findall(str(error)))
            self.terraform(workspace, *command)

    def _import(self, workspace: str, addresses: Sequence[str]) -> None:
        """Take into the state what exists already."""
        if not addresses:
            return
        planned = {change["address"]: change for change in self.plan(workspace)["resource_changes"]}
        for change in filter(None, map(planned.get, addresses)):
            if change["type"] in IMPORT_IDS:
                identifier = IMPORT_IDS[change["type"]](change["change"]["after"], ACCOUNT)
                self.terraform(workspace, "import", "-input=false", "-no-color", change["address"], identifier)

    def destroy(self, workspace: str) -> None:
        """Remove everything that the workspace created.

        Raises:
            ProgramError: `terraform destroy` fails.
        """
        self.terraform(workspace, "destroy", "-input=false", "-no-color", "-auto-approve", "-parallelism=20")

    def plan(self, workspace: str) -> dict[str, Any]:
        """Return what `terraform apply` would do now, as Terraform's JSON plan.

        Raises:
            ProgramError: `terraform plan` fails.
        """
        self.terraform(workspace, "plan", "-input=false", "-no-color", "-out=local.tfplan")
        plan: dict[str, Any] = json.loads(self.terraform(workspace, "show", "-json", "local.tfplan"))
        return plan

    def changes(self, workspace: str) -> dict[str, str]:
        """Return the types of the resources that `terraform apply` would change now, by their addresses.

        Raises:
            ProgramError: `terraform plan` fails.
        """
        printed = self.terraform(workspace, "plan", "-input=false", "-json")
        events = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
        planned = [event["change"] for event in events if event["type"] == "planned_change"]
        return {
            change["resource"]["addr"]: change["resource"]["resource_type"]
            for change in planned
            if change["action"] not in ("noop", "read")
        }

    def plan_together(self, variables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Return one plan of several workspaces, each a module named after it, as if nothing were there yet.

        It takes as long as the plan of one.

        Args:
            variables: those of each workspace, by its name.

        Raises:
            ProgramError: Terraform fails.
        """
        together = self.folder("together")
        together.mkdir(exist_ok=True)
        modules = {}
        for workspace, values in variables.items():
            settings = {"provider": _OVERRIDE["provider"]}
            (self.folder(workspace) / "local_override.tf.json").write_text(json.dumps(settings, indent=2))
            modules[workspace] = {"source": f"../{workspace}", **values}
        (together / "main.tf.json").write_text(json.dumps({"module": modules}, indent=2))
        self.terraform("together", "init", "-input=false", "-no-color")
        return self.plan("together")

    def terraform(self, workspace: str, *arguments: str) -> str:
        """Run Terraform in the workspace and return what it printed.

        Raises:
            ProgramError: it exits with a code other than 0.
        """
        variables = program_variables(
            **self.emulator.variables,
            **(self.cli_variables if arguments[0] == "init" else self._with_provider_of(workspace)),
            CHECKPOINT_DISABLE="1",
            TF_IN_AUTOMATION="1",
            # Go collects garbage less often: a third less processor time for a fifth more memory.
            GOGC="400",
        )
        return run(
            ["terraform", *arguments],
            cwd=self.folder(workspace),
            env=variables,
            log=self.logs / f"terraform-{workspace}.log",
        )

    def _with_provider_of(self, workspace: str) -> dict[str, str]:
        """Return the variables with which Terraform takes the provider that `init` has chosen and checked, as it is.

        Otherwise it reads all of it (700 MB) for its checksum at every command.
        """
        configuration = self.folder(workspace) / "provider.tfrc"
        override = f'dev_overrides {{\n    "hashicorp/aws" = {json.dumps(str(self.provider(workspace)))}\n  }}'
        configuration.write_text(f"provider_installation {{\n  {override}\n}}\n", encoding="utf-8")
        return {"TF_CLI_CONFIG_FILE": str(configuration)}

    def provider(self, workspace: str) -> Path:
        """Return the folder of the provider that `init` has chosen for the workspace."""
        chosen = self.folder(workspace) / ".terraform" / "providers" / _REGISTRY / "hashicorp" / "aws"
        [provider] = chosen.glob("*/*")
        return provider

    def folder(self, workspace: str) -> Path:
        """Return where the copy of the workspace lies."""
        return self.directory / "workspaces" / workspace


def workspaces(directory: Path, emulator: Emulator) -> Workspaces:
    """Copy the infrastructure folder into `directory`, ready to be applied to the emulator.

    Raises:
        ProviderNotFoundError: Terraform would not find its AWS provider.
    """
    copy = directory / "infrastructure"
    shutil.rmtree(copy, ignore_errors=True)
    for part in _COPIED:
        source = INFRASTRUCTURE / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=_NOT_COPIED)
        else:
            shutil.copy2(source, copy / part)
    return Workspaces(copy, emulator, directory / "logs", cli_variables(directory))


def cli_variables(directory: Path) -> dict[str, str]:
    """Return the environment variables with which Terraform finds its AWS provider.

    The user's own CLI configuration wins, if it exists (a `TF_CLI_CONFIG_FILE` that names a missing file does
    not count); then `TF_PLUGIN_DIR`; then the registry; and where that is out of reach, a filesystem mirror in
    one of the places that Terraform knows or in a folder directly under `/opt`.

    Args:
        directory: where a CLI configuration may be written.

    Raises:
        ProviderNotFoundError: it is in none of these places.
    """
    chosen = os.environ.get("TF_CLI_CONFIG_FILE")
    if chosen and Path(chosen).is_file():
        return {"TF_CLI_CONFIG_FILE": chosen}
    named = os.environ.get("TF_PLUGIN_DIR")
    if named:
        if not (Path(named) / _REGISTRY).is_dir():
            raise ProviderNotFoundError(
                f"TF_PLUGIN_DIR is {named}, but there is no {_REGISTRY} folder in it: name the folder that holds it, "
                "or unset TF_PLUGIN_DIR"
            )
        return _mirror(directory, Path(named))
    if _registry_answers():
        # Fetched once for all workspaces, and for a day without a network.
        FETCHED.mkdir(parents=True, exist_ok=True)
        return {"TF_PLUGIN_CACHE_DIR": str(FETCHED)}
    for place in mirror_places():
        if (place / _REGISTRY / "hashicorp" / "aws").is_dir():
            return _mirror(directory, place)
    raise ProviderNotFoundError(
        f"Terraform's AWS provider cannot be had: {_REGISTRY} does not answer and no mirror of it was found. Allow "
        "access to it, or download the provider with `terraform providers mirror FOLDER` where it does answer and "
        "set TF_PLUGIN_DIR=FOLDER"
    )


def mirror_places() -> list[Path]:
    """Return where a mirror may lie: what was fetched, the places that Terraform knows, the folders under `/opt`."""
    known = [
        FETCHED,
        Path.home() / ".terraform.d" / "plugins",
        Path("/usr/local/share/terraform/plugins"),
        Path("/usr/share/terraform/plugins"),
    ]
    return [*known, *sorted(Path("/opt").glob("*"))]


def _mirror(directory: Path, place: Path) -> dict[str, str]:
    directory.mkdir(parents=True, exist_ok=True)
    configuration = directory / "terraform.tfrc"
    configuration.write_text(
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {json.dumps(str(place))}\n  }}\n}}\n"
    )
    return {"TF_CLI_CONFIG_FILE": str(configuration)}


def _registry_answers() -> bool:
    request = urllib.request.Request(f"https://{_REGISTRY}/.well-known/terraform.json", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - the address is our own
            return True
    except (urllib.error.URLError, OSError):
        return False
