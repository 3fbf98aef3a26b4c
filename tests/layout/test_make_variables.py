"""What a user says in a make variable reaches its program as it was typed, and never a shell."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack.paths import ROOT

HOSTILE = {
    "semicolon": "x;touch PWNED",
    "substitution": "$(touch PWNED)",
    "make function": "$(shell touch PWNED)",
    "backticks": "`touch PWNED`",
    "single quote": "x'; touch PWNED; '",
    "double quote": 'x"; touch PWNED; "',
    "new line": "x\ntouch PWNED",
    "dollar": "$HOME",
    "two dollars": "$$HOME",
    "braces": "${HOME}",
    "and": "x && touch PWNED",
    "pipe": "x | touch PWNED",
    "option": "--yes",
    "umlaut and space": "für alle",
    "backslash": "a\\b",
    "hash": "a#b",
}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FOLDERS = ("reporter", "edge-worker", "infrastructure", "processor")
RECORDER = """#!/bin/sh
for word; do printf '%s\\0' "$word"; done >> "$RECORD"
"""


def variables() -> list[str]:
    declared = re.search(r"^VARIABLES := ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert declared
    return declared[1].replace("\\\n", " ").split()


def uses() -> list[tuple[str, str]]:
    """Return each target with each of the variables that its recipe passes on as an option."""
    found = []
    for block in re.split(r"\n(?=[a-z][a-z -]*:)", MAKEFILE):
        target = re.match(r"([a-z]+)", block)
        found += [(target[1], name) for name in re.findall(r"\$\(call option,(\w+),", block) if target]
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The Makefiles, with programs that only note their arguments."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for place in (".venv/bin/python", ".tools/bin/uv", ".tools/bin/terraform", "programs/python3", "programs/node"):
        program = tmp_path / place
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(RECORDER, encoding="utf-8")
        program.chmod(0o755)
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
        shutil.copy(ROOT / folder / "Makefile", tmp_path / folder)
        (tmp_path / folder / ".venv" / "bin").mkdir(parents=True)
        shutil.copy(tmp_path / ".venv/bin/python", tmp_path / folder / ".venv" / "bin" / "python")
        (tmp_path / folder / "workspaces" / "worker").mkdir(parents=True)
    return tmp_path


def make(repository: Path, *words: str) -> set[str]:
    """Run make and return the arguments of all programs that it has started."""
    record = repository / "record"
    record.unlink(missing_ok=True)
    programs = os.pathsep.join([str(repository / ".tools" / "bin"), str(repository / "programs"), os.environ["PATH"]])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    subprocess.run(
        ["make", "--no-print-directory", "--keep-going", *words],
        cwd=repository,
        env={**inherited, "PATH": programs, "RECORD": str(record)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return set(record.read_text(encoding="utf-8").split("\0")) if record.is_file() else set()


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_every_variable_of_every_target_arrives_as_it_was_typed(repository: Path, value: str) -> None:
    targets, names = zip(*uses(), strict=True)

    arguments = make(repository, *sorted(set(targets)), *(f"{name}={value}" for name in sorted(set(names))))

    options = {word.partition("=")[0] for word in arguments if word.partition("=")[2] == value}
    assert len(set(targets)) > 10
    assert len(options) >= len(set(names)), f"{names} {options}"
    assert not list(repository.rglob("PWNED"))


@pytest.mark.parametrize("value", [value for value in HOSTILE.values() if "PWNED" in value])
def test_no_variable_of_a_folder_reaches_a_shell(repository: Path, value: str) -> None:
    for folder in FOLDERS:
        text = (ROOT / folder / "Makefile").read_text(encoding="utf-8")
        targets = re.findall(r"^([a-z-]+):(?!=)", text, re.MULTILINE)
        names = set(re.findall(r"\b(?:[A-Z][A-Z_]{2,}|UV)\b", text)) - {"PHONY", "MAKE", "MAKEFILE_LIST", "CURDIR"}
        programs = names & {"UV", "NPM", "SAM", "TERRAFORM", "PYTHON"}

        # Without a program most targets end at once, so the programs have a turn of their own.
        make(repository, "-C", folder, *targets, *(f"{name}={value}" for name in sorted(names - programs)))
        make(repository, "-C", folder, *targets, *(f"{name}={value}" for name in sorted(programs)))

        assert len(targets) > 10
        assert not list(repository.rglob("PWNED")), folder


def test_what_no_target_knows_is_not_expanded_either(repository: Path) -> None:
    make(repository, "help", "send", "doctor", "A_NAME_OF_NO_VARIABLE=$(shell touch PWNED)")

    assert not list(repository.rglob("PWNED"))


@pytest.mark.parametrize("value", ["$HOME", "`touch PWNED`", "x;touch PWNED"])
@pytest.mark.parametrize("target", ["report", "send"])
def test_what_the_root_hands_on_to_a_folder_arrives_too(repository: Path, target: str, value: str) -> None:
    arguments = make(repository, target, f"WEEK={value}", f"SITE={value}")

    assert {f"--week={value}", f"--site={value}"} <= arguments
    assert not list(repository.rglob("PWNED"))


def test_every_variable_that_help_names_is_declared() -> None:
    named = set(re.findall(r"\b([A-Z][A-Z_]+)=", "\n".join(re.findall(r"## (.*)", MAKEFILE))))

    assert named <= set(variables()) | {"COLLECTOR", "FILE"}


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["cost", "cost", "--exchanges", "5;id"], "QUERIES="),
        (["cost", "cost", "--idle-polls", "x"], "IDLE_POLLS="),
        (["operate", "export", "--from", "yesterday"], "FROM="),
        (["operate", "doctor", "--environment", "test"], "ENVIRONMENT="),
        (["stack", "--port", "x"], "PORT="),
    ],
)
def test_an_error_names_the_make_variable(command: list[str], named: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT / "tools", capture_output=True, text=True, check=False
    )

    assert answer.returncode == 2
    assert named in answer.stderr


def test_clean_removes_all_that_is_generated_and_nothing_of_the_users(repository: Path) -> None:
    ignored = [line for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line.endswith("/")]
    generated = [line for line in ignored if line != "receipts/"]
    for folder in ("", "processor/", "edge-worker/", "infrastructure/workspaces/worker/"):
        for place in generated:
            if place == ".terraform/" or "workspaces" not in folder:
                (repository / folder / place).mkdir(parents=True, exist_ok=True)
    kept = ["answers.toml", "receipts/one.json", "infrastructure/workspaces/worker/terraform.tfstate"]
    for file in kept:
        (repository / file).parent.mkdir(exist_ok=True)
        (repository / file).write_text("x", encoding="utf-8")

    make(repository, "clean")

    left = {path.name for path in repository.rglob("*") if path.is_dir()}
    of_folders = {"node_modules", "python_modules", ".tools", ".terraform"}  # only where they are made
    assert not left & ({place.rstrip("/") for place in generated} - of_folders)
    assert not (repository / "infrastructure" / "workspaces" / "worker" / ".terraform").exists()
    assert all((repository / file).is_file() for file in kept)


@pytest.mark.parametrize("folder", ["edge-worker", "processor", "reporter", "infrastructure"])
def test_uv_is_found_in_a_folder_with_a_space_in_its_name(folder: str, tmp_path: Path) -> None:
    uv = tmp_path / "my tools" / "uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\n", encoding="utf-8")
    uv.chmod(0o755)
    target = "uv" if folder == "edge-worker" else "require-uv"

    answer = subprocess.run(
        ["make", "-s", "-C", str(ROOT / folder), target],
        env={"PATH": f"{uv.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (answer.returncode, answer.stderr) == (0, "")
