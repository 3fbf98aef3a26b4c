"""docs/deploy.md, followed command by command against an empty AWS on this machine."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator

import pytest

from infrastructure.provider import running
from operate.practice import practice_variables
from stack.emulator import Emulator, emulator
from stack.paths import BUILD, PROGRAMS, ROOT
from stack.programs import program_variables
from stack.stack import VARIABLES
from stack.terraform import workspaces
from tests.checkout import copy
from tests.documents.documents import blocks

pytestmark = pytest.mark.stack

Follow = Callable[[str], str]


@pytest.fixture(scope="module")
def aws() -> Iterator[Emulator]:
    """An AWS with nothing in it."""
    with emulator(BUILD / "test" / "deploy" / "aws") as started:
        yield started


@pytest.fixture(scope="module")
def follow(aws: Emulator) -> Iterator[Follow]:
    """Runs a block of commands as a reader would, in a clone of the repository."""
    directory = BUILD / "test" / "deploy"
    clone = copy(directory / "clone")
    settings = program_variables(
        **practice_variables(aws, directory),
        # The reader's answers to Terraform and to `make destroy`.
        TF_CLI_ARGS_apply="-auto-approve -no-color",
        TF_CLI_ARGS_destroy="-no-color",
        YES="1",
        # Go collects garbage less often: a third less processor time for a fifth more memory.
        GOGC="400",
        PATH=os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
    )
    # A reader types it once; here, every block has a shell of its own.
    [path] = re.findall(r"^export PATH=.*$", (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8"), re.MULTILINE)

    def run(block: str) -> str:
        answer = subprocess.run(
            ["bash", "-euo", "pipefail"],
            input=f"{path}\n{block}",
            cwd=clone,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, f"{block}\n{answer.stdout[-6000:]}"
        return answer.stdout

    spaces = workspaces(directory / "provider", aws)
    spaces.prepare("worker", VARIABLES["worker"])
    # The provider is started once; each command would start it several times.
    with running(spaces.provider("worker"), aws.variables) as attached:
        settings |= attached
        yield run


def test_every_command_of_the_document_works_from_nothing_to_nothing(aws: Emulator, follow: Follow) -> None:
    commands = blocks(ROOT / "docs" / "deploy.md", "sh")
    [state] = [block for block in commands if "backend_override.tf" in block]
    [down] = [block for block in commands if "make destroy" in block]
    [export] = [block for block in commands if "make export" in block]
    way_up = [block for block in commands if block not in (state, down, export)]

    follow(state)
    for block in way_up:
        follow(block)
    doctor = follow("make doctor || true")
    follow(export)
    follow(down)

    missing = [line.split(":")[0].split(maxsplit=1)[1] for line in doctor.splitlines() if " missing  " in line]
    assert missing == ["the Worker's access key"]
    assert "edge-analytics-dev-processor:live is version 1" in doctor
    assert aws.client("sqs").list_queues().get("QueueUrls", []) == []
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("ssm").describe_parameters()["Parameters"] == []
