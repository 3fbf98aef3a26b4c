"""What the documents name is there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from operate.destroy import steps
from stack.paths import INFRASTRUCTURE, ROOT, TOOLS
from tests.documents.documents import DOCUMENTS, anchors, blocks, code, home, links, makes, name, targets
from tests.workflows.workflow_files import FILES, NAMES, started_by, text

DEPLOY, RUNBOOK = ROOT / "docs" / "deploy.md", ROOT / "docs" / "runbook.md"
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name)


@every_document
def test_links_lead_somewhere(document: Path) -> None:
    for link in links(document):
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document

        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link} has no such heading"


@every_document
def test_make_has_every_target_that_is_named(document: Path) -> None:
    for command in makes(code(document), home(document)):
        # A service's README names the repository's own commands, too.
        known = targets(command.folder) | (targets(ROOT) if command.folder == home(document) else set())
        for target in command.targets:
            assert target in known, f"make -C {command.folder.name} {target}"


@every_document
def test_make_knows_every_variable_that_is_given(document: Path) -> None:
    for command in makes(code(document), home(document)):
        makefile = (command.folder / "Makefile").read_text(encoding="utf-8")
        for variable in command.variables:
            known = rf"\$[({{]{variable}\b|\b{variable} *\?=|\((?:value |call (?:option|switch),)?{variable}[,)]"
            # What is given to make is in the environment of what it starts.
            read = [file for file in command.folder.glob("*.py") if f'"{variable}"' in file.read_text(encoding="utf-8")]
            assert re.search(known, makefile) or variable in handed_on(makefile) or read, f"{command}"


def handed_on(makefile: str) -> set[str]:
    """Return the variables that a Makefile hands on to those it calls."""
    listed = re.search(r"^VARIABLES := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    return set(listed[1].replace("\\", " ").split()) if listed else set()


@every_document
def test_every_file_that_is_named_is_there(document: Path) -> None:
    own = name(home(document)).removeprefix(".")
    tracked = [file.removeprefix(f"{own}/") for file in TRACKED if file.startswith(own)]
    folders = {file.split("/")[0] for file in [*TRACKED, *tracked] if "/" in file}
    named = re.findall(r"(?<![\w./$-])((?:[\w.-]+/)+[\w.-]*)", code(document))

    for path in named:
        ours = path.split("/")[0] in folders and "…" not in path
        generated = path.startswith("build/") or "auto.tfvars" in path or "backend_override" in path
        if ours and not generated:
            assert (ROOT / path).exists() or (home(document) / path).exists(), f"{path} is not there"


@every_document
def test_published_names_are_those_of_the_contract(document: Path) -> None:
    listed = {parameter["name"] for parameter in json.loads((INFRASTRUCTURE / "parameters.json").read_text())}
    named = re.findall(r"/edge-analytics/(?:dev|prod)/([a-z-]+)", document.read_text(encoding="utf-8"))

    assert set(named) <= listed


def test_the_runbook_has_an_entry_for_every_alarm() -> None:
    code_of_alarms = "\n".join(file.read_text() for file in INFRASTRUCTURE.rglob("*.tf") if "build" not in file.parts)
    names = re.findall(r'alarm_name\s*=\s*"\$\{[\w.]+\}(-[a-z-]+)"', code_of_alarms)
    entries = [heading for heading in anchors(RUNBOOK) if heading.startswith("edge-analytics-prod-")]

    assert names
    assert len(entries) == len(names)
    for alarm in names:
        assert [entry for entry in entries if entry.endswith(alarm)], f"no entry for …{alarm}"


def test_what_a_change_starts_is_what_the_table_says() -> None:
    rows = re.findall(r"^\| (`[^|]+) \| (`[^|]+) \|$", DEPLOY.read_text(encoding="utf-8"), re.MULTILINE)
    workflows = [(re.findall(r"`([^`]+)`", row[0]), set(re.findall(r"`([^`]+)`", row[1]))) for row in rows]
    table = [(places, named) for places, named in workflows if named <= set(NAMES)]

    assert len(table) == 9
    for places, named in table:
        for place in places:
            own = [file for file in TRACKED if file.startswith(place) and "/contract/" not in file] or [
                file for file in TRACKED if file.startswith(place)
            ]
            assert named <= started_by([own[0]]), place
            if place != ".github/":
                assert started_by([own[0]]) == named, place


def test_github_is_told_every_variable_and_secret_that_workflows_use() -> None:
    used = {found for workflow in FILES for found in re.findall(r"\b(?:vars|secrets)\.(\w+)", text(workflow))}
    told = set(re.findall(r"^\| (?:variable|secret)[^|]*\| `(\w+)` \|", DEPLOY.read_text("utf-8"), re.MULTILINE))

    assert told == used


def test_the_way_down_is_the_one_that_is_taken() -> None:
    sentence = re.search(r"removes in this order: (.+?)\.", DEPLOY.read_text(encoding="utf-8"))
    words = ["stack of the reporter", "stack of the processor", "`reporter`", "`processor`", "`worker`"]

    assert sentence
    places = [sentence[1].index(word) for word in words]
    assert places == sorted(places)
    down = [str(step) for step in steps("dev", "eu-west-2") if "init" not in step.command]
    assert [re.findall(r"reporter|processor|worker", line)[0] for line in down] == [
        "reporter", "processor", "reporter", "processor", "worker",
    ]  # fmt: skip


@pytest.mark.parametrize("block", [*blocks(DEPLOY, "sh"), *blocks(DEPLOY, "console")])
def test_every_block_is_sound_shell(block: str) -> None:
    answer = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr


def test_every_operation_is_reached_by_make() -> None:
    usage = subprocess.run(
        [sys.executable, "-m", "operate", "--help"], cwd=TOOLS, capture_output=True, text=True, check=True
    ).stdout
    commands = re.search(r"\{([a-z,]+)\}", usage)

    assert commands
    assert set(commands[1].split(",")) <= targets(ROOT)


def test_every_decision_is_in_the_index_under_its_title_and_with_its_state() -> None:
    folder = ROOT / "docs" / "decisions"
    expected = []
    for file in sorted(folder.glob("[0-9]*.md")):
        title, _, state, *_ = file.read_text(encoding="utf-8").splitlines()
        superseded = re.search(r"Superseded by \[decision (\d+)\]", state)
        words = f"superseded by {superseded[1]}" if superseded else "holds"
        expected.append(f"| [{int(file.name[:4])}]({file.name}) | {title.removeprefix('# ')} | {words} |")

    index = (folder / "README.md").read_text(encoding="utf-8")

    assert [line for line in index.splitlines() if line.startswith("| [")] == expected


def test_the_index_of_documents_leads_to_each() -> None:
    index = set(links(ROOT / "docs" / "README.md"))

    assert {file.name for file in (ROOT / "docs").glob("*.md")} - {"README.md"} <= index
