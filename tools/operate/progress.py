"""What `make up` has done of what cannot be seen elsewhere."""

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Progress:
    """What is done already of what cannot be seen elsewhere, in a file."""

    file: Path
    done: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path) -> "Progress":
        """Read it; an unreadable file counts as none."""
        try:
            return cls(file, dict(json.loads(file.read_text(encoding="utf-8"))))
        except (OSError, ValueError):
            return cls(file)

    def note(self, name: str, value: str) -> None:
        """Remember that something is done."""
        self.done[name] = value
        self.file.parent.mkdir(parents=True, exist_ok=True)
        partial = self.file.with_name(f"{self.file.name}.partial")
        partial.write_text(json.dumps(self.done, indent=2) + "\n", encoding="utf-8")
        partial.replace(self.file)
