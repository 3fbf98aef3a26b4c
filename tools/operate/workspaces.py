"""Applies the Terraform workspaces: plans first, applies what is planned, and takes in what an interrupted run made."""

import json
import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operate.answers import HCP, HERE, Answers
from operate.environment import ROOT, OperationError
from operate.interruptible import run_interruptibly
from stack.terraform_imports import IMPORT_IDS

if TYPE_CHECKING:
    import subprocess

ORDER = ("worker", "processor", "reporter")
"""Each reads what the one before has published. The account's own workspace stands apart."""
ACCOUNT = "account"
_EXISTS = re.compile(
    r"already ?exists|EntityAlreadyExists|AlreadyExists|ResourceInUse|Conflict|Duplicate", re.IGNORECASE
)
_LOCK = re.compile(r"Lock Info:[\s│]+ID:\s+(\S+)")
_MAX_ROUNDS = 6
_LAST_LINES = 30
# A killed run may have left a Terraform behind, which finishes what it has begun.
_WAIT_FOR_LOCK = "-lock-timeout=120s"


@dataclass(frozen=True)
class Change:
    """What a plan would do to one resource."""

    address: str
    type: str
    actions: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    """As they are to be."""
    before: Mapping[str, Any] = field(default_factory=dict)
    """As they are."""


