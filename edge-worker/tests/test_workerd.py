"""workerd is stopped in any case, and what keeps it from starting is named; a program of ours stands in for it."""

import signal
import sys
from pathlib import Path

import pytest

import workerd

_LISTEN = """
control = next(word.partition("=")[2] for word in sys.argv if word.startswith("--control-fd="))
os.write(int(control), b'{"port": 1}\\n')
os.close(int(control))
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "workerd"
    monkeypatch.setattr(workerd, "_binary", lambda: program)
    return program


def write(program: Path, script: str) -> None:
    program.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{script}", encoding="utf-8")
    program.chmod(0o755)


def test_one_that_does_not_stop_when_asked_is_killed(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workerd, "STOP_SECONDS", 0.1)
    write(stand_in, f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{_LISTEN}\ntime.sleep(600)")

    with workerd.running("127.0.0.1:9") as (url, process):
        assert url == "http://127.0.0.1:1"

    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("sys.exit(1)", "^the Worker did not start: workerd ended with status 1; its log says why$"),
        ("os.kill(os.getpid(), signal.SIGILL)", r"^workerd \S+ does not run on \w+ \w+: it was ended by SIGILL$"),
    ],
)
def test_what_kept_the_worker_from_starting_is_said(stand_in: Path, script: str, message: str) -> None:
    write(stand_in, script)

    with pytest.raises(workerd.RuntimeMissingError, match=message), workerd.running("127.0.0.1:9"):
        pass


def test_a_program_that_cannot_be_run_here_is_named_with_the_machine(stand_in: Path) -> None:
    stand_in.write_bytes(b"\x7fELF of another processor")
    stand_in.chmod(0o755)

    with pytest.raises(workerd.RuntimeMissingError, match="does not run on"), workerd.running("127.0.0.1:9"):
        pass
