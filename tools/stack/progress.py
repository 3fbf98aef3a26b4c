"""Says what is going on, how long it has taken, and that it is still going on."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

HEARTBEAT_SECONDS = 15


class Progress:
    """Prints a line when a step begins, a line when it ends, and signs of life between."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self.seconds: dict[str, float] = {}
        """How long each finished step took."""

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        """Print one line with the time since the beginning."""
        with self._lock:
            print(f"[{self.elapsed:6.1f} s] {text}", file=self._stream, flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce a step, and time it. Steps may run side by side."""
        self.say(f"{name} ...")
        begun = time.monotonic()
        finished = threading.Event()
        heartbeat = threading.Thread(target=self._beat, args=(name, finished), daemon=True)
        heartbeat.start()
        try:
            yield
        except BaseException:
            self.say(f"{name}: failed after {time.monotonic() - begun:.1f} s")
            raise
        else:
            self.seconds[name] = round(time.monotonic() - begun, 1)
            self.say(f"{name}: {self.seconds[name]:.1f} s")
        finally:
            finished.set()
            heartbeat.join()

    def _beat(self, name: str, finished: threading.Event) -> None:
        while not finished.wait(HEARTBEAT_SECONDS):
            self.say(f"{name}: still running")