@dataclass(frozen=True)
class Workspaces:
    """The workspaces of one environment."""

    environment: str
    answers: Answers
    account_id: str
    directory: Path
    """For plans and logs."""
    infrastructure: Path = ROOT / "infrastructure"
    is_ignored: Callable[[Change], bool] = lambda _change: False
    """Whether a planned change is no reason to apply."""

    def write_backend(self) -> None:
        """Say in each workspace where its state is, in a file that git ignores."""
        for workspace in (ACCOUNT, *ORDER):
            file = self._folder(workspace) / "backend_override.tf"
            text = self._backend(workspace)
            if text is None:
                file.unlink(missing_ok=True)
            elif not file.is_file() or file.read_text(encoding="utf-8") != text:
                file.write_text(text, encoding="utf-8")

    def plan(self, workspace: str, variables: Mapping[str, object]) -> list[Change]:
        """Return what an apply would change.

        Raises:
            OperationError: Terraform cannot plan.
        """
        if self.answers.state == HCP:
            self._terraform(workspace, "init", "-input=false", "-no-color")
        else:
            # Where another environment has a workspace, `init` does not make the one that TF_WORKSPACE names.
            self._terraform(workspace, "init", "-input=false", "-no-color", is_selected=False)
            name = self._name(workspace)
            self._terraform(workspace, "workspace", "select", "-or-create=true", name, is_selected=False)
        return self._plan(workspace, variables)

    def apply(self, workspace: str, variables: Mapping[str, object]) -> None:
        """Apply what was planned. What a killed run has made without noting it is taken into the state.

        Raises:
            OperationError: Terraform fails.
        """
        for _ in range(_MAX_ROUNDS):
            failures, printed = self._apply(workspace)
            if failures is None:
                return
            known = {change.address: change for change in self._plan(workspace, variables)}
            orphans = [known[address] for address in failures if address in known and known[address].type in IMPORT_IDS]
            if not orphans:
                raise OperationError(f"Terraform could not apply {workspace}:\n{printed}")
            for orphan in orphans:
                identifier = IMPORT_IDS[orphan.type](orphan.values, self.account_id)
                print(f"      {orphan.address} exists already: taking it into the state", flush=True)
                file = self._variables_file(workspace, variables)
                options = ["-input=false", "-no-color", _WAIT_FOR_LOCK, f"-var-file={file}"]
                self._terraform(workspace, "import", *options, orphan.address, identifier)
            self._plan(workspace, variables)
        raise OperationError(f"Terraform could not apply {workspace}: see {self._log(workspace)}")

    def _plan(self, workspace: str, variables: Mapping[str, object]) -> list[Change]:
        file = self._variables_file(workspace, variables)
        plan = self._plan_file(workspace)
        options = ["-input=false", "-no-color", _WAIT_FOR_LOCK, f"-var-file={file}", f"-out={plan}"]
        self._terraform(workspace, "plan", *options)
        document = json.loads(self._terraform(workspace, "show", "-json", str(plan)))
        changes = [
            Change(
                resource["address"],
                resource["type"],
                tuple(resource["change"]["actions"]),
                resource["change"].get("after") or {},
                resource["change"].get("before") or {},
            )
            for resource in document.get("resource_changes", [])
            if resource["mode"] == "managed" and resource["change"]["actions"] != ["no-op"]
        ]
        return [change for change in changes if not self.is_ignored(change)]

    def _apply(self, workspace: str) -> tuple[list[str] | None, str]:
        """Return None, or the addresses of what exists already, and what Terraform says of its errors."""
        answer = self._run(workspace, "apply", "-input=false", "-json", _WAIT_FOR_LOCK, str(self._plan_file(workspace)))
        if answer.returncode == 0:
            return None, ""
        errors = [
            line["diagnostic"]
            for line in _json_lines(answer.stdout)
            if line.get("@level") == "error" and "diagnostic" in line
        ]
        existing = [
            str(error["address"])
            for error in errors
            if "address" in error and _EXISTS.search(f"{error.get('summary')} {error.get('detail')}")
        ]
        said = "\n".join(
            [
                *(f"  {error.get('summary')} {error.get('detail') or ''}".rstrip() for error in errors),
                *self._how_to_unlock(workspace, "\n".join(str(error.get("detail")) for error in errors)),
            ]
        )
        return existing, said or answer.stderr[-2000:]

    def _terraform(self, workspace: str, *arguments: str, is_selected: bool = True) -> str:
        answer = self._run(workspace, *arguments, is_selected=is_selected)
        if answer.returncode != 0:
            printed = answer.stdout + answer.stderr
            lines = printed.strip().splitlines()[-_LAST_LINES:]
            hint = self._how_to_unlock(workspace, printed)
            raise OperationError(
                f"`terraform {arguments[0]}` of {workspace} failed:\n  " + "\n  ".join([*lines, *hint])
            )
        return answer.stdout

    def _how_to_unlock(self, workspace: str, printed: str) -> list[str]:
        """Return the command that removes a lock which outlived its Terraform, as one in a bucket does."""
        found = _LOCK.search(printed)
        if found is None:
            return []
        folder = shlex.quote(str(self._folder(workspace)))
        command = f"TF_WORKSPACE={self._name(workspace)} terraform -chdir={folder} force-unlock {found[1]}"
        return [f"If no other Terraform is running, its lock was left behind by one that was killed: {command}"]

    def _name(self, workspace: str) -> str:
        """Return the name under which the state is kept."""
        return f"edge-analytics-{workspace}" + ("" if workspace == ACCOUNT else f"-{self.environment}")

    def _run(self, workspace: str, *arguments: str, is_selected: bool = True) -> "subprocess.CompletedProcess[str]":
        programs = os.pathsep.join(
            [str(ROOT / ".tools" / "bin"), str(ROOT / ".venv" / "bin"), os.environ.get("PATH", os.defpath)]
        )
        variables = {
            **{key: value for key, value in os.environ.items() if not key.startswith("TF_CLI_ARGS")},
            "TF_WORKSPACE": self._name(workspace),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "PATH": programs,
        }
        if not is_selected:
            del variables["TF_WORKSPACE"]
        if self.answers.state == HCP:
            variables["TF_CLOUD_ORGANIZATION"] = self.answers.organization
        name = f"terraform {arguments[0]}"
        answer = run_interruptibly(["terraform", *arguments], self._folder(workspace), variables, name=name)
        log = self._log(workspace)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"$ terraform {' '.join(arguments)}\n{answer.stdout}{answer.stderr}\n")
        return answer

    def _backend(self, workspace: str) -> str | None:
        if self.answers.state == HCP:
            return None
        if self.answers.state == HERE:
            return 'terraform {\n  backend "local" {}\n}\n'
        settings = {
            "bucket": self.answers.bucket,
            "key": f"edge-analytics/{workspace}.tfstate",
            "region": self.answers.region,
        }
        lines = "".join(f"    {name} = {json.dumps(value)}\n" for name, value in settings.items())
        if os.environ.get("AWS_ENDPOINT_URL"):  # no address of a bucket's own leads to an endpoint of one's own
            lines += "    use_path_style = true\n"
        return f'terraform {{\n  backend "s3" {{\n{lines}    use_lockfile = true\n  }}\n}}\n'

    def _variables_file(self, workspace: str, variables: Mapping[str, object]) -> Path:
        values = dict(variables) if workspace == ACCOUNT else {"environment": self.environment, **variables}
        file = self.directory / f"{workspace}.tfvars.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
        return file

    def _plan_file(self, workspace: str) -> Path:
        return self.directory / f"{workspace}.tfplan"

    def _log(self, workspace: str) -> Path:
        return self.directory / "logs" / f"terraform-{workspace}.log"

    def _folder(self, workspace: str) -> Path:
        return self.infrastructure / "workspaces" / workspace


def _json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
