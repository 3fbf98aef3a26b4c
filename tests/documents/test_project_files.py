"""What carries the project on agrees with what it speaks of: versions, owners, hooks."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from stack.paths import ROOT

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
HOOKS = [
    hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    for hook in repository["hooks"]
]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_package_has_the_newest_version_of_the_changelog() -> None:
    released = re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}$", read("CHANGELOG.md"), re.MULTILINE)
    folders = ("", "edge-worker/", "processor/", "reporter/", "infrastructure/")
    versions = {tomllib.loads(read(f"{folder}pyproject.toml"))["project"]["version"] for folder in folders}

    assert versions == {released[0]}


def test_a_checkout_starts_with_the_oldest_python_that_is_supported() -> None:
    pinned = read(".python-version").strip()

    assert f"python_version = {pinned}\n" in read("mypy.ini")
    assert tomllib.loads(read("pyproject.toml"))["project"]["requires-python"] == f">={pinned}"


def test_the_table_of_pythons_is_true() -> None:
    table = dict(re.findall(r"^\| (3\.\d+) \| ([^|]+) \|", read("CONTRIBUTING.md"), re.MULTILINE))
    [development] = [version for version, where in table.items() if "development" in where]
    [functions] = [version for version, where in table.items() if "Lambda" in where]

    assert development == read(".python-version").strip()
    for service in ("processor", "reporter"):
        assert f"Runtime: python{functions}\n" in read(f"{service}/template.yaml")


def test_every_owned_folder_is_there() -> None:
    owned = re.findall(r"^/(\S+/) +@", read(".github/CODEOWNERS"), re.MULTILINE)

    assert owned
    assert [folder for folder in owned if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_make_target_and_is_started_by_a_file(hook: dict[str, str]) -> None:
    program, _quiet, target = hook["entry"].split()

    planned = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)

    assert program == "make"
    assert hook["language"] == "system"
    assert planned.returncode == 0, planned.stderr
    assert [file for file in TRACKED if re.search(hook["files"], file)]


def test_every_folder_with_a_check_has_a_hook() -> None:
    checked = {Path(file).parent.as_posix() for file in TRACKED if re.fullmatch(r"[a-z-]+/Makefile", file)}

    assert checked <= {hook["id"] for hook in HOOKS}
