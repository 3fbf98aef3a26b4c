"""All four workspaces applied to one emulator, and the functions deployed on them, once for all tests of a run."""

import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from stack.emulator import Emulator, emulator
from stack.emulator_faults import adapt_policies
from stack.paths import BUILD, PROCESSOR, REPORTER
from stack.progress import Progress
from stack.sam import Applications
from stack.stack import VARIABLES, published_parameters
from stack.terraform import Workspaces, workspaces

ORDER = ("account", "worker", "processor", "reporter")
_VARIABLES: dict[str, dict[str, Any]] = {
    **VARIABLES,
    "account": {
        "budget_email": "owner@example.com",
        "github_repository": {"owner": "example", "owner_id": 1234567, "name": "edge-analytics", "id": 7654321},
        "hcp_organization": "example",
    },
    # Both ways for a report to leave, so that the permission for each is needed.
    "reporter": {**VARIABLES["reporter"], "report_channels": ["email", "sns"]},
}
# In this mode the processor does by itself, in its own role, what Lambda otherwise does for it.
_DRAIN = {"Mode": "drain", "DrainSchedule": "rate(1 day)"}


@dataclass(frozen=True)
class Applied:
    """An emulator with everything on it."""

    emulator: Emulator
    workspaces: Workspaces
    parameters: Mapping[str, str]


@pytest.fixture(scope="session")
def applied(pytestconfig: pytest.Config) -> Iterator[Applied]:
    """The four workspaces, applied in their order, and the two functions, deployed."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    directory = BUILD / "test" / "infrastructure"
    directory.mkdir(parents=True, exist_ok=True)
    progress = Progress(sys.stderr)
    with emulator(directory) as aws:
        spaces = workspaces(directory, aws)
        applications = Applications(directory, aws)

        def apply(workspace: str) -> None:
            with progress.step(f"Terraform: apply {workspace}"):
                spaces.prepare(workspace, _VARIABLES[workspace])
                spaces.apply(workspace)

        with capture.global_and_fixture_disabled(), ThreadPoolExecutor(3) as pool:
            built = [pool.submit(applications.build, source) for source in (PROCESSOR, REPORTER)]
            # Nothing that is applied here needs the roles of the account's workspace.
            account = pool.submit(apply, "account")
            apply("worker")
            apply("processor")
            for future in (account, *built):
                future.result()
            deployed = pool.submit(applications.deploy, PROCESSOR, _DRAIN)
            apply("reporter")
            deployed.result()
            applications.deploy(REPORTER)
        yield Applied(aws, spaces, published_parameters(aws))


@pytest.fixture(scope="session")
def working(applied: Applied) -> Applied:
    """The same, with the policies written so that the emulator lets the functions work."""
    adapt_policies(applied.emulator)
    return applied
