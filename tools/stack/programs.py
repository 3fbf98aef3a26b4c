"""Runs other programs: in a clean environment, with their output kept, and stopped when we stop."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from stack.interrupts import postponed
from stack.paths import PROGRAMS, VIRTUAL_ENVIRONMENT

_LAST_LINES = 40
_CAUSE_CHARACTERS = 300
_ERROR = re.compile(r"error\b.*:", re.IGNORECASE)
_GRACE_SECONDS = 10.0
RUNNING: set[subprocess.Popen[str]] = set()
"""What `run` waits for. Threads add and remove; each operation of a set is one step."""


class ProgramError(Exception):
    """A program failed. The message names it and shows the end of what it printed."""


def program_variables(**changes: str | None) -> dict[str, str]:
    """Our environment without credentials or settings of the user's own cloud, and with these changes.

    Args:
        **changes: variables to set, or, with None, to leave out.
    """
    foreign = ("AWS_", "TF_", "SAM_", "CLOUDFLARE_", "PYTHON", "VIRTUAL_ENV", "MAKE", "MFLAGS")
    result = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    result["UV_PYTHON_DOWNLOADS"] = "never"
    # In a locale such as Latin-1, Python's programs would fail at the first letter that it lacks.
    result["PYTHONUTF8"] = "1"
    result["NO_PROXY"] = result["no_proxy"] = this_machine_directly(result)
    result["PATH"] = os.pathsep.join(
        [str(PROGRAMS), str(VIRTUAL_ENVIRONMENT / "bin"), os.environ.get("PATH", os.defpath)]
    )
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def this_machine_directly(variables: Mapping[str, str]) -> str:
    """Return the value of NO_PROXY with which a proxy of the user's is not asked for what runs on this machine."""
    present = variables.get("NO_PROXY") or variables.get("no_proxy") or ""
    return ",".join([*filter(None, present.split(",")), "127.0.0.1", "localhost"])


def leave_foreign_settings() -> None:
    """Let the user's proxy and AWS profile not reach this process: it talks to an emulator on this machine."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = this_machine_directly(os.environ)
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        os.environ.pop(name, None)


def require_loopback() -> None:
    """Refuse a machine whose programs cannot reach each other: all of them would be waited for in vain.

    Raises:
        ProgramError: 127.0.0.1 does not answer.
    """
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            socket.create_connection(listener.getsockname(), timeout=2).close()
    except OSError as error:
        raise ProgramError(
            f"127.0.0.1 cannot be reached ({error.strerror or error}): turn the loopback interface on, "
            "for example by `ip link set lo up`"
        ) from None


def require_port(port: int) -> None:
    """Refuse a port that nobody could listen on now; 0 stands for any.

    Raises:
        ProgramError: it is taken, or not allowed.
    """
    try:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise ProgramError(f"PORT={port} cannot be used ({error.strerror}): choose another, or none") from None


@contextmanager
def exclusively(directory: Path) -> Iterator[None]:
    """Keep others out of a folder for the length of the `with` block.

    Raises:
        ProgramError: another process is in it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ProgramError(f"another stack runs in {directory}: stop it first, or use another clone") from None
        yield


def run(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], log: Path) -> str:
    """Run a program to its end and return what it printed.

    Args:
        command: the program and its arguments.
        cwd: the folder to run it in.
        env: its whole environment.
        log: the file that its output is added to.

    Raises:
        ProgramError: it could not be started or exited with a code other than 0.
    """
    words = [str(word) for word in command]
    with postponed() as resume:
        try:
            process = subprocess.Popen(
                words,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                # Ctrl-C reaches only us, and `stop_programs` stops it with all that it has started.
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ProgramError(f"{words[0]} is not installed; `make setup` installs what the project needs") from error
        RUNNING.add(process)
        try:
            resume()
            output, errors = process.communicate()
        except BaseException:
            _stop(process, _GRACE_SECONDS)
            raise
        finally:
            RUNNING.discard(process)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(words)}\n{output}{errors}\n")
    if process.returncode != 0:
        printed = (output + errors).strip().splitlines()
        raise ProgramError(
            f"`{' '.join(words[:3])}` failed with exit code {process.returncode}{_cause(printed)}. "
            f"All of its output is in {log}; the end of it:\n  " + "\n  ".join(printed[-_LAST_LINES:])
        )
    return output


def _cause(printed: Sequence[str]) -> str:
    """Return what the first line that names an error says: where only one line is shown, it should be this one."""
    # Terraform draws a frame around its errors.
    lines = (line.strip("│╷╵ ") for line in printed)
    first = next((line for line in lines if _ERROR.match(line)), "")
    return f" ({first[:_CAUSE_CHARACTERS].rstrip('.')})" if first else ""


def stop_programs() -> None:
    """Stop what `run` waits for in other threads."""
    for process in list(RUNNING):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    grace_seconds: float = _GRACE_SECONDS,
) -> Iterator[subprocess.Popen[str]]:
    """Keep a program running for the length of the `with` block.

    It gets a process group of its own, so that Ctrl-C reaches only us and we stop it in order: first by
    SIGTERM, and after `grace_seconds` by SIGKILL, both to the whole group. Its standard output is a
    pipe for the caller, its standard error goes to `log`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with postponed() as resume:
        with log.open("a", encoding="utf-8") as errors:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        try:
            resume()
            yield process
        finally:
            _stop(process, grace_seconds)
            if process.stdout:
                process.stdout.close()


def _stop(process: subprocess.Popen[str], grace_seconds: float) -> None:
    process.terminate()
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):  # nobody of the group may be left
        os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    """Return a port on 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(condition: Callable[[], bool], *, what: str, seconds: float, every: float = 0.1) -> None:
    """Ask until the condition holds.

    Raises:
        ProgramError: it does not within `seconds`; `what` says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ProgramError(f"{what}: not within {seconds:.0f} s")
        time.sleep(every)
