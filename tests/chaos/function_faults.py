"""A function that dies: its process is killed in mid-batch, or stopped until Lambda ends it for taking too long."""

import os
import random
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SECONDS_BETWEEN = (10.0, 30.0)
_SHARE_OF_TIME_OUTS = 0.1


@contextmanager
def dying_function(directory: Path, function_name: str, chance: random.Random) -> Iterator[Counter[str]]:
    """Kill and stop the function's processes for the length of the `with` block; yields how often."""
    done = threading.Event()
    injected: Counter[str] = Counter()

    def work() -> None:
        while not done.wait(chance.uniform(*_SECONDS_BETWEEN)):
            name, number = (
                ("time-out", signal.SIGSTOP) if chance.random() < _SHARE_OF_TIME_OUTS else ("kill", signal.SIGKILL)
            )
            for process in processes(directory, function_name):
                with suppress(ProcessLookupError):
                    os.kill(process, number)
                    injected[name] += 1

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield injected
    finally:
        done.set()
        thread.join()


def processes(directory: Path, function_name: str) -> list[int]:
    """Return the ids of the processes in which the emulator of this directory runs the function."""
    listed = subprocess.run(["ps", "-axo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [
        int(line.split(maxsplit=1)[0])
        for line in listed.splitlines()
        if str(directory) in line and f"ministack-lambda-{function_name}-" in line
    ]
