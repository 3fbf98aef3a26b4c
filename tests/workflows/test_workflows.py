"""Workflows are sound, grant little, and do what `make` does on a developer's machine."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stack.paths import INFRASTRUCTURE, ROOT
from tests.workflows.workflow_files import DIRECTORY, FILES, NAMES, REUSABLE, jobs, steps, text, workflow

PROGRAMS = Path(sys.executable).parent
SERVICES = ("edge-worker", "processor", "reporter")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False)


def versions(name: str, action: str) -> set[str]:
    """Return which versions of a tool a workflow asks an action for."""
    return {
        str(value)
        for step in steps(name)
        if step.get("uses", "").startswith(f"{action}@")
        for key, value in step.get("with", {}).items()
        if "version" in key
    }


def test_there_is_one_for_each_folder_and_for_what_crosses_them() -> None:
    assert NAMES == [
        "contracts", "edge-worker", "infrastructure", "processor", "reporter", "stack", "workflows",
    ]  # fmt: skip


def test_two_services_that_differ_in_a_name_share_their_workflow() -> None:
    processor, reporter = (json.dumps(jobs(name)).replace(name, "service") for name in ("processor", "reporter"))

    assert processor == reporter
    assert [name for name in FILES if name in REUSABLE] == REUSABLE


def test_actionlint_finds_nothing() -> None:
    answer = run(PROGRAMS / "actionlint", *DIRECTORY.glob("*.yml"))

    assert answer.returncode == 0, answer.stdout


def test_zizmor_finds_nothing() -> None:
    answer = run(PROGRAMS / "zizmor", "--offline", "--no-progress", ROOT / ".github")

    assert answer.returncode == 0, answer.stdout


def test_zizmor_and_actionlint_do_find_what_is_wrong(tmp_path: Path) -> None:
    careless = tmp_path / "careless.yml"
    careless.write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }} ${{ nothing.there }}\n"
    )

    by_zizmor = run(PROGRAMS / "zizmor", "--offline", "--no-progress", careless)
    by_actionlint = run(PROGRAMS / "actionlint", careless)

    assert "dangerous-triggers" in by_zizmor.stdout
    assert "nothing" in by_actionlint.stdout


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_granted_but_for_a_reason(name: str) -> None:
    grants = [line for line in text(name).splitlines() if re.match(r"\s+[a-z-]+: (read|write|none)\b", line)]
    jobs = workflow(name)["jobs"].values()

    assert workflow(name)["permissions"] == {}
    assert all("permissions" in job for job in jobs)
    assert all(re.search(r" # \w+", line) for line in grants)
    assert len(grants) == sum(len(job["permissions"]) for job in jobs)


@pytest.mark.parametrize("name", REUSABLE)
def test_what_is_called_takes_no_permission_but_the_callers(name: str) -> None:
    assert list(workflow(name)["on"]) == ["workflow_call"]
    assert "permissions" not in json.dumps(workflow(name))
    assert "secrets." not in text(name)


@pytest.mark.parametrize("name", FILES)
def test_actions_are_pinned_by_commit_with_the_version_beside(name: str) -> None:
    used = [line for line in text(name).splitlines() if "uses:" in line]
    callable_ = "|".join(REUSABLE)

    assert used
    for line in used:
        pinned = re.search(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)
        assert pinned or re.search(rf"uses: \$/\.github/workflows/({callable_})\.yml$", line), line


def test_an_action_is_the_same_version_everywhere() -> None:
    pins = {step["uses"] for name in NAMES for step in steps(name) if "uses" in step}

    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


@pytest.mark.parametrize("name", NAMES)
def test_steps_are_make_targets(name: str) -> None:
    commands = [step["run"] for step in steps(name) if "run" in step]

    assert commands
    assert all(command.startswith("make ") and "\n" not in command for command in commands)
    # A value of somebody's choice would be spliced into the shell.
    assert not any("${{" in command for command in commands)


@pytest.mark.parametrize("name", NAMES)
def test_the_checkout_leaves_no_token_behind(name: str) -> None:
    for step in steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", NAMES)
def test_a_newer_push_cancels_the_check_of_a_pull_request_and_never_a_deployment(name: str) -> None:
    concurrency = workflow(name)["concurrency"]

    assert concurrency["group"] == f"{name}-${{{{ github.event.pull_request.number || github.ref }}}}"
    assert concurrency["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


@pytest.mark.parametrize("name", NAMES)
def test_pull_requests_and_pushes_are_filtered_alike(name: str) -> None:
    triggers = workflow(name)["on"]

    assert triggers["pull_request"]["paths"] == triggers["push"]["paths"]
    assert "pull_request_target" not in triggers


@pytest.mark.parametrize("name", NAMES)
def test_what_runs_on_pull_requests_holds_no_credentials(name: str) -> None:
    for job, definition in jobs(name).items():
        if job not in {"deploy", "visitor-key"}:
            assert definition["permissions"] == {"contents": "read"}
            assert "environment" not in definition
            assert "secrets." not in json.dumps(definition)


@pytest.mark.parametrize("service", SERVICES)
def test_a_deployment_waits_for_its_environment(service: str) -> None:
    assert "DEPLOY_ENVIRONMENT" in jobs(service)["deploy"]["environment"]


@pytest.mark.parametrize("service", ["processor", "reporter"])
def test_aws_is_reached_by_identity_as_the_role_that_terraform_makes(service: str) -> None:
    deploy = jobs(service)["deploy"]
    [credentials] = [step for step in deploy["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    role = (INFRASTRUCTURE / "modules" / "github-deploy-role" / "main.tf").read_text()

    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    assert "secrets." not in json.dumps(deploy)
    assert credentials["with"]["role-to-assume"].endswith(f"-{service}-deploy")
    assert ":role/edge-analytics/github/edge-analytics-" in credentials["with"]["role-to-assume"]
    assert '"${var.name}-deploy"' in role
    assert '"/edge-analytics/github/"' in role


def test_tools_have_the_versions_that_developers_have() -> None:
    locked = re.search(r"^uv==(\S+)", (ROOT / "tools/stack/setup/uv-requirements.txt").read_text(), re.MULTILINE)

    assert locked
    assert {version for name in NAMES for version in versions(name, "astral-sh/setup-uv")} == {locked[1]}


def test_dependabot_sees_every_lock_file_a_week_after_each_release() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    exported = {file.parent for file in tracked("uv.lock")}  # a requirements.txt beside a uv.lock is made of it
    locks = {
        "uv": tracked("uv.lock"),
        "npm": tracked("package-lock.json"),
        "terraform": tracked(".terraform.lock.hcl"),
        "pip": [file for file in tracked("*requirements*.txt") if file.parent not in exported],
    }
    seen = {
        update["package-ecosystem"]: {
            each for folder in update["directories"] for each in ROOT.parent.glob(f"{ROOT.name}{folder.rstrip('/')}")
        }
        for update in updates
        if "directories" in update
    }

    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)
    assert all(locks.values())
    assert seen == {name: {file.parent for file in files} for name, files in locks.items()}
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", *locks}


def test_the_step_that_holds_cloudflares_token_installs_nothing() -> None:
    """Everything is installed and built by a step before it, which has no secret in its environment."""
    for job in ("deploy", "visitor-key"):
        running = [step for step in jobs("edge-worker")[job]["steps"] if "run" in step]

        assert [step["run"].split()[3] for step in running] == ["build", job]
        assert "secrets." not in json.dumps(running[0])
        assert "secrets.CLOUDFLARE_API_TOKEN" in json.dumps(running[1])


def test_the_visitor_key_is_replaced_every_week_and_by_nothing_else() -> None:
    """On a schedule only, of which GitHub runs what main has; a check or a deployment does not run then."""
    triggers, defined = workflow("edge-worker")["on"], workflow("edge-worker")["jobs"]

    assert [len(each["cron"].split()) for each in triggers["schedule"]] == [5]
    assert triggers["schedule"][0]["cron"].split()[2:] == ["*", "*", "1"]
    assert defined["visitor-key"]["if"].startswith("github.event_name == 'schedule' && ")
    assert defined["check"]["if"] == "github.event_name != 'schedule'"
    assert defined["deploy"]["needs"] == "check"


@pytest.mark.parametrize("service", ["processor", "reporter"])
def test_no_step_that_holds_credentials_installs_anything(service: str) -> None:
    """Not what make would do in it either, once the step before the credentials has built."""
    deploying = jobs(service)["deploy"]["steps"]
    credentials = next(n for n, step in enumerate(deploying) if "configure-aws-credentials" in step.get("uses", ""))
    before, after = (
        [step["run"] for step in part if "run" in step] for part in (deploying[:credentials], deploying[credentials:])
    )

    assert [command.split()[1] for command in before] == ["build"]
    assert [command.split()[1] for command in after] == ["release"]
    assert after[0].endswith(" BUILT=yes")
    released = run("make", "--dry-run", "release", f"SERVICE={service}", "BUILT=yes").stdout
    deployed = run("make", "--dry-run", "-C", service, "deploy", "BUILT=yes").stdout
    assert "--built" in released
    assert '"$UV" run --frozen' in deployed
    assert re.search(r" run (?:--[a-z-]+ )*--no-sync ", deployed)
    assert not re.search(
        r"\b(?:sync|install|pip|npm|npx|bootstrap|build)\b", (released + deployed).replace("--no-sync", "")
    )


def tracked(name: str) -> list[Path]:
    return [ROOT / file for file in run("git", "ls-files", name, f"*/{name}").stdout.splitlines()]
