"""SECURITY.md states nothing that no test would contradict."""

import re

from stack.paths import ROOT

_ROW = re.compile(r"^\| (?!statement|identity|-)(.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/.-]+\.py)::(test_\w+)`")


def test_every_statement_names_tests_that_exist() -> None:
    rows = _ROW.findall((ROOT / "SECURITY.md").read_text(encoding="utf-8"))

    assert len(rows) > 30
    for row in rows:
        named = _TEST.findall(row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"
