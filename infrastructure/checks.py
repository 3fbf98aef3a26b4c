"""Validates and tests every module and workspace, in a copy, so that nothing of it is left beside the code.

python checks.py validate    `terraform validate` with the provider there is
python checks.py schema      the same against the schema of the newest provider, where a stand-in for it is at hand
python checks.py test        `terraform test`
python checks.py plan        plans of the workspaces into build/plans; `python -m policies` evaluates their policies

Environment:
    TERRAFORM            the program, `terraform` if not given
    TF_PLUGIN_DIR        a folder that holds `registry.terraform.io`, for a machine that cannot reach the registry;
                         Terraform's own places for mirrors are searched without it
    TERRAFORM_OFFLINE    the program that runs Terraform with the newest provider's schema instead of the provider
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT: Final = Path(__file__).parent
REGISTRY: Final = "registry.terraform.io"
_COPIED: Final = ("modules", "workspaces", "parameters.json")
_LEFT_OUT: Final = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "*.tfvars*")
_AT_ONCE: Final = 2  # Each provider process takes a processor and several hundred megabytes.


class CheckError(Exception):
    """A check cannot be made. The message says what to do."""


@dataclass(frozen=True)
class Terraform:
    """A Terraform program, and how it finds its provider."""

    program: str
    mirror: str | None = None
    """A folder that holds the provider, in place of the registry."""
    configuration: Path | None = None
    """Terraform's CLI configuration, in place of the user's own."""

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it in a folder and return what it printed, errors among the rest.

        Raises:
            CheckError: there is no such program.

        """
        try:
            return subprocess.run(
                [self.program, *arguments],
                cwd=folder,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise CheckError(
                f"{self.program} was not found: install Terraform 1.11 or later, or name it: make TERRAFORM=PATH"
            ) from None

    def initialise(self, folder: Path) -> None:
        """Fetch the provider and link the modules, without a backend.

        Raises:
            CheckError: the provider is not available.

        """
        arguments = ["init", "-backend=false", "-input=false", "-no-color"]
        if self.mirror:
            arguments.append(f"-plugin-dir={self.mirror}")
        answer = self.run(folder, *arguments)
        if answer.returncode:
            raise CheckError(
                f"{answer.stdout}\nThe provider is not available: allow access to {REGISTRY}, or name a folder that "
                f"holds it: make TF_PLUGIN_DIR=FOLDER (`terraform providers mirror FOLDER` fills one)"
            )

    def with_provider_of(self, folder: Path) -> Terraform:
        """Return the same program, which takes the provider of an initialised folder as it is.

        Terraform reads all of the provider (700 MB) for its checksum at every command, and fetches it for every folder.
        What the provider does is the same without that.
        """
        [provider] = (folder / ".terraform" / "providers" / REGISTRY / "hashicorp" / "aws").glob("*/*")
        configuration = folder / "provider.tfrc"
        override = f'dev_overrides {{\n    "hashicorp/aws" = {json.dumps(str(provider))}\n  }}'
        configuration.write_text(f"provider_installation {{\n  {override}\n}}\n", encoding="utf-8")
        return replace(self, configuration=configuration)

    def link_modules(self, folder: Path) -> None:
        """Link the modules that a folder calls: all that is left to do where the provider is given.

        Raises:
            CheckError: a module is not there.

        """
        answer = self.run(folder, "get", "-no-color")
        if answer.returncode:
            raise CheckError(answer.stdout)

    @cached_property
    def _environment(self) -> dict[str, str]:
        # Go collects garbage less often: a third less processor time for a fifth more memory.
        environment = {"GOGC": "400", **os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        if self.configuration:
            return {**environment, "TF_CLI_CONFIG_FILE": str(self.configuration)}
        configuration = environment.get("TF_CLI_CONFIG_FILE")
        if configuration and not Path(configuration).is_file():
            del environment["TF_CLI_CONFIG_FILE"]  # Terraform would only warn, and every answer begin with that.
        return environment


def copy(name: str) -> list[Path]:
    """Copy modules and workspaces into build/`name` and return their folders there."""
    target = ROOT / "build" / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for source in _COPIED:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target / source, ignore=_LEFT_OUT)
        else:
            shutil.copy(ROOT / source, target)
    return [variables.parent for variables in sorted(target.glob("*/*/variables.tf"))]


def validate(terraform: Terraform, name: str) -> int:
    """Initialise and validate every folder; return how many are not valid."""
    invalid = 0
    folders = copy(name)
    for folder in folders:
        terraform.initialise(folder)
        answer = terraform.run(folder, "validate", "-no-color")
        if answer.returncode:
            invalid += 1
            print(f"{_short(folder)}\n{answer.stdout}")
    print(f"{len(folders) - invalid} of {len(folders)} folders are valid ({name})")
    return invalid


def initialised(terraform: Terraform, folders: Iterable[Path]) -> Terraform:
    """Make folders ready for every command that needs no backend, and return the program to run there.

    Raises:
        CheckError: the provider is not available, or a module is not there.

    """
    first, *others = folders
    terraform.initialise(first)
    ready = terraform.with_provider_of(first)
    for folder in others:
        ready.link_modules(folder)
    return ready


def test(terraform: Terraform) -> int:
    """Initialise and test every folder; return how many have failing tests."""
    folders = copy("test")
    ready = initialised(terraform, folders)

    def run(folder: Path) -> bool:
        answer = ready.run(folder, "test", "-no-color")
        closing_line = answer.stdout.rstrip().rpartition("\n")[2]
        print(f"{_short(folder)}\n{answer.stdout if answer.returncode else closing_line}", flush=True)
        return answer.returncode == 0

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(run, folders)).count(False)


