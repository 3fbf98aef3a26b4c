"""Whether this machine has the programs, in versions that work."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from operate.environment import ROOT
from operate.finding import MISSING, OK, Finding
from stack.setup.bootstrap import OLDEST_PROGRAMS


@dataclass(frozen=True)
class _Program:
    command: tuple[str, ...]
    advice: str


_PROGRAMS = {
    "git": _Program(("git", "--version"), "install git"),
    "uv": _Program(("uv", "--version"), "make setup installs it into this folder"),
    "sam": _Program(("sam", "--version"), "make setup installs it into this folder"),
    "terraform": _Program(("terraform", "version"), "install Terraform 1.11 or later; make setup installs one"),
    "node": _Program(("node", "--version"), "install Node 20 or later; make setup installs one"),
}


def programs(variables: Mapping[str, str], root: Path = ROOT) -> Iterator[Finding]:
    """Yield which of the programs that are needed are there, and new enough."""
    path = os.pathsep.join(
        [str(root / ".tools" / "bin"), str(root / ".venv" / "bin"), variables.get("PATH", os.defpath)]
    )
    for name, program in _PROGRAMS.items():
        found = shutil.which(name, path=path)
        if found is None:
            yield Finding(name, MISSING, program.advice)
            continue
        version = _version([found, *program.command[1:]], {**variables, "PATH": path})
        numbers = tuple(int(number) for number in version.split(".")) if version else ()
        if not version or numbers < OLDEST_PROGRAMS.get(name, ()):
            yield Finding(name, MISSING, f"{found} is {version or 'of no known version'}; {program.advice}")
        else:
            yield Finding(name, OK, version)


def _version(command: list[str], variables: Mapping[str, str]) -> str:
    """Return what a program says of its version, such as `1.11.4`; empty where it does not run."""
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=dict(variables), timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(\.\d+)+", answer.stdout)
    return found[0] if found else ""
