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
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from provider import ProviderError, running
from terraform import REGISTRY, CheckError, Terraform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROOT: Final = Path(__file__).parent
_COPIED: Final = ("modules", "workspaces", "parameters.json")
_LEFT_OUT: Final = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "*.tfvars*")
_AT_ONCE: Final = 2  # Each provider process takes a processor and several hundred megabytes.


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


@contextmanager
def ready(terraform: Terraform, folders: Iterable[Path]) -> Iterator[SimpleQueue[Terraform]]:
    """Make folders ready for every command that needs no backend, and yield the programs to run there side by side.

    Raises:
        CheckError: the provider is not available or does not start, or a module is not there.

    """
    first, *others = folders
    terraform.initialise(first)
    [provider] = (first / ".terraform" / "providers" / REGISTRY / "hashicorp" / "aws").glob("*/*")
    for folder in others:
        terraform.link_modules(folder)
    programs: SimpleQueue[Terraform] = SimpleQueue()
    with ExitStack() as providers:
        for _ in range(_AT_ONCE):
            programs.put(replace(terraform, variables=providers.enter_context(running(provider))))
        yield programs


def failing(terraform: Terraform, folders: list[Path], check: Callable[[Terraform, Path], bool]) -> int:
    """Make the check in every folder; return in how many it fails."""
    with ready(terraform, folders) as programs, ThreadPoolExecutor(_AT_ONCE) as pool:

        def run(folder: Path) -> bool:
            program = programs.get()
            try:
                return check(program, folder)
            finally:
                programs.put(program)

        return list(pool.map(run, folders)).count(False)


def test(terraform: Terraform) -> int:
    """Initialise and test every folder; return how many have failing tests."""

    def run(terraform: Terraform, folder: Path) -> bool:
        answer = terraform.run(folder, "test", "-no-color")
        closing_line = answer.stdout.rstrip().rpartition("\n")[2]
        print(f"{_short(folder)}\n{answer.stdout if answer.returncode else closing_line}", flush=True)
        return answer.returncode == 0

    return failing(terraform, copy("test"), run)


def plan(terraform: Terraform) -> int:
    """Plan every workspace as its tests do, for all environments, and write what is planned into build/plans.

    Returns:
        How many cannot be planned.

    """
    folders = [folder for folder in copy("plan") if folder.parent.name == "workspaces"]
    plans = ROOT / "build" / "plans"
    plans.mkdir(exist_ok=True)

    def run(terraform: Terraform, folder: Path) -> bool:
        # The test's own provider and stand-ins for what would be looked up, with one run of nothing but a plan.
        head = (folder / "tests" / f"{folder.name}.tftest.hcl").read_text(encoding="utf-8").partition('\nrun "')[0]
        environments = 'variables {\n environments = ["dev", "prod"]\n }' if folder.name == "account" else ""
        (folder / "plan").mkdir()
        test = f'{head}\nrun "plan" {{\n command = plan\n {environments}\n}}\n'
        (folder / "plan" / "plan.tftest.hcl").write_text(test, encoding="utf-8")
        answer = terraform.run(folder, "test", "-json", "-verbose", "-test-directory=plan")
        entries: list[dict[str, Any]] = [
            json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")
        ]
        found = [entry["test_plan"]["resource_changes"] for entry in entries if entry.get("type") == "test_plan"]
        (plans / f"{folder.name}.json").write_text(json.dumps(found), encoding="utf-8")
        if answer.returncode:
            print("\n".join([_short(folder), *_messages(entries)]), flush=True)
        return answer.returncode == 0

    return failing(terraform, folders, run)


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
    except (CheckError, ProviderError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
