"""Runs programs that must not be ended in the middle of what they do."""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from operate.environment import OperationError

_HEARTBEAT_SECONDS = 15


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
    try:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise OperationError(f"{command[0]} is not installed: run make setup") from None
    begun = time.monotonic()
    try:
        while True:
            try:
                output, errors = process.communicate(timeout=_HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                seconds = time.monotonic() - begun
                print(f"        still running after {seconds:.0f} s: {name}", flush=True)
    except KeyboardInterrupt:
        print(f"waiting for {name} to finish what it has begun ...", flush=True)
        process.send_signal(signal.SIGINT)
        process.communicate()
        raise
    return subprocess.CompletedProcess(list(command), process.returncode, output, errors)
