"""Reads the labelled lines and compares them with what redaction makes of them."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

_MARKED = re.compile(r"⟦(\w+)\|([^⟧]*)⟧")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
_LABEL = re.compile(r"\[(?:email|phone|card|iban|ip|id|key|password)\]")


@dataclass(frozen=True)
class Line:
    """What was typed, and how it is to be recorded."""

    typed: str
    recorded: str


def labelled_lines() -> list[Line]:
    lines = Path(__file__).with_name("labelled.txt").read_text(encoding="utf-8").splitlines()
    return [_line(line) for line in lines if not line.startswith("# ")]


def _line(line: str) -> Line:
    whole = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), line)
    return Line(_MARKED.sub(r"\2", whole), _MARKED.sub(lambda m: f"[{m[1]}]" if m[1] != "nothing" else "", whole))


@dataclass
class Score:
    """Counts what is to be cut out and was (right), what was left (missed), and what was cut besides (wrong)."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    def add(self, line: Line, recorded: str) -> None:
        """Count a line; where all labels are right but not what they cover, one is missed and one wrong."""
        wanted, given = Counter(_LABEL.findall(line.recorded)), Counter(_LABEL.findall(recorded))
        right = (wanted & given).total()
        inexact = int(wanted == given and recorded != line.recorded)
        self.right += right - inexact
        self.missed += wanted.total() - right + inexact
        self.wrong += given.total() - right + inexact
