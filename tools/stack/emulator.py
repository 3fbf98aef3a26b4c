"""AWS on 127.0.0.1: MiniStack, in a process and an environment of its own."""

import json
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import boto3
import psutil
from botocore.config import Config

from stack.paths import EMULATOR
from stack.programs import ProgramError, free_port, leave_foreign_settings, program_variables, running, wait_until

ACCOUNT = "111122223333"
REGION = "eu-west-2"
_ATTEMPTS = 5


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    url: str
    log: Path

    @property
    def address(self) -> str:
        """Host and port."""
        return self.url.removeprefix("http://")

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables by which every AWS tool finds it, as the account's administrator."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, *, read_timeout_seconds: float = 60) -> Any:
        """Return a boto3 client of the account's administrator."""
        return self._session.client(
            service,
            endpoint_url=self.url,
            config=Config(read_timeout=read_timeout_seconds, retries={"total_max_attempts": 2}),
        )

    @cached_property
    def _session(self) -> Any:
        return boto3.session.Session(
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )

    def mails(self) -> list[dict[str, Any]]:
        """Return the e-mails that SES has taken, oldest first, with their parts."""
        with urllib.request.urlopen(f"{self.url}/_ministack/ses/messages", timeout=10) as response:  # noqa: S310 - the address is our own
            by_account: dict[str, list[dict[str, Any]]] = json.load(response)["messages"]
        return [mail for mails in by_account.values() for mail in mails]


@contextmanager
def emulator(directory: Path) -> Iterator[Emulator]:
    """Run an emulator for the length of the `with` block, with its state in `directory`.

    Policies are enforced (`AUTH=true`): whoever is not the administrator may do only what its policy says.

    Raises:
        ProgramError: it does not start.
    """
    leave_foreign_settings()
    for attempt in range(1, _ATTEMPTS + 1):
        port = free_port()
        try:
            with _on_port(port, directory) as started:
                yield started
                return
        except _PortTakenError:
            if attempt == _ATTEMPTS:
                raise


class _PortTakenError(ProgramError):
    pass


@contextmanager
def _on_port(port: int, directory: Path) -> Iterator[Emulator]:
    state = directory / "emulator"
    shutil.rmtree(state, ignore_errors=True)
    temporary = state / "tmp"
    temporary.mkdir(parents=True)
    log = directory / "logs" / "emulator.log"
    # The functions inherit this environment: it must hold nothing that Lambda would not give them.
    variables = program_variables(
        AUTH="true",
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        IOT_MTLS_ENABLED="0",
        LOG_LEVEL="INFO",
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_HOST="127.0.0.1",
        MINISTACK_REGION=REGION,
        S3_DATA_DIR=str(state / "s3"),
        STATE_DIR=str(state / "state"),
        TMPDIR=str(temporary),
    )
    program = EMULATOR / ".venv" / "bin" / "ministack"
    with running([program], cwd=state, env=variables, log=log) as process:
        _drain(process, log)
        found = Emulator(url=f"http://127.0.0.1:{port}", log=log)
        wait_until(lambda: _is_healthy(found, process), what=f"the emulator (its log: {log})", seconds=60)
        yield found
    shutil.rmtree(temporary, ignore_errors=True)


def _drain(process: subprocess.Popen[str], log: Path) -> None:
    """Keep reading what the emulator prints: it would stand still once the pipe is full."""

    def copy(source: IO[str]) -> None:
        with log.open("a", encoding="utf-8") as file:
            for line in source:
                file.write(line)

    if process.stdout:
        threading.Thread(target=copy, args=(process.stdout,), daemon=True).start()


def _is_healthy(emulator: Emulator, process: subprocess.Popen[str]) -> bool:
    if process.poll() is not None:
        raise _PortTakenError(f"the emulator stopped at once; its log: {emulator.log}")
    try:
        with urllib.request.urlopen(f"{emulator.url}/_ministack/health", timeout=2) as response:  # noqa: S310 - the address is our own
            # On a port that two emulators were given at the same moment, the other one may answer.
            return bool(response.status == 200) and _listens(process, emulator)  # noqa: PLR2004 - a status
    except (urllib.error.URLError, OSError):
        return False


def _listens(process: subprocess.Popen[str], emulator: Emulator) -> bool:
    """Whether it is this process, or one that it has started, that listens on the emulator's port."""
    port = int(emulator.address.rpartition(":")[2])
    try:
        own = psutil.Process(process.pid)
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for one in (own, *own.children(recursive=True))
            for connection in one.net_connections(kind="inet")
        )
    except psutil.AccessDenied:  # macOS does not tell
        return True
    except psutil.NoSuchProcess:
        return False
