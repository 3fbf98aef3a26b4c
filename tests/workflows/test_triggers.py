"""Which workflows a change starts."""

import subprocess

import pytest

from stack.paths import ROOT
from tests.workflows.workflow_files import matches, started_by, workflow

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize(
    ("changed", "started"),
    [
        pytest.param(["edge-worker/src/entry.py"], {"edge-worker"}, id="edge-worker"),
        pytest.param(["processor/src/processor/item.py"], {"processor"}, id="processor"),
        pytest.param(["reporter/src/reporter/weekly.py"], {"reporter"}, id="reporter"),
        pytest.param(["infrastructure/workspaces/worker/main.tf"], {"infrastructure"}, id="infrastructure"),
        pytest.param(["tools/stack/stack.py"], {"stack"}, id="stack-tool"),
        pytest.param(["tools/operate/forget.py"], {"stack"}, id="operate"),
        pytest.param(["docs/deploy.md"], {"stack"}, id="docs"),
        pytest.param(["tests/pipeline/test_pipeline.py"], {"stack"}, id="tests"),
        pytest.param(["tests/workflows/test_triggers.py"], {"stack", "workflows"}, id="workflow-tests"),
        pytest.param(["Makefile"], {"stack"}, id="root"),
        pytest.param(
            ["edge-worker/contract/analytics-event/v1.schema.json"],
            {"edge-worker", "processor", "contracts"},
            id="event-contract",
        ),
        pytest.param(
            ["processor/contract/stored-item/v1.schema.json"],
            {"processor", "reporter", "contracts"},
            id="item-contract",
        ),
        pytest.param(
            ["infrastructure/modules/event-table/keys.json"],
            {"infrastructure", "processor", "reporter", "contracts"},
            id="keys-contract",
        ),
        pytest.param(["reporter/contract/table-keys.json"], {"reporter", "contracts"}, id="copy-of-a-contract"),
        pytest.param([".github/workflows/processor.yml"], {"processor", "workflows"}, id="one-workflow"),
        pytest.param(
            [".github/workflows/service.yml"], {"processor", "reporter", "workflows"}, id="the-workflow-that-two-call"
        ),
        pytest.param([".github/dependabot.yml"], {"workflows"}, id="dependabot"),
        pytest.param(
            ["processor/template.yaml", "reporter/template.yaml"], {"processor", "reporter"}, id="two-folders"
        ),
    ],
)
@pytest.mark.parametrize("event", ["pull_request", "push"])
def test_a_change_starts_exactly(changed: list[str], started: set[str], event: str) -> None:
    assert started_by(changed, event) == started


@pytest.mark.parametrize("folder", ["edge-worker", "processor", "reporter", "infrastructure"])
def test_every_file_of_a_folder_starts_its_workflow(folder: str) -> None:
    files = [file for file in TRACKED if file.startswith(f"{folder}/")]

    without = [file for file in files if folder not in started_by([file])]

    assert files
    assert without == []


def test_every_file_that_can_break_something_starts_a_workflow() -> None:
    harmless = {".editorconfig", ".gitignore", "LICENSE"}

    unchecked = [file for file in TRACKED if not started_by([file]) and file not in harmless]

    assert unchecked == []


def test_only_a_push_to_main_deploys() -> None:
    for name in ("edge-worker", "processor", "reporter"):
        assert workflow(name)["on"]["push"]["branches"] == ["main"]
        assert workflow(name)["jobs"]["deploy"]["if"].startswith("github.ref == 'refs/heads/main' && ")
        assert workflow(name)["jobs"]["deploy"]["needs"] == "check"


@pytest.mark.parametrize(
    ("file", "pattern", "taken"),
    [
        ("a/b.py", "a/**", True),
        ("a/b/c.py", "a/**", True),
        ("ab/c.py", "a/**", False),
        ("a/contract/x/y.json", "*/contract/**", True),
        ("a/b/contract/x.json", "*/contract/**", False),
        ("a.py", "*.py", True),
        ("a/b.py", "*.py", False),
        ("README.md", "README.md", True),
        ("docs/README.md", "README.md", False),
    ],
)
def test_patterns_are_read_as_github_reads_them(file: str, pattern: str, taken: bool) -> None:
    assert matches(file, pattern) == taken
