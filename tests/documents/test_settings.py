"""Each service's README lists the settings that its code reads, with their defaults."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stack.paths import EDGE_WORKER, ROOT

_ROW = re.compile(r"^\| (?P<names>`[A-Z_]+`(?:, `[A-Z_]+`)*) \| (?P<cells>.+) \|$", re.MULTILINE)
_NAMES_ASKED_FOR = """
from edge_worker.settings import Settings, SettingsError
try:
    Settings.read(print)
except SettingsError:
    pass
"""
_BINDING = re.compile(r'env, "([A-Z_]+)"')
_REQUIRED = "required"


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template, in which CloudFormation's functions do not matter."""


_TemplateLoader.add_multi_constructor("!", lambda _loader, suffix, _node: suffix)


def listed(readme: Path) -> dict[str, list[str]]:
    """Return the rows of the section Settings: each name, and the cells beside it."""
    section = readme.read_text(encoding="utf-8").split("\n## Settings\n")[1].split("\n## ")[0]
    rows = [(re.findall(r"[A-Z_]+", row["names"]), row["cells"].split(" | ")) for row in _ROW.finditer(section)]
    return {name: cells for names, cells in rows for name in names}


def calls(module: Path) -> list[ast.Call]:
    """Return all calls in a module whose first argument is the name of a setting."""
    found = (node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    return [call for call in found if names(call)]


def names(call: ast.Call) -> list[str]:
    texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and re.fullmatch(r"[A-Z]+(_[A-Z]+)*", text)]


def test_the_worker_lists_every_variable_with_its_default() -> None:
    rows = listed(EDGE_WORKER / "README.md")
    variables = {names(call)[0]: call for call in calls(EDGE_WORKER / "src" / "edge_worker" / "settings.py")}
    sources = "\n".join(file.read_text(encoding="utf-8") for file in (EDGE_WORKER / "src").rglob("*.py"))
    bindings = set(_BINDING.findall(sources))
    asked_for = subprocess.run(
        [sys.executable, "-c", _NAMES_ASKED_FOR],
        env={"PYTHONPATH": f"{EDGE_WORKER / 'src'}:{EDGE_WORKER / 'python_modules'}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert set(rows) == set(asked_for) | bindings
    for name, call in variables.items():
        keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        [method] = [call.func.attr] if isinstance(call.func, ast.Attribute) else [""]
        default = rows[name][1]
        if method == "text":
            assert (default == _REQUIRED) == keywords.get("required", True), name
        if method == "number":
            assert default == f"{ast.literal_eval(call.args[1]):g}", name
        if method == "switch":
            assert default == f"`{str(keywords['default']).lower()}`", name


@pytest.mark.parametrize("service", ["processor", "reporter"])
def test_a_function_lists_every_variable_that_it_reads(service: str) -> None:
    rows = listed(ROOT / service / "README.md")
    module = ROOT / service / "src" / service / "settings.py"
    subscripts = re.findall(r'environment\["([A-Z_]+)"\]', module.read_text(encoding="utf-8"))
    read = {name for call in calls(module) for name in names(call)} | set(subscripts)
    template = yaml.load((ROOT / service / "template.yaml").read_text(encoding="utf-8"), _TemplateLoader)  # noqa: S506 - of SafeLoader
    set_by_template = set(template["Resources"]["Function"]["Properties"]["Environment"]["Variables"])
    set_by_template.discard("OPENBLAS_NUM_THREADS")  # numpy's own, and no setting

    assert set(rows) == read
    assert set_by_template <= read
    # What the template does not set, Lambda does.
    assert {name for name in read if name.startswith("AWS_")} == read - set_by_template
