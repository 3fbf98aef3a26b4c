"""What every module and workspace has in common."""

import re
from pathlib import Path

import pytest

from stack.paths import INFRASTRUCTURE

MODULES = sorted(path.parent for path in (INFRASTRUCTURE / "modules").glob("*/main.tf"))
WORKSPACES = sorted(path.parent for path in (INFRASTRUCTURE / "workspaces").glob("*/main.tf"))
FOLDERS = [*MODULES, *WORKSPACES]


def variables(folder: Path) -> dict[str, str]:
    """Return the folder's variable blocks by the variables' names."""
    code = (folder / "variables.tf").read_text()
    return dict(re.findall(r'^variable "(\w+)" \{\n(.*?)^}', code, re.MULTILINE | re.DOTALL))


def refused(folder: Path) -> list[str]:
    """Return the variables of which the folder's tests expect a refusal, once for each value refused."""
    tests = "\n".join(path.read_text() for path in (folder / "tests").glob("*.tftest.hcl"))
    return re.findall(r"var\.(\w+)", "\n".join(re.findall(r"expect_failures = \[(.*?)\]", tests, re.DOTALL)))


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_a_module_has_its_files_and_its_tests(folder: Path) -> None:
    assert {path.name for path in folder.glob("*.tf")} == {"main.tf", "variables.tf", "outputs.tf", "versions.tf"}
    assert (folder / "README.md").is_file()
    assert len(list((folder / "tests").glob("*.tftest.hcl"))) >= 2


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_input_is_described_typed_and_null_only_where_its_description_says_so(folder: Path) -> None:
    for name, block in variables(folder).items():
        assert re.search(r'^  description = ".+\.?"$', block, re.MULTILINE), name
        assert re.search(r"^  type\s+= (?!any)", block, re.MULTILINE), name
        may_be_null = re.search(r'description = ".*\bor null\b', block)
        assert may_be_null or re.search(r"^  nullable\s+= false$", block, re.MULTILINE), name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_validation_is_seen_to_refuse_a_value(folder: Path) -> None:
    found = refused(folder)

    for name, block in variables(folder).items():
        rules = block.count("validation {")
        assert found.count(name) >= rules, f"{name} has {rules} rules, tests refuse {found.count(name)} values"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_provider_is_asked_for_in_the_versions_that_are_proved(folder: Path) -> None:
    assert '">= 5.100, < 7.0"' in (folder / "versions.tf").read_text()


@pytest.mark.parametrize("folder", WORKSPACES, ids=lambda folder: folder.name)
def test_a_workspace_is_found_by_its_tags_and_reads_no_other_ones_state(folder: Path) -> None:
    code = "\n".join(path.read_text() for path in folder.glob("*.tf"))

    assert f'tags = ["edge-analytics", "{folder.name}"]' in code
    assert "terraform_remote_state" not in code
    assert "tfe_outputs" not in code
    assert "default_tags {" in code


def test_every_workspace_pins_the_same_provider_for_all_platforms() -> None:
    locks = {(folder / ".terraform.lock.hcl").read_text(encoding="utf-8") for folder in WORKSPACES}

    assert len(locks) == 1
    # `h1:` is of one platform; with none of the registry's packages, `zh:`, the others cannot start.
    assert locks.pop().count('"zh:') > 10
