"""Runs the Worker, with its variants, in workerd."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.load import Client
from stack.paths import EDGE_WORKER
from stack.programs import ProgramError, program_variables, running

VARIANTS = ("none", "fire_and_forget", "blocking")

_ENTRY = Path(__file__).parent / "variants" / "entry.py"


@dataclass(frozen=True)
class RunningWorker:
    """The Worker, serving each of its variants."""

    url: str
    process: psutil.Process

    def client(self, variant: str) -> Client:
        """Return who asks for one of `VARIANTS`."""
        return Client(self.url, {"variant": variant})

    def cpu_seconds(self) -> float:
        """Return the processor time that workerd has taken so far, in user and in system mode."""
        return cpu_ms(self.process) / 1000


def cpu_ms(process: psutil.Process) -> float:
    """Return the processor time that a process has taken so far: by its clock where it has one, which has no ticks."""
    with suppress(OSError):
        return time.clock_gettime((~process.pid << 3) | 2) * 1000  # CPUCLOCK_SCHED of clock_getcpuclockid(3)
    times = process.cpu_times()
    return float(times.user + times.system) * 1000


def assemble(directory: Path) -> None:
    """Put the Worker into `directory` as it is, with the benchmark's entry in the place of its own.

    Raises:
        ProgramError: its runtime is not installed.
    """
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for name in ("python_modules", "public"):
        (directory / name).symlink_to(EDGE_WORKER / name)
    if not (EDGE_WORKER / "runtime" / "node_modules").is_dir():
        raise ProgramError("workerd is not installed; `make setup` installs what the project needs")
    ignored = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(EDGE_WORKER / "runtime", directory / "runtime", ignore=ignored)
    (directory / "runtime" / "node_modules").symlink_to(EDGE_WORKER / "runtime" / "node_modules")
    shutil.copytree(EDGE_WORKER / "src", directory / "src", ignore=ignored)
    (directory / "src" / "entry.py").rename(directory / "src" / "production.py")
    shutil.copy(_ENTRY, directory / "src" / "entry.py")


@contextmanager
def worker(directory: Path, *, sink: str, log: Path) -> Iterator[RunningWorker]:
    """Run the Worker for the length of the `with` block.

    Args:
        directory: where the Worker was assembled.
        sink: host and port of what answers for SQS.
        log: the file that its output is added to.

    Raises:
        ProgramError: it does not start.
    """
    program = directory / "runtime" / "workerd.py"
    command: list[str | Path] = [sys.executable, program, "--aws", sink, "--no-assets"]
    with running(command, cwd=directory, env=program_variables(), log=log) as process:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise ProgramError(f"the Worker does not start; its log: {log}")
        [workerd] = psutil.Process(process.pid).children()
        yield RunningWorker(url, workerd)


@contextmanager
def plain_worker(sink: str, log: Path, *options: str | Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run production's Worker as it is for the length of the `with` block; give its URL and workerd's process.

    Raises:
        ProgramError: it does not start.
    """
    program = EDGE_WORKER / "runtime" / "workerd.py"
    command: list[str | Path] = [sys.executable, program, "--aws", sink, "--no-assets", *options]
    with running(command, cwd=EDGE_WORKER, env=program_variables(), log=log) as process:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise ProgramError(f"the Worker does not start; its log: {log}")
        [workerd] = psutil.Process(process.pid).children()
        yield url, workerd
