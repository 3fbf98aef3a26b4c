"""Asks the processor's own code whether it would accept a message, and which items it would store."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from operate.environment import ROOT, OperationError

_PROGRAM = Path(__file__).with_name("message_check.py")
_PROCESSOR = ROOT / "processor"


@dataclass(frozen=True)
class StoredItem:
    """An item that a message's event is stored in."""

    partition: str
    id: str
    origins: frozenset[str]


@dataclass(frozen=True)
class Verdict:
    """What this version of the processor makes of a message."""

    reason: str | None
    """Why it refuses it; None where it accepts it. Never quotes the message."""
    items: tuple[StoredItem, ...]


class ProcessorRules:
    """The processor's code, running."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def check(self, body: str) -> Verdict:
        """Return what becomes of a message.

        Raises:
            OperationError: the processor's code fails.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise OperationError("the processor's code was started without pipes")
        try:
            self._process.stdin.write(json.dumps(body) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise OperationError("the processor's code, which judges messages, failed; what it said is above")
        answer = json.loads(line)
        items = [StoredItem(item["partition"], item["id"], frozenset(item["origins"])) for item in answer["items"]]
        return Verdict(answer["reason"], tuple(items))


@contextmanager
def processor_rules() -> Iterator[ProcessorRules]:
    """Run the processor's code for the length of the `with` block."""
    folders = os.pathsep.join([str(_PROCESSOR / "src"), str(_PROCESSOR)])
    with subprocess.Popen(
        [sys.executable, _PROGRAM],
        env={**os.environ, "PYTHONPATH": folders, "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        # Ctrl-C reaches only us; it ends when its input does.
        start_new_session=True,
    ) as process:
        try:
            yield ProcessorRules(process)
        finally:
            if process.stdin:
                process.stdin.close()
