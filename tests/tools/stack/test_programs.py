"""Other programs are run with their output kept, and stopped together with what they started."""

import os
import sys
import time
from pathlib import Path

import pytest

from stack.programs import ProgramError, program_variables, run, running, wait_until

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not (status.exists() and status.read_text(encoding="utf-8").split(")")[-1].split()[0] == "Z")


def test_what_a_program_prints_is_returned_and_kept(tmp_path: Path) -> None:
    printed = run([sys.executable, "-c", "print('hello')"], cwd=tmp_path, env=program_variables(), log=tmp_path / "log")

    assert printed == "hello\n"
    assert "hello" in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_failure_names_the_program_and_shows_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match=r"exit code 3(.|\n)*no such queue"):
        run(
            [sys.executable, "-c", "import sys; print('no such queue'); sys.exit(3)"],
            cwd=tmp_path,
            env=program_variables(),
            log=tmp_path / "log",
        )


@pytest.mark.parametrize(
    "line", ["Error: creating Queue: Busy.", "╷\n│ Error: creating Queue: Busy\n╵", "npm\nerror code E404: no such"]
)
def test_the_first_line_of_a_failure_says_why(tmp_path: Path, line: str) -> None:
    script = (
        f"import sys; print('at work'); print({line!r}, file=sys.stderr); print('more', file=sys.stderr); sys.exit(1)"
    )

    with pytest.raises(ProgramError) as failed:
        run([sys.executable, "-c", script], cwd=tmp_path, env=program_variables(), log=tmp_path / "log")

    first = str(failed.value).splitlines()[0]
    assert "with exit code 1 (Error: creating Queue: Busy). All" in first or "(error code E404: no such). All" in first


def test_a_program_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="terraform-of-tomorrow is not installed"):
        run(["terraform-of-tomorrow"], cwd=tmp_path, env=program_variables(), log=tmp_path / "log")


def test_what_a_program_started_is_stopped_with_it(tmp_path: Path) -> None:
    with running(
        [sys.executable, "-c", PARENT], cwd=tmp_path, env=program_variables(), log=tmp_path / "log"
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert is_running(child)

    wait_until(lambda: not is_running(child), what="the child to end", seconds=60)
    assert process.returncode is not None


def test_credentials_of_the_users_own_cloud_are_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "CLOUDFLARE_API_TOKEN", "TF_TOKEN_app_terraform_io"):
        monkeypatch.setenv(name, "the user's own")

    assert "the user's own" not in program_variables().values()
    assert program_variables(AWS_REGION="eu-west-2")["AWS_REGION"] == "eu-west-2"


def test_waiting_ends_with_an_error_that_says_for_what() -> None:
    begun = time.monotonic()

    with pytest.raises(ProgramError, match="the moon: not within"):
        wait_until(lambda: False, what="the moon", seconds=0.2, every=0.05)

    assert time.monotonic() - begun >= 0.2
