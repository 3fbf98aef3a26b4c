"""How fast a function empties its queue."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stack.programs import ProgramError
from stack.queue import Queue

_GRACE_SECONDS = 120
_EVERY_SECONDS = 0.05


@dataclass(frozen=True)
class Consumer:
    """A function and the queue it is fed from."""

    functions: Any
    """A boto3 client of Lambda."""
    mapping: str
    """The id of the event source mapping."""
    queue: Queue

    def empty(self, entries: Sequence[dict[str, Any]]) -> list[tuple[float, int]]:
        """Fill the queue, let the function empty it, and return what was left at which second.

        Raises:
            ProgramError: it does not become empty.
        """
        self._switch(enabled=False)
        self.queue.send(entries)
        self._switch(enabled=True)
        begun = time.perf_counter()
        seen: list[tuple[float, int]] = []
        while not seen or seen[-1][1]:
            time.sleep(_EVERY_SECONDS)
            depth = self.queue.depth()
            seen.append((round(time.perf_counter() - begun, 4), depth))
            if seen[-1][0] > _GRACE_SECONDS:
                raise ProgramError(f"{self.queue.url} still has {depth} messages")
        return seen

    def _switch(self, *, enabled: bool) -> None:
        self.functions.update_event_source_mapping(UUID=self.mapping, Enabled=enabled)
