"""A workspace whose apply was killed is completed by the next one: nothing is missing, and nothing is there twice."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.provider import running
from operate.practice import copied_infrastructure, practice_variables
from stack.emulator import ACCOUNT, REGION, Emulator, emulator
from stack.paths import BUILD, TOOLS
from stack.programs import program_variables
from stack.terraform import workspaces

pytestmark = pytest.mark.stack

# What `make up` does for the account's workspace, in a process of its own, which can be killed.
APPLY = """
import sys
from pathlib import Path
from operate.answers import Answers
from operate.emulator_plan import is_emulators
from operate.workspaces import Workspaces
answers = Answers("docs.mysite.org", "me@mysite.org", "Europe/London", sys.argv[3], "here")
directory = Path(sys.argv[1])
workspaces = Workspaces("dev", answers, sys.argv[2], directory, directory / "infrastructure", is_emulators)
variables = {"region": answers.region, "environments": ["dev"], "budget_email": answers.mail,
             "mail_addresses": [answers.mail], "hcp_organization": "mine"}
workspaces.write_backend()
changes = workspaces.plan("account", variables)
print(f"{len(changes)} changes", flush=True)
workspaces.apply("account", variables)
print(f"{len(workspaces.plan('account', variables))} left", flush=True)
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[Emulator]:
    directory = BUILD / "test" / "interrupted"
    with emulator(directory) as running:
        yield running


@pytest.fixture(scope="module")
def attached(aws: Emulator) -> Iterator[dict[str, str]]:
    """The variable with which Terraform uses a provider that is started once and outlives a killed apply."""
    spaces = workspaces(BUILD / "test" / "interrupted" / "provider", aws)
    spaces.prepare("account", {})
    with running(spaces.provider("account"), aws.variables) as variable:
        yield variable


def apply(
    aws: Emulator, directory: Path, attached: dict[str, str], *, kill_after: float | None = None
) -> tuple[str, str]:
    """Apply, or be killed so many seconds after the plan; return what was planned, and what was left afterwards."""
    variables = program_variables(PYTHONPATH=str(TOOLS), GOGC="400", **practice_variables(aws, directory), **attached)
    command = [sys.executable, "-c", APPLY, str(directory), ACCOUNT, REGION]
    with subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        # Beside it, there are lines that say what keeps running.
        planned = next((line.strip() for line in process.stdout if "changes" in line), "")
        if kill_after is not None:
            time.sleep(kill_after)
            process.kill()
            return planned, ""
        rest = process.stdout.read()
        assert process.wait() == 0, rest
        return planned, rest.splitlines()[-1]


def test_an_apply_that_was_killed_at_any_moment_is_completed(
    aws: Emulator, attached: dict[str, str], tmp_path: Path
) -> None:
    copied_infrastructure(tmp_path)

    began, _ = apply(aws, tmp_path, attached, kill_after=random.uniform(0.5, 3))
    _, left = apply(aws, tmp_path, attached)

    assert began not in {"", "0 changes"}
    assert left == "0 left"
    budgets = aws.client("budgets").describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert sorted(budget["BudgetName"] for budget in budgets) == [
        "edge-analytics-first-cent", "edge-analytics-one-dollar",
    ]  # fmt: skip
    roles = [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]]
    assert len(roles) == len(set(roles)) == 6
