"""Each workspace says where its state is: in this folder, in a bucket, or nothing where HCP keeps it."""

from pathlib import Path

import pytest

from operate.answers import Answers
from operate.environment import OperationError
from operate.workspaces import ACCOUNT, ORDER, Workspaces

GIVEN = ("docs.mysite.org", "me@mysite.org", "Europe/London", "eu-west-1")


@pytest.fixture
def infrastructure(tmp_path: Path) -> Path:
    for name in (ACCOUNT, *ORDER):
        (tmp_path / "workspaces" / name).mkdir(parents=True)
    return tmp_path


def written(infrastructure: Path, answers: Answers) -> dict[str, str]:
    Workspaces("dev", answers, "111122223333", infrastructure / "build", infrastructure).write_backend()
    files = infrastructure.rglob("backend_override.tf")
    return {file.parent.name: file.read_text(encoding="utf-8") for file in files}


def test_the_state_is_where_the_answers_say_and_moves_with_them(
    infrastructure: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    here = written(infrastructure, Answers(*GIVEN, "here"))
    bucket = written(infrastructure, Answers(*GIVEN, "s3", bucket="my-states"))
    hcp = written(infrastructure, Answers(*GIVEN, "hcp", organization="mine"))

    assert set(here) == set(bucket) == {ACCOUNT, *ORDER}
    assert set(here.values()) == {'terraform {\n  backend "local" {}\n}\n'}
    assert bucket["worker"] == (
        'terraform {\n  backend "s3" {\n    bucket = "my-states"\n    key = "edge-analytics/worker.tfstate"\n'
        '    region = "eu-west-1"\n    use_lockfile = true\n  }\n}\n'
    )
    assert hcp == {}


def test_an_endpoint_of_ones_own_is_asked_by_path(infrastructure: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")

    found = written(infrastructure, Answers(*GIVEN, "s3", bucket="my-states"))

    assert all("    use_path_style = true\n" in text for text in found.values())


# As Terraform 1.11 prints it of a bucket.
LOCKED = """
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error
PreconditionFailed: At least one of the pre-conditions you specified did not
hold
Lock Info:
  ID:        0d809120-751d-656e-f5d7-2fbfaf7ea1e5
  Path:      my-states/edge-analytics/worker.tfstate
  Who:       me@laptop
"""


def test_of_a_lock_that_was_left_behind_it_says_how_to_remove_it(
    infrastructure: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = infrastructure / "programs"
    programs.mkdir()
    terraform = programs / "terraform"
    terraform.write_text(f"#!/bin/sh\ncat >&2 <<'EOF'{LOCKED}EOF\nexit 1\n", encoding="utf-8")
    terraform.chmod(0o755)
    monkeypatch.setattr("operate.workspaces.ROOT", infrastructure)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    answers = Answers(*GIVEN, "s3", bucket="my-states")
    workspaces = Workspaces("dev", answers, "111122223333", infrastructure / "build", infrastructure)

    with pytest.raises(OperationError) as raised:
        workspaces.plan("worker", {})

    last = str(raised.value).splitlines()[-1]
    assert last.endswith(
        f"TF_WORKSPACE=edge-analytics-worker-dev terraform -chdir={infrastructure / 'workspaces' / 'worker'} "
        "force-unlock 0d809120-751d-656e-f5d7-2fbfaf7ea1e5"
    )
