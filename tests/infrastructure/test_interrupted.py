"""A workspace whose apply was killed is completed by the next one: nothing is missing, and nothing is there twice."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from operate.practice import copied_infrastructure, practice_variables
from stack.emulator import ACCOUNT, REGION, Emulator, emulator
from stack.paths import BUILD, TOOLS
from stack.programs import program_variables

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


def apply(aws: Emulator, directory: Path, *, kill_after: float | None = None) -> tuple[str, str]:
    """Apply, or be killed so many seconds after the plan; return what was planned, and what was left afterwards."""
    variables = program_variables(PYTHONPATH=str(TOOLS), GOGC="400", **practice_variables(aws, directory))
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


def test_an_apply_that_was_killed_at_any_moment_is_completed(aws: Emulator, tmp_path: Path) -> None:
    copied_infrastructure(tmp_path)

    began, _ = apply(aws, tmp_path, kill_after=random.uniform(0.5, 3))
    _, left = apply(aws, tmp_path)

    assert began not in {"", "0 changes"}
    assert left == "0 left"
    budgets = aws.client("budgets").describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert sorted(budget["BudgetName"] for budget in budgets) == [
        "edge-analytics-first-cent", "edge-analytics-one-dollar",
    ]  # fmt: skip
    roles = [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]]
    assert len(roles) == len(set(roles)) == 6