def plan(terraform: Terraform) -> int:
    """Plan every workspace as its tests do, for all environments, and write what is planned into build/plans.

    Returns:
        How many cannot be planned.

    """
    folders = [folder for folder in copy("plan") if folder.parent.name == "workspaces"]
    plans = ROOT / "build" / "plans"
    plans.mkdir(exist_ok=True)
    ready = initialised(terraform, folders)

    def run(folder: Path) -> bool:
        # The test's own provider and stand-ins for what would be looked up, with one run of nothing but a plan.
        head = (folder / "tests" / f"{folder.name}.tftest.hcl").read_text(encoding="utf-8").partition('\nrun "')[0]
        environments = 'variables {\n environments = ["dev", "prod"]\n }' if folder.name == "account" else ""
        (folder / "plan").mkdir()
        test = f'{head}\nrun "plan" {{\n command = plan\n {environments}\n}}\n'
        (folder / "plan" / "plan.tftest.hcl").write_text(test, encoding="utf-8")
        answer = ready.run(folder, "test", "-json", "-verbose", "-test-directory=plan")
        entries: list[dict[str, Any]] = [
            json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")
        ]
        found = [entry["test_plan"]["resource_changes"] for entry in entries if entry.get("type") == "test_plan"]
        (plans / f"{folder.name}.json").write_text(json.dumps(found), encoding="utf-8")
        if answer.returncode:
            print("\n".join([_short(folder), *_messages(entries)]), flush=True)
        return answer.returncode == 0

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(run, folders)).count(False)


def _messages(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what Terraform says in its machine-readable log, plans left out."""
    for entry in entries:
        if entry.get("type") not in {"test_plan", "test_state", "version", "test_abstract"}:
            yield entry["@message"]
        if detail := entry.get("diagnostic", {}).get("detail"):
            yield detail


def _short(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def main(arguments: list[str]) -> int:
    """Make the check that the one argument names."""
    terraform = Terraform(os.environ.get("TERRAFORM") or "terraform", os.environ.get("TF_PLUGIN_DIR"))
    try:
        match arguments:
            case ["validate"]:
                failed = validate(terraform, "validate")
            case ["schema"]:
                program = os.environ.get("TERRAFORM_OFFLINE")
                if not program:
                    print("skipped: TERRAFORM_OFFLINE names no stand-in for the newest provider")
                    return 0
                failed = validate(Terraform(program), "schema")
            case ["test"]:
                failed = test(terraform)
            case ["plan"]:
                failed = plan(terraform)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except CheckError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
