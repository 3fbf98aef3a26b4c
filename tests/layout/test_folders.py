"""What lies where: the folders of tools/ and of their tests, and who may import whom."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.paths import ROOT, TOOLS
from tests.checkout import tracked

TOOL_FOLDERS = {"benchmarks", "cost", "operate", "stack"}
PRODUCT = {"edge-worker", "infrastructure", "processor", "reporter"}


def folders(place: str) -> set[str]:
    """Return the folders directly in a place that git knows files of."""
    return {path.removeprefix(place).split("/")[0] for path in tracked(place or ".") if "/" in path.removeprefix(place)}


def imports(file: Path) -> Iterator[str]:
    """Yield the names of all modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(*places: str) -> list[Path]:
    return [ROOT / path for place in places for path in tracked(place) if path.endswith(".py")]


def test_tools_are_these_four_and_their_readme_names_them() -> None:
    readme = (TOOLS / "README.md").read_text(encoding="utf-8")

    assert folders("tools/") == TOOL_FOLDERS
    assert set(re.findall(r"^\| `([a-z]+)/` \|", readme, re.MULTILINE)) == TOOL_FOLDERS


def test_each_tool_has_its_folder_of_tests() -> None:
    assert folders("tests/tools/") == TOOL_FOLDERS


def test_the_top_level_is_the_product_and_what_is_around_it() -> None:
    assert {folder for folder in folders("") if not folder.startswith(".")} == PRODUCT | {"docs", "tests", "tools"}


@pytest.mark.parametrize("place", ["tools", "tests"])
def test_nothing_imports_from_the_demo_but_the_demo_and_its_tests(place: str) -> None:
    demo, its_tests = TOOLS / "stack" / "demo", ROOT / "tests" / "tools" / "stack" / "test_demo.py"

    callers = [
        file
        for file in modules(place)
        if demo not in file.parents
        and file != its_tests
        and any(name.split(".")[:2] == ["stack", "demo"] for name in imports(file))
    ]

    assert callers == []


def test_the_product_imports_nothing_from_the_tools() -> None:
    found = {
        str(file.relative_to(ROOT)): name
        for file in modules(*PRODUCT)
        for name in imports(file)
        if name.split(".")[0] in TOOL_FOLDERS
    }

    assert found == {}


def test_set_up_needs_the_standard_library_alone() -> None:
    [bootstrap] = modules("tools/stack/setup/bootstrap.py")

    assert {name.split(".")[0] for name in imports(bootstrap)} <= sys.stdlib_module_names
