"""The set-up installs node and terraform where the machine has none that are new enough, and only then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.setup import bootstrap

PRINTS = {
    "terraform": "Terraform v{}\non linux_amd64\n\nYour version of Terraform is out of date! The latest is 1.99.0.",
    "node": "v{}",
}


def stand_in(folder: Path, name: str, version: str) -> Path:
    program = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\ncat <<'EOF'\n{PRINTS.get(name, '{}').format(version)}\nEOF\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("terraform", "1.5.7", False),
        ("terraform", "1.9.10", False),
        ("terraform", "1.11.0-rc1", True),
        ("terraform", "1.11.0", True),
        ("terraform", "2.0.0", True),
        ("node", "18.20.4", False),
        ("node", "9.11.2", False),
        ("node", "20.0.0", True),
        ("node", "24.1.0", True),
    ],
)
def test_a_program_of_the_machine_is_used_if_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, version: str, expected: bool
) -> None:
    stand_in(tmp_path / "folder of programs", name, version)
    stand_in(tmp_path / "folder of programs", "npm", "10.0.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'folder of programs'}:/usr/bin:/bin")

    assert bootstrap.is_recent(name) is expected


def test_node_without_npm_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, "node", "24.1.0")
    cat = tmp_path / "cat"
    cat.symlink_to("/bin/cat")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not bootstrap.is_recent("node")


def test_the_projects_own_programs_are_not_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    own = [bootstrap.PROGRAMS, bootstrap.ROOT / ".venv" / "bin"]
    monkeypatch.setenv("PATH", os.pathsep.join(["/a", *map(str, own), "/b"]))

    assert bootstrap.machine_path() == "/a:/b"


@pytest.fixture
def installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Each command that would install something, in a folder with nothing in it and a machine with old programs."""
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "PROGRAMS", tmp_path / ".tools" / "bin")
    monkeypatch.setattr(bootstrap, "install_uv", lambda: None)
    monkeypatch.setattr(bootstrap, "fetch_packages_of_functions", lambda: commands.append(["fetch"]))
    monkeypatch.setattr(bootstrap, "run", lambda command, _message: commands.append([str(word) for word in command]))
    (tmp_path / ".tools" / "bin").mkdir(parents=True)
    stand_in(tmp_path / "old", "terraform", "1.5.7")
    stand_in(tmp_path / "old", "node", "18.0.0")
    stand_in(tmp_path / "old", "npm", "9.0.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'old'}:/usr/bin:/bin")
    return commands


def test_for_operating_nothing_of_the_development_is_installed(
    installs: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "--operate"])

    assert bootstrap.main() == 0

    [command] = installs
    assert {"--no-dev", "--inexact", "node", "terraform"} <= set(command)
    assert command[command.index("--project") + 1] == str(tmp_path)
    # The old one is no longer what a command of ours would find.
    assert (tmp_path / ".tools" / "bin" / "terraform").is_file()


def test_for_development_everything_is_installed(installs: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py"])

    assert bootstrap.main() == 0

    places = [Path(command[command.index("--project") + 1]).name for command in installs if "--project" in command]
    assert places[1:] == ["ministack"]
    assert len([command for command in installs if command[0] == "make"]) == len(bootstrap.FOLDERS)
    assert ["fetch"] in installs


def test_make_environment_installs_only_what_operating_needs() -> None:
    makefile = (bootstrap.ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\nenvironment:")[2].partition("\n\n")[0]

    printed = subprocess.run(
        ["make", "-n", "environment"], cwd=bootstrap.ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert "$(SETUP) --operate" in recipe
    assert "bootstrap.py --operate" in printed
    assert "--no-dev" in printed


def test_an_interrupt_while_python_reads_its_library_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "hashlib.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    script = "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')"
    program = bootstrap.SETUP / "bootstrap.py"

    answer = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(program)], capture_output=True, text=True, check=False
    )

    assert (answer.returncode, answer.stderr) == (130, "")
