"""SECURITY.md and the index of the documents state nothing that no test would contradict."""

import re

import pytest

from stack.paths import ROOT

_ROW = re.compile(r"^\| (?!statement|identity|-)(.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/.-]+\.(?:py|tftest\.hcl))::(\w+)`")


SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
CLAIMS = (ROOT / "docs" / "README.md").read_text(encoding="utf-8").split("## What the README says")[1]


@pytest.mark.parametrize(("statements", "least"), [(SECURITY, 30), (CLAIMS, 15)], ids=["security", "readme"])
def test_every_statement_names_tests_that_exist(statements: str, least: int) -> None:
    rows = _ROW.findall(statements)

    assert len(rows) > least
    for row in rows:
        named = _TEST.findall(row)
        assert named, row
        for file, test in named:
            defined = f"def {test}(" if file.endswith(".py") else f'run "{test}" {{'
            assert defined in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_nothing_is_stated_of_security_outside_of_the_tables() -> None:
    """But for how to report a vulnerability, and how to read the tables."""
    stated = SECURITY.partition("\n## What is stored")[2].splitlines()[1:]

    assert [line for line in stated if line and not line.startswith(("|", "## "))] == [
        "Each statement names the test that would fail if it were not true, as `file::test`."
    ]
