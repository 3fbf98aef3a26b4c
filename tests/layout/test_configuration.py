"""Every folder that stands alone is formatted, linted and typed by the same rules."""

from pathlib import Path

import pytest

from stack.paths import EDGE_WORKER, INFRASTRUCTURE, PROCESSOR, REPORTER, ROOT
from tests.checkout import tracked

FOLDERS = (EDGE_WORKER, INFRASTRUCTURE, PROCESSOR, REPORTER)


@pytest.mark.parametrize("name", ["mypy.ini", "ruff.toml"])
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_copy_of_the_configuration_equals_the_one_of_the_root(folder: Path, name: str) -> None:
    assert (folder / name).read_bytes() == (ROOT / name).read_bytes()


def test_no_other_configuration_of_ruff_or_mypy_is_kept() -> None:
    places = {str(folder.relative_to(ROOT)) for folder in (ROOT, *FOLDERS)}

    for name in ("mypy.ini", "ruff.toml"):
        assert {str(Path(path).parent) for path in tracked() if Path(path).name == name} == places
    for path in tracked():
        if path.endswith("pyproject.toml"):
            text = (ROOT / path).read_text(encoding="utf-8")
            assert "[tool.ruff" not in text, path
            assert "[tool.mypy" not in text, path
