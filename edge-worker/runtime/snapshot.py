"""Saves a snapshot of Python's memory, from which Workers start with a third of the processor time.

The snapshot is of Pyodide and the SDK, without a line of ours: imported modules stay as they are in it. Workers start
without one, too. `python runtime/snapshot.py` makes it; `make setup` does that.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from configuration import COMPATIBILITY_DATE, COMPATIBILITY_FLAGS, worker_without_code

_SAVED = "snapshot.bin"  # workerd's own name for it
_SECONDS = 120


def options(bundle: Path) -> list[str]:
    """Return workerd's options to start from the snapshot that lies beside the bundle, if there is one."""
    if not (bundle / name()).is_file():
        return []
    return [f"--python-snapshot-dir={bundle}", f"--python-load-snapshot={name()}"]


def save(binary: Path, bundle: Path) -> bool:
    """Start a Worker without code, save its memory beside the bundle and return whether that worked."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "worker.capnp")
        file.write_text(worker_without_code(Path(folder)), encoding="utf-8")
        read_end, write_end = os.pipe()
        saving = [f"--python-snapshot-dir={folder}", "--python-save-baseline-snapshot", f"--control-fd={write_end}"]
        command = [
            str(binary),
            "serve",
            str(file),
            "--experimental",
            f"--pyodide-bundle-disk-cache-dir={bundle}",
            *saving,
        ]
        with os.fdopen(read_end) as control:
            try:
                process = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
            except OSError:
                return False
            finally:
                os.close(write_end)
            control.readline()  # it listens, or it has ended
        process.terminate()
        process.wait(_SECONDS)
        saved = Path(folder, _SAVED)
        if not saved.is_file():
            return False
        # Whole or not at all, whoever else makes one now.
        beside = bundle / f"{name()}.{os.getpid()}"
        beside.write_bytes(saved.read_bytes())
        beside.replace(bundle / name())
    return True


def name() -> str:
    """Return the name of the snapshot that belongs to these compatibility settings."""
    settings = " ".join([COMPATIBILITY_DATE, *COMPATIBILITY_FLAGS])
    return f"snapshot-{hashlib.sha256(settings.encode()).hexdigest()[:12]}.bin"


def main() -> None:
    """Make the snapshot where workerd runs; where it does not, starting a Worker says why."""
    modules = Path(__file__).resolve().parent / "node_modules"
    binary = next((modules / "@cloudflare").glob("workerd-*/bin/workerd*"), None)
    if binary is None or not save(binary, modules / ".bundle"):
        print("no snapshot was made: Workers start more slowly", file=sys.stderr)


if __name__ == "__main__":
    main()
