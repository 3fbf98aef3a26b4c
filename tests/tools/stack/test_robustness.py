"""Whatever a machine looks like, the stack starts, or says at once in one line what is in the way."""

import ast
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from stack.__main__ import main
from stack.command import run_command
from stack.deployment import raise_first
from stack.paths import ROOT, TOOLS
from stack.programs import (
    RUNNING,
    ProgramError,
    exclusively,
    leave_foreign_settings,
    program_variables,
    require_loopback,
    require_port,
    run,
    stop_programs,
    this_machine_directly,
    wait_until,
)


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "1e3", "²", "", "8787;id"])
def test_a_senseless_port_is_refused_at_once(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--port", port])

    assert ended.value.code == 2
    assert f"PORT={port} is not a port" in capsys.readouterr().err


def test_a_port_that_is_taken_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        code = main(["--port", str(port), "--directory", str(tmp_path)])

    assert code == 1
    assert f"error: PORT={port} cannot be used" in capsys.readouterr().err
    require_port(0)


def test_without_loopback_one_line_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError(101, "Network is unreachable")

    require_loopback()
    monkeypatch.setattr(socket, "create_connection", unreachable)

    with pytest.raises(ProgramError, match=r"127\.0\.0\.1 cannot be reached \(Network is unreachable\): turn"):
        require_loopback()


def test_a_stopped_command_does_not_wait_for_the_programs_of_its_threads(tmp_path: Path) -> None:
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(run, sleeping, cwd=tmp_path, env=program_variables(), log=tmp_path / "log")
        wait_until(lambda: any(process.args == sleeping for process in RUNNING), what="it to start", seconds=60)

        stop_programs()

    with pytest.raises(ProgramError, match="exit code -15"):
        waiting.result()


def test_two_stacks_do_not_share_a_folder(tmp_path: Path) -> None:
    with (
        exclusively(tmp_path / "stack"),
        pytest.raises(ProgramError, match="another stack runs in"),
        exclusively(tmp_path / "stack"),
    ):
        pass

    with exclusively(tmp_path / "stack"):
        pass


def test_a_proxy_of_the_users_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "intranet.mysite.org")

    assert program_variables()["NO_PROXY"] == "intranet.mysite.org,127.0.0.1,localhost"
    assert this_machine_directly({}) == "127.0.0.1,localhost"


def test_a_profile_that_does_not_exist_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "nowhere")

    leave_foreign_settings()

    assert "AWS_PROFILE" not in os.environ


def test_programs_print_any_letter_in_a_latin_1_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.ISO-8859-1")
    monkeypatch.setenv("PYTHONUTF8", "0")

    run([sys.executable, "-c", "print('词 ü')"], cwd=tmp_path, env=program_variables(), log=tmp_path / "log")

    assert "词 ü" in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [".", "edge-worker", "processor", "reporter", "infrastructure"])
def test_commands_print_any_letter_whatever_the_user_s_python_is_told(folder: str) -> None:
    told = {"LC_ALL": "de_DE.ISO-8859-1", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1", "PYTHONHOME": "/nowhere"}
    print_it = f"probe: ; @{shlex.quote(sys.executable)} -c 'print(chr(0x8bcd))'"

    found = subprocess.run(
        ["make", "--silent", f"--eval={print_it}", "probe"],
        cwd=ROOT / folder,
        env={**os.environ, **told},
        capture_output=True,
        check=False,
    )

    assert found.stdout.decode() == "词\n", found.stderr


def test_a_folder_that_cannot_be_written_to_ends_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise PermissionError(13, "Permission denied", "/read-only")

    assert run_command(fail) == 1
    assert capsys.readouterr().err == "error: [Errno 13] Permission denied: '/read-only'\n"


def test_an_old_python_reads_the_set_up_far_enough_to_be_refused() -> None:
    source = (TOOLS / "stack" / "setup" / "bootstrap.py").read_text(encoding="utf-8")

    tree = ast.parse(source, feature_version=(3, 8))

    future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert [alias.name for node in future for alias in node.names] == ["annotations"]


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10"])
def test_an_old_python_is_refused_in_one_line(version: str, tmp_path: Path) -> None:
    script = (
        "import sys, runpy; sys.version_info = (*map(int, sys.argv[1].split('.')), 0); sys.argv = ['bootstrap.py'];"
        f"runpy.run_path({str(TOOLS / 'stack' / 'setup' / 'bootstrap.py')!r}, run_name='__main__')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, version],
        env={"PATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 1
    assert answer.stderr.startswith(f"setup: Python 3.11 or newer is needed, this is {version}.")
    assert answer.stderr.count("\n") == 1


def test_a_build_that_failed_is_not_waited_for() -> None:
    failed: Future[None] = Future()
    failed.set_exception(ProgramError("no network"))
    running: Future[None] = Future()

    with pytest.raises(ProgramError, match="no network"):
        raise_first([running, failed])


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_comes_again_does_not_interrupt_the_stopping(tmp_path: Path, ending: signal.Signals) -> None:
    script = f"""
import sys, time
from pathlib import Path
from stack.command import run_command
from stack.programs import program_variables, running

def command():
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    with running(sleeping, cwd=Path("."), env=program_variables(), log=Path({str(tmp_path / "log")!r})) as process:
        print(process.pid, flush=True)
        try:
            time.sleep(60)
        finally:
            time.sleep(0.3)

sys.exit(run_command(command))
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=TOOLS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        started = int(process.stdout.readline())
        # As where make hands the signal on.
        for _ in range(5):
            process.send_signal(ending)
            time.sleep(0.02)
        _, errors = process.communicate(timeout=60)

    assert (process.returncode, errors) == (130, "stopped\n")
    assert not psutil.pid_exists(started)
