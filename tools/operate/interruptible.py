"""Runs programs that must not be ended in the middle of what they do."""

import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from operate.environment import UP_DIRECTORY, OperationError
from stack.interrupts import postponed

_HEARTBEAT_SECONDS = 15
_MOST_SECONDS = 180
"""For which a program left behind is waited for. Terraform's state has a lock of its own."""


def run_interruptibly(
    command: Sequence[str], directory: Path, variables: Mapping[str, str], *, name: str
) -> "subprocess.CompletedProcess[str]":
    """Run a program so that an interrupt lets it finish what it has begun; Terraform then writes its state.

    Args:
        command: the program and its arguments.
        directory: to run it in.
        variables: its whole environment.
        name: what it is called while it keeps running.

    Raises:
        OperationError: it is not installed.
    """
    # Files, not pipes: if we are killed, the program goes on without a reader, and writes its state and frees its lock.
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
    ):
        begun = time.monotonic()
        with _started(command, directory, variables, name=name, output=output, errors=errors) as process:
            while process.poll() is None:
                try:
                    process.wait(timeout=_HEARTBEAT_SECONDS)
                except subprocess.TimeoutExpired:
                    seconds = time.monotonic() - begun
                    print(f"        still running after {seconds:.0f} s: {name}", flush=True)
        return subprocess.CompletedProcess(list(command), process.returncode, _text(output), _text(errors))


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def run_visibly(command: Sequence[str], directory: Path, variables: Mapping[str, str]) -> int:
    """Run a program in the same way, with its output where ours goes, and return its exit code.

    Raises:
        OperationError: it is not installed.
    """
    with _started(command, directory, variables, name=" ".join(command[:2])) as process:
        return process.wait()


@contextmanager
def _started(
    command: Sequence[str],
    directory: Path,
    variables: Mapping[str, str],
    *,
    name: str,
    output: IO[str] | None = None,
    errors: IO[str] | None = None,
) -> Iterator["subprocess.Popen[str]"]:
    """Start a program, and if the `with` block is interrupted, tell the program once and wait for its end."""
    lock = _when_nothing_else_runs()
    # An interrupt between its start and the `try` would leave it running, untold.
    with postponed() as resume:
        try:
            process = subprocess.Popen(
                list(command),
                cwd=directory,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                text=True,
                # Of the terminal's Ctrl-C it gets what we hand on: Terraform gives up at a second one.
                start_new_session=True,
                pass_fds=[lock],
            )
        except FileNotFoundError:
            raise OperationError(f"{command[0]} is not installed: run make setup") from None
        finally:
            os.close(lock)
        try:
            resume()
            yield process
        except KeyboardInterrupt:
            print(f"waiting for {name} to finish what it has begun ...", flush=True)
            process.send_signal(signal.SIGINT)
            process.wait()
            raise


def _when_nothing_else_runs() -> int:
    """Wait for a program that a killed run has left behind; return a lock that is held until its last holder ends."""
    UP_DIRECTORY.mkdir(parents=True, exist_ok=True)
    lock = os.open(UP_DIRECTORY / "program.lock", os.O_RDWR | os.O_CREAT, 0o644)
    begun = time.monotonic()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            seconds = time.monotonic() - begun
            if seconds > _MOST_SECONDS:
                print("        it does not end: going on beside it", flush=True)
                return lock
            if int(seconds) % _HEARTBEAT_SECONDS == 0:
                print("        waiting for what a killed run has left behind to finish ...", flush=True)
            time.sleep(1)
        else:
            return lock
