"""The raw samples of a run: a JSON file for each measurement. All figures are made from them and from nothing else."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Samples:
    """The folder of a run's samples."""

    directory: Path

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Keep the samples of one measurement."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / f"{name}.json").write_text(json.dumps(content) + "\n", encoding="utf-8")

    def read(self, name: str) -> dict[str, Any]:
        """Return the samples of one measurement.

        Raises:
            FileNotFoundError: it was not made.
        """
        content: dict[str, Any] = json.loads((self.directory / f"{name}.json").read_text(encoding="utf-8"))
        return content
