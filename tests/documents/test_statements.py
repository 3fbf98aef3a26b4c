"""SECURITY.md and the index of the documents state nothing that no test would contradict."""

import re

import pytest

from stack.paths import ROOT

_ROW = re.compile(r"^\| (?!statement|identity|-)(.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/.-]+\.py)::(test_\w+)`")


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
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"
