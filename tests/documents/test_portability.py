"""The snippets in docs/portability.md are the ones that the edge-worker's tests run."""

from pathlib import Path

import pytest

from stack.paths import EDGE_WORKER, ROOT

SNIPPETS = sorted((EDGE_WORKER / "snippets").glob("*.*"))


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.name)
def test_a_snippet_in_the_documentation_is_the_one_that_is_tested(snippet: Path) -> None:
    documentation = (ROOT / "docs" / "portability.md").read_text(encoding="utf-8")

    assert f"\n{snippet.read_text(encoding='utf-8').rstrip()}\n```" in documentation
