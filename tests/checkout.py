"""Copies of what git has of this repository, to work in without touching it."""

import shutil
import subprocess
from collections.abc import Collection
from pathlib import Path

from stack.paths import ROOT


def tracked(folder: str = ".") -> list[str]:
    """Return the paths of all files that a clone would have, as they are in this working folder."""
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.splitlines() if (ROOT / path).is_file()]


def copy(destination: Path, folder: str = ".", *, keep: Collection[str] = ()) -> Path:
    """Copy the repository, or one folder of it as its own root, and return the destination.

    Args:
        destination: emptied first.
        folder: what to copy.
        keep: names of what is not to be removed from an earlier copy.
    """
    for child in destination.iterdir() if destination.is_dir() else ():
        if child.name in keep:
            continue
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        else:
            child.unlink()
    for path in tracked(folder):
        target = destination / Path(path).relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target)
    return destination
